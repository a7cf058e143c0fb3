import Foundation
import HTTPTestClient
import Testing

/// A server whose standard error is a pipe that the test reads until the start is over.
private final class PipedServer {
    private let process = Process()
    private let pipe = Pipe()
    let directory: TestDirectory
    private(set) var port: UInt16 = 0
    private(set) var adminPort: UInt16 = 0
    private var log: [UInt8] = []

    init(_ arguments: [String] = []) throws {
        directory = try TestDirectory()
        process.executableURL = try program("server")
        process.arguments =
            [
                "--port", "0", "--admin-port", "0", "--models", directory.path + "/models",
                "--state", directory.path + "/state", "--drain-delay", "0", "--log-format", "json",
            ] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = pipe
        try process.run()
        _ = fcntl(pipe.fileHandleForReading.fileDescriptor, F_SETFL, O_NONBLOCK)
        try wait("the start") {
            read()
            return events("models_loaded").count == 1 && events("listening").count == 1
        }
        let listening = events("listening")[0]
        port = listening["port"].flatMap(UInt16.init) ?? 0
        adminPort = listening["admin_port"].flatMap(UInt16.init) ?? 0
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Takes out of the pipe what is there.
    func read() {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(pipe.fileHandleForReading.fileDescriptor, &bytes, bytes.count)
            guard count > 0 else { return }
            log += bytes.prefix(count)
        }
    }

    /// Closes the reading end.
    func leave() { try? pipe.fileHandleForReading.close() }

    func events(_ name: String) -> [[String: String]] {
        log.split(separator: 0x0A).compactMap {
            let object = try? JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]
            let event = object?.mapValues { "\($0)" }
            return event?["event"] == name ? event : nil
        }
    }

    func get(_ target: String, port: UInt16) throws -> TestResponse {
        try TestConnection(port: port).exchange(
            "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
    }

    func metric(_ name: String) throws -> Int {
        let lines = try get("/metrics", port: adminPort).text.split(separator: "\n")
        let line = lines.first { $0.hasPrefix(name + " ") }
        return line.flatMap { Int($0.dropFirst(name.count + 1)) } ?? -1
    }

    /// Sends a signal; the seconds until the end, and the status.
    func stop(_ signal: Int32) throws -> (seconds: Double, status: Int32) {
        let start = ContinuousClock.now
        kill(process.processIdentifier, signal)
        try wait("the end") { !process.isRunning }
        return ((ContinuousClock.now - start) / .seconds(1), process.terminationStatus)
    }
}

@Suite struct LogProgramTests {
    private static func classify(_ connection: TestConnection, _ body: String) throws -> Int {
        try connection.exchange(
            "POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        ).status
    }

    @Test(
        "with a log that nobody reads, requests, jobs, probes and SIGTERM are served",
        .timeLimit(.minutes(2))
    )
    func nobodyReads() throws {
        let server = try PipedServer(["--access-log"])
        let connections = try (0..<8).map { _ in try TestConnection(port: server.port) }
        // Far more than a pipe (64 KiB) and the queue (4,096 lines) hold.
        for number in 0..<8000 {
            #expect(try Self.classify(connections[number % 8], "{") == 400)
        }
        #expect(try server.get("/livez", port: server.port).status == 200)
        #expect(try server.metric("elman_log_dropped_total") > 1000)
        let body = trainBody("m", epochs: 5)
        let job = try connections[0].exchange(
            "POST /train HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Prefer: wait=50\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
            timeout: .seconds(60)
        )
        #expect(job.object["state"] as? String == "succeeded", "\(job)")
        let end = try server.stop(SIGTERM)
        #expect(end.status == 0)
        #expect(end.seconds < 15)
    }

    @Test("when the log is read again, one line says how many were dropped")
    func readAgain() throws {
        let server = try PipedServer(["--access-log"])
        let connection = try TestConnection(port: server.port)
        for _ in 0..<6000 { #expect(try Self.classify(connection, "{") == 400) }
        let dropped = try server.metric("elman_log_dropped_total")
        #expect(dropped > 0)
        try wait("the line") {
            server.read()
            return !server.events("log_dropped").isEmpty
        }
        #expect(server.events("log_dropped").map { $0["lines"] } == ["\(dropped)"])
        #expect(server.events("request").count == 6000 - dropped)
        // The lines of the end are written before the program is gone.
        let end = try server.stop(SIGINT)
        server.read()
        #expect(end.status == 0)
        #expect(server.events("stopped").count == 1)
    }

    @Test("the line of a request tells its client, and numbers are JSON numbers")
    func accessLines() throws {
        let server = try TestServer(try TestDirectory(), ["--access-log"])
        #expect(try server.send("GET", "/models/%1B%5B31m").status == 404)
        let connection = try TestConnection(port: server.port)
        #expect(try connection.exchange("GET / HTTP/1.1\r\nHost: a b\r\n\r\n").status == 400)
        try wait("the lines") { server.log.count { $0["event"] == "request" } == 2 }
        #expect(try server.stop() == 0)
        let lines = server.lines.filter { $0.contains(#""event":"request""#) }
        #expect(lines[0].contains(#""status":404"#) && lines[0].contains(#""bytes_in":0"#))
        #expect(lines[0].contains(#""model":"\u001b[31m""#), "\(lines[0])")
        #expect(lines[1].contains(#""status":400"#) && lines[1].contains(#""route":"none""#))
        #expect(lines.allSatisfy { $0.contains(#""client":"127.0.0.1""#) }, "\(lines)")
    }

    @Test("a log whose reader has gone stops nothing")
    func readerGone() throws {
        let server = try PipedServer(["--access-log"])
        server.leave()
        let connection = try TestConnection(port: server.port)
        for _ in 0..<500 { #expect(try Self.classify(connection, "{") == 400) }
        #expect(try server.metric("elman_log_dropped_total") > 0)
        #expect(try server.stop(SIGTERM).status == 0)
    }
}
