import Foundation
import HTTPTestClient
import Synchronization

/// A program that was built with this test bundle.
func program(_ name: String) throws -> URL {
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(fileURLWithPath: bundle).deletingLastPathComponent().appending(path: name)
}

/// Whether a process blocks, ignores or catches a signal.
func handles(_ number: Int32, _ pid: pid_t) -> Bool {
    let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
    return status.split(separator: "\n").contains { line in
        guard ["SigBlk:", "SigIgn:", "SigCgt:"].contains(where: line.hasPrefix) else {
            return false
        }
        let bits = UInt64(line.suffix(16), radix: 16) ?? 0
        return bits >> (number - 1) & 1 == 1
    }
}

/// A directory that lasts as long as the object.
final class TestDirectory: Sendable {
    let path = NSTemporaryDirectory() + "elman-\(UUID().uuidString)"

    init() throws {
        for part in ["", "/models"] {
            try FileManager.default.createDirectory(
                atPath: path + part,
                withIntermediateDirectories: true
            )
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a shell script that can stand in for the trainer.
    func script(_ lines: String) throws -> String {
        let file = path + "/script-\(UUID().uuidString)"
        try Data("#!/bin/sh\n\(lines)\n".utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        return file
    }
}

/// A running `server`; it is killed when the object goes, if it has not ended before.
final class TestServer: Sendable {
    let directory: TestDirectory
    // `Process` is not Sendable; only one thread of a test has it.
    private let process: Mutex<Process>
    let pid: pid_t
    /// A file, because a pipe's end comes only when nobody has inherited its other side.
    private let logFile: String

    /// Starts a server on free ports and waits for it to listen and to load its models, or to end.
    ///
    /// - Parameters:
    ///   - directory: models and state.
    ///   - arguments: further options; they come last and so win.
    ///   - environment: further variables.
    ///   - awaitsStart: whether to wait.
    ///   - launcher: a program that becomes the server, if not the system alone is to start it.
    /// - Throws: if it cannot be started.
    init(
        _ directory: TestDirectory,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        awaitsStart: Bool = true,
        launcher: String? = nil
    ) throws {
        self.directory = directory
        let process = Process()
        let server = try program("server")
        process.executableURL = launcher.map { URL(fileURLWithPath: $0) } ?? server
        process.arguments =
            (launcher == nil ? [] : [server.path]) + [
                "--port", "0", "--admin-port", "0", "--models", directory.path + "/models",
                "--state", directory.path + "/state", "--drain-delay", "0", "--log-format", "json",
            ] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = FileHandle.nullDevice
        logFile = directory.path + "/log-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: logFile, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: logFile)
        try process.run()
        pid = process.processIdentifier
        self.process = Mutex(process)
        guard awaitsStart else { return }
        // A loaded machine in debug mode; far more than it needs.
        try wait("start") {
            let isReady = self.event("listening") != nil && self.event("models_loaded") != nil
            return isReady || !self.isRunning
        }
    }

    deinit {
        if isRunning { kill(pid, SIGKILL) }
        process.withLock { $0.waitUntilExit() }
    }

    var isRunning: Bool { process.withLock { $0.isRunning } }

    /// The lines that were logged so far.
    var lines: [String] {
        let text = (try? String(contentsOfFile: logFile, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// The events that were logged so far.
    var log: [[String: String]] {
        lines.map { line in
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8))
            let event = (object as? [String: Any])?.mapValues { "\($0)" }
            return event ?? ["event": String(line)]
        }
    }

    /// The last event of a name.
    func event(_ name: String) -> [String: String]? { log.last { $0["event"] == name } }

    var port: UInt16 { event("listening")?["port"].flatMap(UInt16.init) ?? 0 }
    var adminPort: UInt16 { event("listening")?["admin_port"].flatMap(UInt16.init) ?? 0 }

    /// Waits for the end.
    ///
    /// - Returns: the exit status, negative for a signal.
    func exitStatus() throws -> Int32 {
        try wait("end") { !self.isRunning }
        return process.withLock {
            $0.terminationReason == .exit ? $0.terminationStatus : -$0.terminationStatus
        }
    }

    /// Sends a signal and waits for the end.
    func stop(_ signal: Int32 = SIGTERM) throws -> Int32 {
        kill(pid, signal)
        return try exitStatus()
    }

    /// Sends a request on a connection of its own.
    func send(
        _ method: String,
        _ target: String,
        _ body: String? = nil,
        headers: String = "",
        port: UInt16? = nil
    ) throws -> TestResponse {
        let connection = try TestConnection(port: port ?? self.port)
        let content =
            body.map { "Content-Type: application/json\r\nContent-Length: \($0.utf8.count)\r\n" }
        return try connection.exchange(
            "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n\(content ?? "")\(headers)\r\n"
                + (body ?? ""),
            timeout: .seconds(60)
        )
    }

    /// Posts a job and returns its id.
    func train(_ body: String) throws -> String {
        let answer = try send("POST", "/train", body)
        guard answer.status == 202, let id = answer.object["id"] as? String else {
            throw TestServerError.unexpected("\(answer)")
        }
        return id
    }

    /// Asks for a job until it is as wanted.
    func job(_ id: String, until isWanted: ([String: Any]) -> Bool) throws -> [String: Any] {
        var last: [String: Any] = [:]
        try wait("job \(id)") {
            last = (try? self.send("GET", "/train/\(id)").object) ?? [:]
            return isWanted(last)
        }
        return last
    }
}

enum TestServerError: Error {
    case overdue(String)
    case unexpected(String)
}

/// Waits up to a minute.
func wait(_ what: String, until isReached: () throws -> Bool) throws {
    let end = ContinuousClock.now + .seconds(60)
    while try !isReached() {
        guard ContinuousClock.now < end else { throw TestServerError.overdue(what) }
        usleep(5000)
    }
}

extension TestResponse {
    /// The content as an object; empty if it is none.
    var object: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
    }
}

/// Rows that a network learns at once, as the body of `POST /train`.
func trainBody(
    _ model: String,
    rows: Int = 8,
    epochs: Int,
    promote: String? = nil
) -> String {
    let examples = (0..<rows).map { row in
        row % 2 == 0
            ? #"{"text":"what a fine and sunny day \#(row)","label":"glad"}"#
            : #"{"text":"nothing works and it rains \#(row)","label":"grumpy"}"#
    }
    let promotion = promote.map { #""promote":"\#($0)","# } ?? ""
    return #"{"model":"\#(model)","examples":[\#(examples.joined(separator: ","))],\#(promotion)"#
        + #""options":{"recipe":"article","epochs":\#(epochs)}}"#
}
