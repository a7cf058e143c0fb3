import Foundation
import HTTPTestClient
import Synchronization
import TestStores
import Testing

/// A server whose database goes away, restarts, or is not there yet.
@Suite struct DatabaseOutageTests {
    private func address(_ cluster: PostgreSQLCluster) throws -> String {
        let schema = "t" + UUID().uuidString.filter { $0 != "-" }.lowercased()
        try cluster.run("CREATE SCHEMA \(schema)")
        return cluster.uri(schema: schema, overLoopback: true)
    }

    /// What a client saw that asked all the time.
    private final class Watch: Sendable {
        let classifications = Atomic<Int>(0)
        let failures = Mutex<[String]>([])
        private let isOver = Atomic<Bool>(false)
        private let done = DispatchSemaphore(value: 0)

        init(_ server: TestServer) {
            Thread.detachNewThread { [self] in
                while !isOver.load(ordering: .relaxed) {
                    let answer = try? server.send("POST", "/classify", #"{"text":"a sunny day"}"#)
                    let ready = try? server.send("GET", "/readyz")
                    if answer?.status != 200 || ready?.status != 200 {
                        failures.withLock { $0.append("\(answer as Any) \(ready as Any)") }
                    }
                    classifications.add(1, ordering: .relaxed)
                }
                done.signal()
            }
        }

        /// Waits for the last answer; may be called again.
        func end() {
            isOver.store(true, ordering: .relaxed)
            done.wait()
            done.signal()
        }
    }

    @Test("an outage costs no classification, refuses what must be kept, and is over in 5 seconds")
    func outages() throws {
        let cluster = try PostgreSQLCluster()
        let address = try address(cluster)
        let server = try TestServer(
            try TestDirectory(),
            ["--trainer", "off", "--store", address]
        )
        let trainer = try TestServer(try TestDirectory(), ["--store", address])
        _ = try trainer.send(
            "POST",
            "/train",
            trainBody("mood", epochs: 200),
            headers: "Prefer: wait=50\r\n"
        )
        #expect(try trainer.stop() == 0)
        try wait("ready") { (try? server.send("GET", "/readyz").status) == 200 }
        let watch = Watch(server)
        defer { watch.end() }
        var acknowledged: [String] = []
        var revisions = 0
        func post(_ text: String) throws -> Int {
            let body = #"{"examples":[{"text":"\#(text)","label":"glad"}]}"#
            let answer = try server.send("POST", "/models/mood/examples", body)
            if answer.status == 200 { acknowledged.append(text) }
            if answer.status == 503 { #expect(answer.header("Retry-After") != nil) }
            #expect([200, 503].contains(answer.status), "\(answer)")
            return answer.status
        }
        for round in 0..<4 {
            #expect(try post("before \(round)") == 200)
            try cluster.control(["stop", "-m", "immediate"])
            for number in 0..<5 { #expect(try post("during \(round) \(number)") == 503) }
            let ready = try server.send("GET", "/readyz")
            #expect(ready.status == 200 && ready.object["status"] as? String == "degraded")
            try cluster.control(["start"])
            let start = ContinuousClock.now
            while try post("after \(round) \(revisions)") != 200 { revisions += 1 }
            #expect(ContinuousClock.now - start < .seconds(5))
        }
        for round in 0..<10 {
            try cluster.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    + "WHERE pid <> pg_backend_pid()"
            )
            // A connection that was lost is not the client's business.
            #expect(try post("terminated \(round)") == 200)
        }
        try wait("ready again") {
            try server.send("GET", "/readyz").object["status"] as? String == "ready"
        }
        watch.end()
        #expect(watch.failures.withLock { $0 } == [])
        #expect(watch.classifications.load(ordering: .relaxed) > 20)
        let rows = try server.send("GET", "/models/mood/examples?limit=1000").object
        let kept = Set(
            (rows["examples"] as? [[String: Any]] ?? []).compactMap { $0["text"] as? String }
        )
        #expect(kept.isSuperset(of: acknowledged), "\(Set(acknowledged).subtracting(kept))")
        #expect(try server.stop() == 0)
    }

    @Test("without a database a server starts, lives, is not ready, and becomes so by itself")
    func startsBeforeItsDatabase() throws {
        let cluster = try PostgreSQLCluster()
        let address = try address(cluster)
        try cluster.control(["stop", "-m", "fast"])
        let directory = try TestDirectory()
        let server = try TestServer(directory, ["--store", address], awaitsStart: false)
        try wait("listening") { server.event("listening") != nil }
        #expect(try server.send("GET", "/livez").status == 200)
        let ready = try server.send("GET", "/readyz")
        #expect(ready.status == 503 && ready.header("Retry-After") != nil)
        #expect(try server.send("GET", "/models").status == 503)
        #expect(try server.send("GET", "/livez", port: server.adminPort).status == 200)
        try cluster.control(["start"])
        let start = ContinuousClock.now
        try wait("loaded") { server.event("models_loaded") != nil }
        #expect(ContinuousClock.now - start < .seconds(5))
        let answer = try server.send(
            "POST",
            "/train",
            trainBody("mood", epochs: 200),
            headers: "Prefer: wait=50\r\n"
        )
        #expect(answer.object["state"] as? String == "succeeded", "\(answer)")
        #expect(try server.stop() == 0)
    }
}
