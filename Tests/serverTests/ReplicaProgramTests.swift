import Foundation
import HTTPTestClient
import Synchronization
import TestStores
import Testing

/// Servers without trainers and workers on their own, which share one PostgreSQL database.
@Suite(.serialized) struct ReplicaProgramTests {
    /// A `trainer work` of its own, gone with the object.
    private final class WorkerProgram: Sendable {
        let pid: pid_t
        private let process: Mutex<Process>
        private let file: String

        init(_ directory: TestDirectory, _ store: String, _ arguments: [String] = []) throws {
            let process = Process()
            process.executableURL = try program("trainer")
            process.arguments = ["work", "--poll", "0.1", "--threads", "1"] + arguments
            process.environment = ProcessInfo.processInfo.environment
                .merging(["ELMAN_STORE": store]) { $1 }
            file = directory.path + "/worker-\(UUID().uuidString)"
            _ = FileManager.default.createFile(atPath: file, contents: nil)
            process.standardError = FileHandle(forWritingAtPath: file)
            process.standardInput = FileHandle.nullDevice
            process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
            try process.run()
            pid = process.processIdentifier
            self.process = Mutex(process)
        }

        deinit { end(SIGKILL) }

        var messages: String { (try? String(contentsOfFile: file, encoding: .utf8)) ?? "" }

        @discardableResult
        func end(_ signal: Int32 = SIGTERM) -> Int32 {
            kill(pid, signal)
            return process.withLock {
                $0.waitUntilExit()
                return $0.terminationStatus
            }
        }
    }

    private let directory: TestDirectory

    init() throws { directory = try TestDirectory() }

    /// A schema of its own in the shared server.
    private func makeStore() throws -> String {
        let schema = "s" + UUID().uuidString.filter { $0 != "-" }.lowercased()
        let cluster = try PostgreSQLCluster.shared()
        try run("psql", "-q", cluster.uri(schema: schema), "-c", "CREATE SCHEMA \(schema)")
        return cluster.uri(schema: schema)
    }

    private func serve(_ store: String, _ arguments: [String] = []) throws -> TestServer {
        try TestServer(
            TestDirectory(),
            ["--trainer", "off"] + arguments,
            environment: ["ELMAN_STORE": store]
        )
    }

    private func workers(_ server: TestServer) throws -> [[String: Any]] {
        let answer = try server.send("GET", "/workers")
        return try #require(answer.object["workers"] as? [[String: Any]], "\(answer)")
    }

    private func state(_ server: TestServer, _ id: String) throws -> String? {
        try server.send("GET", "/train/\(id)").object["state"] as? String
    }

    /// Rows that are examined for seconds.
    private static let manyRows: String = {
        let examples = (0..<20_000).map { row in
            let words = (0..<12).map { "w\((row * 7919 + $0 * 104_729) % 20_011)" }
            return #"{"text":"\#(words.joined(separator: " ")) \#(row)","label":"l\#(row % 50)"}"#
        }
        return #"{"model":"many","examples":[\#(examples.joined(separator: ","))]}"#
    }()

    @Test("a job is posted, followed, waited for and seen at any server, and any worker trains it")
    func anywhere() throws {
        let store = try makeStore()
        let servers = [try serve(store), try serve(store)]
        let trainers = try ["a", "b"].map {
            try WorkerProgram(directory, store, ["--worker-id", "w-\($0)"])
        }
        try wait("the workers") { try workers(servers[1]).count == 2 }
        let listed = try workers(servers[0])
        #expect(Set(listed.compactMap { $0["name"] as? String }) == ["w-a", "w-b"])
        #expect(Set(listed.compactMap { $0["pid"] as? Int }) == Set(trainers.map { Int($0.pid) }))
        let id = try servers[0].train(trainBody("mood", epochs: 2000))
        let follower = try TestConnection(port: servers[1].port)
        try follower.send("GET /train/\(id)/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let events = try follower.read(until: "event: end", timeout: .seconds(60))
        #expect(events.contains(#""state":"running""#) && events.contains(#""epoch":"#))
        let answer = try servers[1].send(
            "POST",
            "/train",
            trainBody("desk", epochs: 20),
            headers: "Prefer: wait=50\r\n"
        )
        #expect(answer.status == 200 && answer.object["state"] as? String == "succeeded")
        for server in servers {
            for model in ["mood", "desk"] {
                let body = #"{"model":"\#(model)","text":"what a sunny day"}"#
                try wait(model) { try server.send("POST", "/classify", body).status == 200 }
            }
        }
        for trainer in trainers { #expect(trainer.end() == 0) }
        #expect(try workers(servers[0]).isEmpty)
        for server in servers { #expect(try server.stop() == 0) }
    }

    @Test("DELETE at another server stops a worker within two seconds, while it examines rows too")
    func cancel() throws {
        let store = try makeStore()
        let servers = [try serve(store), try serve(store)]
        let trainer = try WorkerProgram(directory, store)
        let id = try servers[0].train(Self.manyRows)
        try wait("the worker") {
            try servers[1].send("GET", "/train/\(id)").object["stage"] as? String == "examining"
        }
        let taken = try ContinuousClock().measure {
            #expect(try servers[1].send("DELETE", "/train/\(id)").status == 202)
            try wait("the end") { try state(servers[0], id) == "cancelled" }
        }
        #expect(taken < .seconds(2))
        let next = try servers[1].train(trainBody("mood", epochs: 5))
        try wait("the next job") { try state(servers[0], next) == "succeeded" }
        #expect(trainer.end() == 0)
    }

    @Test(
        "a job that is given back is another's at once, and that of a killed one after its lease"
    )
    func handedOn() throws {
        let store = try makeStore()
        let server = try serve(store)
        let first = try WorkerProgram(directory, store, ["--worker-id", "w-1", "--lease", "3"])
        let id = try server.train(trainBody("mood", epochs: 100_000))
        func job() throws -> [String: Any] { try server.send("GET", "/train/\(id)").object }
        try wait("the first worker") { try job()["progress"] is [String: Any] }
        let second = try WorkerProgram(directory, store, ["--worker-id", "w-2", "--lease", "3"])
        try wait("the second worker") { try workers(server).count == 2 }
        let given = try ContinuousClock().measure {
            #expect(first.end() == 0)
            try wait("the job at the second") {
                try workers(server).first { $0["name"] as? String == "w-2" }?["job"] is String
            }
        }
        #expect(given < .seconds(2))
        #expect(try job()["attempts"] as? Int == 1)
        try wait("progress") { try job()["progress"] is [String: Any] }
        _ = second.end(SIGKILL)
        let third = try WorkerProgram(directory, store, ["--worker-id", "w-3"])
        let taken = try ContinuousClock().measure {
            try wait("the job at the third") {
                try workers(server).first { $0["name"] as? String == "w-3" }?["job"] is String
            }
        }
        #expect(taken < .seconds(3 + 5))
        #expect(try job()["attempts"] as? Int == 2)
        #expect(third.end() == 0)
    }

    @Test("a prediction_id of one server is good at another, with the store")
    func predictions() throws {
        let store = try makeStore()
        let options = ["--remember", "100", "--remember-in", "store"]
        let servers = [try serve(store, options), try serve(store, options)]
        let trainer = try WorkerProgram(directory, store)
        _ = try servers[0].send(
            "POST",
            "/train",
            trainBody("mood", epochs: 20),
            headers: "Prefer: wait=50\r\n"
        )
        for (one, other) in [(0, 1), (1, 0)] {
            let body = #"{"model":"mood","text":"it is \#(one) o'clock"}"#
            try wait("the model") { try servers[one].send("POST", "/classify", body).status == 200 }
            let answer = try servers[one].send("POST", "/classify", body)
            let id = try #require(answer.object["prediction_id"] as? String)
            let correction = #"{"prediction_id":"\#(id)","label":"glad"}"#
            let done = try servers[other].send("POST", "/feedback", correction)
            #expect(done.status == 200, "\(done)")
            let list = try servers[other].send("GET", "/predictions").object["predictions"]
            let listed = (list as? [[String: Any]] ?? []).compactMap {
                $0["prediction_id"] as? String
            }
            #expect(!listed.contains(id))
        }
        #expect(trainer.end() == 0)
    }

    @Test("a database that restarts costs a training nothing; one that is away for a lease ends it")
    func outage() throws {
        let cluster = try PostgreSQLCluster()
        let store = cluster.uri(schema: "public", overLoopback: true)
        let server = try serve(store)
        let trainer = try WorkerProgram(directory, store, ["--lease", "6"])
        let id = try server.train(trainBody("mood", epochs: 100_000))
        func job() throws -> [String: Any] { try server.send("GET", "/train/\(id)").object }
        func epoch() throws -> Int {
            (try job()["progress"] as? [String: Any])?["epoch"] as? Int ?? 0
        }
        try wait("progress") { try epoch() > 0 }
        try cluster.control(["restart", "-m", "immediate"])
        let before = try epoch()
        try wait("more epochs") { try epoch() > before }
        #expect(try job()["attempts"] as? Int == 1)

        try cluster.control(["stop", "-m", "immediate"])
        try wait("the end of the training") { trainer.messages.contains("does not answer") }
        #expect(try server.send("GET", "/livez").status == 200)
        try cluster.control(["start"])
        try wait("the store") { trainer.messages.contains("the store answers again") }
        try wait("the training again") { try state(server, id) == "running" && epoch() > 0 }
        // Neither the worker nor a watcher holds the outage against the job.
        let again = try job()
        #expect(again["attempts"] as? Int == 1, "\(again)\n\(trainer.messages)")
        #expect(try server.send("DELETE", "/train/\(id)").status == 202)
        let next = try server.train(trainBody("desk", epochs: 5))
        try wait("the next job") { try state(server, next) == "succeeded" }
        #expect(trainer.end() == 0)
    }
}
