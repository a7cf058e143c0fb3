import Foundation
import HTTPTestClient
import TestStores
import Testing

/// Several servers over one PostgreSQL.
@Suite struct SharedStoreTests {
    /// A schema for one test; it goes with the server.
    private func address(_ cluster: PostgreSQLCluster) throws -> String {
        let schema = "t" + UUID().uuidString.filter { $0 != "-" }.lowercased()
        try cluster.run("CREATE SCHEMA \(schema)")
        return cluster.uri(schema: schema)
    }

    private func isGlad(_ server: TestServer) -> Int? {
        let answer = try? server.send(
            "POST",
            "/classify",
            #"{"text":"what a fine and sunny day 0"}"#
        )
        guard answer?.status == 200 else { return nil }
        return answer?.object["version"] as? Int
    }

    @Test("what is done on one server is seen on the others, and trained wherever a trainer is")
    func replicas() throws {
        let address = try address(.shared())
        let variables = ["ELMAN_STORE": address]
        let a = try TestServer(try TestDirectory(), ["--trainer", "off"], environment: variables)
        let b = try TestServer(try TestDirectory(), environment: variables)
        let c = try TestServer(
            try TestDirectory(),
            ["--trainer", "off", "--store", address, "--store-listen", "off"]
        )
        // Posted to one, answered by it, trained by another.
        let first = try a.send(
            "POST",
            "/train",
            trainBody("mood", epochs: 300),
            headers: "Prefer: wait=50\r\n"
        )
        #expect(first.status == 200 && first.object["state"] as? String == "succeeded", "\(first)")
        for server in [a, b, c] { try wait("version 1") { isGlad(server) == 1 } }
        // No server ever goes back to an older version that it has left.
        let id = try c.train(trainBody("mood", epochs: 400, promote: "always"))
        var seen = [1, 1, 1]
        try wait("version 2 everywhere") {
            for (place, server) in [a, b, c].enumerated() {
                let version = isGlad(server) ?? 0
                #expect(version >= seen[place])
                seen[place] = version
            }
            return seen == [2, 2, 2]
        }
        #expect(try a.job(id) { $0["state"] as? String == "succeeded" }["version"] as? Int == 2)
        let events = try a.send("GET", "/train/\(id)/events")
        #expect(events.status == 200)
        // By hand on one, soon on all.
        #expect(try b.send("PUT", "/models/mood/live", #"{"version":1}"#).status == 200)
        for server in [a, b, c] { try wait("back") { isGlad(server) == 1 } }
        #expect(try a.send("DELETE", "/models/mood").status < 300)
        for server in [b, c] {
            try wait("gone") { (try? server.send("GET", "/models/mood").status) == 404 }
        }
        for server in [a, b, c] { #expect(try server.stop() == 0) }
    }

    @Test("a version in shadow runs on every server, and all tell what all have counted")
    func shadows() throws {
        let variables = ["ELMAN_STORE": try address(.shared())]
        let a = try TestServer(try TestDirectory(), environment: variables)
        let b = try TestServer(try TestDirectory(), ["--trainer", "off"], environment: variables)
        for promote in ["always", "never"] {
            let id = try a.train(trainBody("mood", epochs: 100, promote: promote))
            #expect(try a.job(id) { $0["version"] is Int }["state"] as? String == "succeeded")
        }
        let path = "/models/mood/shadow"
        #expect(try a.send("PUT", path, #"{"version":2}"#).status == 200)
        func total(_ server: TestServer) throws -> Int {
            try server.send("GET", path).object["total"] as? Int ?? 0
        }
        try wait("both run it") {
            _ = (isGlad(a), isGlad(b))
            return try total(a) > 1 && total(b) > 1
        }
        // What the other one has counted comes after some seconds.
        _ = try a.send("POST", "/classify", #"{"texts":["x","x","x"]}"#)
        try wait("the sum") {
            let all = try (total(a), total(b))
            return all.0 == all.1 && all.0 > 4
        }
        #expect(try b.send("DELETE", path).status == 204)
        try wait("it ends") { try a.send("GET", path).status == 404 }
        try wait("the end is told") { a.event("shadow_ended")?["reason"] == "removed" }
        for server in [a, b] { #expect(try server.stop() == 0) }
    }

    @Test("a server of others' jobs leaves them to the others when it starts")
    func othersJobs() throws {
        let address = try address(.shared())
        let variables = ["ELMAN_STORE": address]
        let first = try TestServer(try TestDirectory(), environment: variables)
        let id = try first.train(trainBody("mood", rows: 100, epochs: 100_000))
        _ = try first.job(id) { $0["state"] as? String == "running" }
        let second = try TestServer(try TestDirectory(), environment: variables)
        #expect(second.event("jobs_released") == nil)
        let job = try second.send("GET", "/train/\(id)").object
        #expect(job["state"] as? String == "running" && job["attempts"] as? Int == 1)
        // A cancel on any server reaches the trainer of another.
        let start = ContinuousClock.now
        _ = try second.send("DELETE", "/train/\(id)")
        _ = try second.job(id) { $0["state"] as? String == "cancelled" }
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test("an address that is none, and a backup of a database, are refused by name")
    func refusals() throws {
        let server = try TestServer(try TestDirectory(), ["--store", "state"])
        #expect(try server.exitStatus() == 64)
        let backup = try run("server", ["backup", "file"], ["ELMAN_STORE": "postgresql://u:p@h/d"])
        #expect(backup.status == 64)
        #expect(backup.error.contains("pg_dump") && backup.error.contains("postgresql://h/d"))
        #expect(!backup.error.contains("u:p"))
    }

    @Test("a store moves from a directory to a database and back, by the command")
    func copies() throws {
        let directory = try TestDirectory()
        let server = try TestServer(directory)
        let body = trainBody("mood", epochs: 300)
        _ = try server.send("POST", "/train", body, headers: "Prefer: wait=50\r\n")
        #expect(try server.stop() == 0)
        let address = try address(.shared())
        let state = directory.path + "/state"
        let there = try run("server", ["store", "copy", "--from", state, "--to", address])
        #expect(there.status == 0, "\(there.error)")
        #expect(there.output.hasSuffix("1 checkpoints, complete and compared\n"), "\(there.output)")
        let again = try run("server", ["store", "copy", "--from", state, "--to", address])
        #expect(again.status == 73 && again.error.contains("The target is not empty"))
        let replica = try TestServer(try TestDirectory(), ["--store", address])
        #expect(isGlad(replica) == 1)
        #expect(try replica.stop() == 0)
        let other = directory.path + "/other"
        let back = try run("server", ["store", "copy", "--from", address, "--to", other])
        #expect(back.status == 0, "\(back.error)")
        let none = try run("server", ["store", "copy", "--from", "/nowhere", "--to", address])
        #expect(none.status == 66)
        let single = try TestServer(directory, ["--state", other])
        #expect(isGlad(single) == 1)
    }

    private func run(
        _ name: String,
        _ arguments: [String],
        _ environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String, error: String) {
        let process = Process()
        process.executableURL = try program(name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (output, error) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = error
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        let complained = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: said, as: UTF8.self),
            String(decoding: complained, as: UTF8.self)
        )
    }
}
