import Foundation
import HTTPTestClient
import SQLiteStore
import Testing

/// Trainers that hang, are killed or get no memory, and several of them at once.
@Suite struct TrainerFaultTests {
    /// Posts a job that takes for ever, and waits until it is trained.
    private func endlessJob(_ model: String, on server: TestServer) throws -> String {
        let id = try server.train(trainBody(model, rows: 100, epochs: 100_000))
        _ = try server.job(id) { ($0["progress"] as? [String: Any])?["epoch"] is Int }
        return id
    }

    private func trainers(_ server: TestServer) -> [pid_t] {
        server.log.filter { $0["event"] == "trainer_started" }
            .compactMap { $0["pid"].flatMap(pid_t.init) }
    }

    @Test("a trainer that hangs is ended when its job is cancelled, while the store is locked")
    func cancelsWhileLocked() throws {
        let server = try TestServer(try TestDirectory())
        let id = try endlessJob("a", on: server)
        let pid = try #require(trainers(server).first)
        kill(pid, SIGSTOP)
        let path = server.directory.path + "/state/elman.sqlite"
        let other = try SQLConnection(path: path, purpose: .readWrite)
        try other.execute("BEGIN IMMEDIATE")
        let answer = try server.send("DELETE", "/train/\(id)")
        #expect(answer.status == 503 && answer.object["code"] as? String == "store_unavailable")
        try wait("the trainer's end") { kill(pid, 0) != 0 }
        try other.execute("COMMIT")
        let job = try server.job(id) { $0["finished_at"] is String }
        #expect(job["state"] as? String == "cancelled")
        let next = try server.train(trainBody("a", epochs: 5))
        #expect(
            try server.job(next) { $0["finished_at"] is String }["state"] as? String == "succeeded"
        )
        #expect(try server.stop() == 0)
    }

    @Test("a trainer that hangs is told of and ended with its lease, and another one finishes")
    func leaseEnds() throws {
        let server = try TestServer(try TestDirectory())
        let id = try server.train(trainBody("a", epochs: 20_000))
        _ = try server.job(id) { ($0["progress"] as? [String: Any])?["epoch"] is Int }
        let pid = try #require(trainers(server).first)
        kill(pid, SIGSTOP)
        var told: [String] = []
        // The lease is a minute.
        for _ in 0..<1200 where kill(pid, 0) == 0 {
            let ready = try server.send("GET", "/readyz", port: server.adminPort).object
            told += (ready["problems"] as? [[String: Any]] ?? []).compactMap {
                $0["detail"] as? String
            }
            usleep(100_000)
        }
        #expect(kill(pid, 0) != 0)
        #expect(told.contains { $0.hasPrefix("a trainer (process \(pid)) has not reported for") })
        let job = try server.job(id) { $0["finished_at"] is String }
        #expect(job["state"] as? String == "succeeded" && job["attempts"] as? Int == 2)
        #expect(server.event("trainer_killed")?["reason"]?.contains("had not reported") == true)
        try wait("readiness") {
            let ready = try server.send("GET", "/readyz", port: server.adminPort).object
            return (ready["problems"] as? [Any])?.isEmpty == true
        }
        #expect(try server.stop() == 0)
    }

    @Test("two trainers train jobs of two models at once; a long job holds up its model alone")
    func twoTrainers() throws {
        let server = try TestServer(try TestDirectory(), ["--trainers", "2"])
        let long = try endlessJob("a", on: server)
        let second = try server.train(trainBody("a", epochs: 5))
        for model in ["b", "c"] {
            let id = try server.train(trainBody(model, epochs: 5))
            let job = try server.job(id) { $0["finished_at"] is String }
            #expect(job["state"] as? String == "succeeded")
        }
        #expect(try server.send("GET", "/train/\(long)").object["state"] as? String == "running")
        #expect(try server.send("GET", "/train/\(second)").object["state"] as? String == "queued")
        #expect(Set(trainers(server)).count >= 2)
        #expect(try server.send("DELETE", "/train/\(long)").status == 202)
        _ = try server.job(second) { $0["state"] as? String == "succeeded" }
        #expect(try server.stop() == 0)
    }

    @Test("of two trainers the death of one leaves the other's job alone")
    func oneDies() throws {
        let server = try TestServer(try TestDirectory(), ["--trainers", "2"])
        let first = try endlessJob("a", on: server)
        let second = try endlessJob("b", on: server)
        let pids = trainers(server)
        #expect(pids.count == 2)
        kill(pids[1], SIGKILL)
        _ = try server.job(second) { $0["attempts"] as? Int == 2 }
        let job = try server.send("GET", "/train/\(first)").object
        #expect(job["attempts"] as? Int == 1 && job["state"] as? String == "running")
        for id in [first, second] { _ = try server.send("DELETE", "/train/\(id)") }
        #expect(try server.stop() == 0)
    }

    @Test(
        "a trainer without memory fails its job, and the reason says memory",
        .disabled(if: runsUnderSanitizer, "a sanitizer reserves far more addresses than any limit")
    )
    func memory() throws {
        let directory = try TestDirectory()
        let trainer = try program("trainer").path
        let script = try directory.script("ulimit -v 100000; exec \(trainer) \"$@\"")
        let server = try TestServer(directory, ["--trainer", script])
        // Some 50,000 different words: far more than that takes.
        let rows = (0..<3000).map { row in
            let words = (0..<40).map { "w\((row * 16 + $0 * 7919) % 50_000)" }.joined(
                separator: " "
            )
            return #"{"text":"\#(words)","label":"\#(row % 2 == 0 ? "a" : "b")"}"#
        }
        let body = #"{"model":"a","examples":[\#(rows.joined(separator: ","))]}"#
        let id = try server.train(body)
        let job = try server.job(id) { $0["finished_at"] is String }
        #expect(job["state"] as? String == "failed")
        let error = try #require(job["error"] as? [String: String])
        #expect(error["detail"]?.contains("ran out of memory") == true, "\(error)")
        #expect(try server.stop() == 0)
    }
}
