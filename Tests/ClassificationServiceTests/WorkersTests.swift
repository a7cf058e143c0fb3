import ClassificationService
import Foundation
import HTTPServer
import SQLiteStore
import Store
import Synchronization
import TestStores
import Testing

/// Workers and jobs, seen from one of several services over one store.
@Suite struct WorkersTests {
    private static let rows = #"[{"text":"a","label":"x"},{"text":"b","label":"y"}]"#

    private func worker(_ name: String) -> WorkerIdentity {
        WorkerIdentity(
            name: name,
            host: "node-7",
            process: 12,
            version: "0.1.0",
            threads: 3,
            startedAt: 1_700_000_000_250
        )
    }

    /// Another service over the same store, as on another machine.
    private func replica(of service: TestService) throws -> TestService {
        try TestService(
            directory: service.directory,
            store: SQLiteStore(directory: service.directory)
        ) { $0.sharesStore = true }
    }

    private func until(_ what: String, _ isReached: () throws -> Bool) throws {
        let end = ContinuousClock.now + .seconds(60)
        while try !isReached() {
            try #require(ContinuousClock.now < end, "\(what)")
            usleep(2000)
        }
    }

    @Test("GET /workers lists who trains, with the job and the last sign")
    func list() throws {
        let service = try TestService()
        #expect(service.get("/workers").text == #"{"workers":[]}"#)
        try service.store.sign(worker("w-2"))
        let id = service.post("/train", #"{"model":"m","examples":\#(Self.rows)}"#).object["id"]
        let claimed = try #require(try service.store.claim(worker: "w-2", lease: .seconds(30)))
        let answer = service.get("/workers")
        #expect(answer.status == 200)
        let all = try #require(answer.object["workers"] as? [[String: Any]])
        let found = try #require(all.first)
        #expect(all.count == 1)
        #expect(found["name"] as? String == "w-2" && found["host"] as? String == "node-7")
        #expect(found["pid"] as? Int == 12 && found["threads"] as? Int == 3)
        #expect(found["version"] as? String == "0.1.0")
        #expect(found["since"] as? String == "2023-11-14T22:13:20.250Z")
        #expect((found["last_sign"] as? String)?.hasPrefix("20") == true)
        #expect(found["job"] as? String == id as? String)
        #expect(found["model"] as? String == "m" && found["attempt"] as? Int == 1)
        try until("the metric") {
            service.get("/metrics").text.contains("elman_workers{state=\"busy\"} 1\n")
        }
        try service.publish(claimed)
        let idle = service.get("/workers").object["workers"] as? [[String: Any]]
        #expect(idle?.first?["job"] is NSNull && idle?.first?["model"] is NSNull)
    }

    @Test("a job is followed, waited for and cancelled on a replica that does not have it")
    func replicas() throws {
        let first = try TestService()
        let second = try replica(of: first)
        let body = #"{"model":"m","examples":\#(Self.rows),"promote":"always"}"#
        let id = try #require(first.post("/train", body).object["id"] as? String)
        #expect(second.get("/train/\(id)").object["state"] as? String == "queued")
        let claimed = try #require(try first.store.claim(worker: "w", lease: .seconds(30)))
        _ = try first.store.report(JobProgress(epoch: 3, epochs: 9), claim: claimed.claim)
        let progress = second.get("/train/\(id)").object["progress"] as? [String: Any]
        #expect(progress?["epoch"] as? Int == 3)
        // The worker of a job learns at its next report what a replica was asked for.
        #expect(second.send(.delete, "/train/\(id)").status == 202)
        let directive = try first.store.report(
            JobProgress(epoch: 4, epochs: 9),
            claim: claimed.claim
        )
        #expect(directive == .cancel)
        try first.store.end(claimed.claim, as: .cancelled)
        #expect(first.get("/train/\(id)").object["state"] as? String == "cancelled")
    }

    @Test("Prefer: wait is answered by a replica when a worker elsewhere has published")
    func wait() throws {
        let first = try TestService()
        let second = try replica(of: first)
        let body = #"{"model":"m","examples":\#(Self.rows),"promote":"always"}"#
        let answer = Mutex<Received?>(nil)
        // A thread of its own: those of tests may all be busy.
        Thread.detachNewThread {
            let received = second.post("/train", body, headers: [("Prefer", "wait=60")])
            answer.withLock { $0 = received }
        }
        var claimed: ClaimedJob?
        try until("the job") {
            claimed = try first.store.claim(worker: "w", lease: .seconds(30))
            return claimed != nil
        }
        try first.publish(try #require(claimed))
        try until("the answer") { answer.withLock { $0 } != nil }
        let done = answer.withLock { $0 }
        #expect(done?.status == 200)
        #expect(done?.object["state"] as? String == "succeeded")
        // Both serve the version, the one that was told nothing as well.
        for service in [first, second] {
            try until("the version") {
                service.post("/classify", #"{"model":"m","text":"a"}"#).status == 200
            }
        }
    }

    @Test("limits that mean in all hold over replicas: the queue, and the jobs of a token")
    func limits() throws {
        let first = try TestService { $0.limits.queuedJobs = 3 }
        let second = try TestService(
            directory: first.directory,
            store: SQLiteStore(directory: first.directory)
        ) { settings in
            settings.sharesStore = true
            settings.limits.queuedJobs = 3
        }
        let services = [first, second, first, second, first]
        let statuses = services.map {
            $0.post("/train", #"{"model":"m","examples":\#(Self.rows),"replace":true}"#).status
        }
        #expect(statuses == [202, 202, 202, 429, 429])
    }

    @Test("a server that shares its store leaves jobs alone that trainers of others may have")
    func sharedStart() throws {
        let first = try TestService()
        let body = #"{"model":"m","examples":\#(Self.rows)}"#
        let id = try #require(first.post("/train", body).object["id"] as? String)
        _ = try first.store.claim(worker: "local-of-the-first", lease: .seconds(30))
        // They go together, and the directory with them.
        var others: [TestService] = []
        func state(afterStartWith isShared: Bool) throws -> JobState? {
            let other = try TestService(
                directory: first.directory,
                store: SQLiteStore(directory: first.directory)
            ) { settings in
                settings.sharesStore = isShared
                settings.trainerPath = "/bin/true"
            }
            others.append(other)
            other.service.stop()
            return try first.store.job(id)?.state
        }
        #expect(try state(afterStartWith: true) == .running)
        // A store of its own has no other server, so the worker is gone.
        #expect(try state(afterStartWith: false) != .running)
    }
}
