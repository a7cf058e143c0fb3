import Foundation
import HTTPTestClient
import Synchronization
import Testing

/// What docs/moving.md promises of a backup, with the real programs.
@Suite struct BackupProgramTests {
    /// Runs `server backup` and returns its status and what it said.
    private func backUp(_ arguments: [String]) throws -> (status: Int32, said: String) {
        let process = Process()
        process.executableURL = try program("server")
        process.arguments = ["backup"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }

    @Test("backups under load: each restores to a server that has what was acknowledged before it")
    func underLoad() throws {
        let directory = try TestDirectory()
        let server = try TestServer(directory)
        let first = try server.send(
            "POST",
            "/train",
            trainBody("mood", epochs: 500),
            headers: "Prefer: wait=50\r\n"
        )
        #expect(first.object["state"] as? String == "succeeded", "\(first)")
        let load = Load(server)
        defer { _ = load.end() }
        let file = directory.path + "/elman.backup"
        for round in 0..<3 {
            let count = load.acknowledged
            try wait("rows") { load.acknowledged > count + 3 }
            let before = load.acknowledged
            let arguments = [file, "--state", directory.path + "/state", "--replace"]
            let result = try backUp(arguments)
            let after = load.begun
            #expect(result.status == 0, "\(result.said)")
            #expect(result.said.hasPrefix("\(file): "))

            let copy = try TestDirectory()
            let state = copy.path + "/state"
            try FileManager.default.createDirectory(
                atPath: state,
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700]
            )
            try FileManager.default.copyItem(atPath: file, toPath: state + "/elman.sqlite")
            let restored = try TestServer(copy)
            #expect(try restored.send("GET", "/readyz").object["status"] as? String == "ready")
            let classify = #"{"text":"what a fine and sunny day 0","model":"mood"}"#
            let answers = try [server, restored].map {
                try $0.send("POST", "/classify", classify).object["label"] as? String
            }
            #expect(answers == ["glad", "glad"])
            let tags = try [server, restored].map {
                try $0.send("HEAD", "/models/mood/versions/1/checkpoint").header("ETag")
            }
            #expect(tags[0] != nil && tags[0] == tags[1])
            let page = try restored.send("GET", "/models/notes/examples?limit=1").object
            let total = try #require(page["total"] as? Int)
            #expect((before...after).contains(total), "round \(round)")
            // Jobs that waited or ran are there and go on.
            let id = load.lastJob
            if round == 2, let id, try restored.send("GET", "/train/\(id)").status == 200 {
                let job = try restored.job(id) { $0["finished_at"] is String }
                #expect(job["state"] as? String == "succeeded")
            }
            #expect(try restored.stop() == 0)
        }
        #expect(load.end() == [])
        #expect(try server.stop() == 0)
    }

    @Test("a file that exists stays, with a sentence and a status for scripts")
    func statuses() throws {
        let directory = try TestDirectory()
        let state = directory.path + "/state"
        let file = directory.path + "/elman.backup"
        let none = try backUp([file, "--state", state])
        #expect(none.status == 66 && none.said.contains("There is no store in"), "\(none)")
        let server = try TestServer(directory)
        #expect(try server.stop() == 0)
        #expect(try backUp([file, "--state", state]).status == 0)
        let again = try backUp([file, "--state", state])
        #expect(again.status == 73 && again.said.contains("--replace"), "\(again)")
        #expect(try backUp([file, "--state", state, "--replace"]).status == 0)
        #expect(try backUp(["--state", state]).status == 64)
    }
}

/// A client that posts rows and trainings until it is told to end.
private final class Load: Sendable {
    private struct Counts {
        var begun = 0
        var acknowledged = 0
        var lastJob: String?
        var isEnding = false
        var failures: [String] = []
    }

    private let counts = Mutex(Counts())
    private let hasEnded = DispatchSemaphore(value: 0)

    init(_ server: TestServer) {
        Thread { [self] in
            while !counts.withLock({ $0.isEnding }) { post(to: server) }
            hasEnded.signal()
        }.start()
    }

    /// Rows whose answer may have come.
    var begun: Int { counts.withLock { $0.begun } }
    /// Rows whose answer has come.
    var acknowledged: Int { counts.withLock { $0.acknowledged } }
    var lastJob: String? { counts.withLock { $0.lastJob } }

    /// Ends the load.
    ///
    /// - Returns: what was refused.
    func end() -> [String] {
        counts.withLock { $0.isEnding = true }
        hasEnded.wait()
        hasEnded.signal()
        return counts.withLock { $0.failures }
    }

    private func post(to server: TestServer) {
        let row = counts.withLock { counts in
            counts.begun += 1
            return counts.begun
        }
        do {
            let body = #"{"examples":[{"text":"note number \#(row)","label":"l\#(row % 2)"}]}"#
            let answer = try server.send("POST", "/models/notes/examples", body)
            counts.withLock { counts in
                if answer.status == 200 {
                    counts.acknowledged += 1
                } else {
                    counts.failures.append("\(answer)")
                }
            }
            guard row % 5 == 0 else { return }
            let training = try server.send("POST", "/train", trainBody("other\(row)", epochs: 20))
            counts.withLock { counts in
                if training.status == 202 {
                    counts.lastJob = training.object["id"] as? String
                } else if training.status != 429 {
                    counts.failures.append("\(training)")
                }
            }
        } catch { counts.withLock { $0.failures.append("\(error)") } }
    }
}
