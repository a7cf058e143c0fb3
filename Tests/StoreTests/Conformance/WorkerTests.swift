import Foundation
import Store
import TestStores
import Testing

/// Who trains, as operators see it.
@Suite struct WorkerTests {
    @Test(
        "a worker that signs is listed as it says it is, once, by its start",
        arguments: Backend.all
    )
    func sign(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        #expect(try store.workers().isEmpty)
        try store.sign(worker("late", startedAt: 1_700_000_000_002))
        try store.sign(worker("early", startedAt: 1_700_000_000_001))
        let first = try #require(try store.workers().first)
        #expect(first.worker == worker("early", startedAt: 1_700_000_000_001))
        #expect(first.job == nil)
        // The store's time of day, which is for people.
        #expect(abs(first.signedAt - Int(Date.now.timeIntervalSince1970 * 1000)) < 60_000)
        var changed = worker("early", startedAt: 1_700_000_000_003)
        changed.threads = 1
        changed.host = "elsewhere"
        try place.open().sign(changed)
        let both = try store.workers()
        #expect(both.map(\.worker.name) == ["late", "early"])
        #expect(both.last?.worker == changed)
    }

    @Test("a worker is listed with the job that it has, until that ends", arguments: Backend.all)
    func job(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        for name in ["a", "b"] { try store.sign(worker(name)) }
        let id = try store.submit(job: newJob()).job.id
        // Trained by one that has not signed, then by one that has.
        let claim = try #require(try store.claim(worker: "unknown", lease: .seconds(30))).claim
        #expect(try store.workers().allSatisfy { $0.job == nil })
        try store.releaseJobs(ofWorker: "unknown", reason: "x")
        let again = try #require(try store.claim(worker: "b", lease: .seconds(30))).claim
        #expect(again.attempt == claim.attempt + 1)
        let job = WorkerRecord.Job(id: id, model: "mood", attempt: again.attempt)
        #expect(try store.workers().map(\.job) == [nil, job])
        try store.fail(claim: again, code: "x", detail: "x")
        #expect(try store.workers().map(\.job) == [nil, nil])
    }

    @Test(
        "a worker that ends is no longer listed, whether it had a job or not",
        arguments: Backend.all
    )
    func ends(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        let id = try store.submit(job: newJob()).job.id
        for name in ["a", "b", "c"] { try store.sign(worker(name)) }
        _ = try store.claim(worker: "b", lease: .seconds(30))
        let released = try store.releaseJobs(ofWorker: "b", reason: "x", countsAsTry: false)
        #expect(released.map(\.id) == [id])
        #expect(try store.releaseJobs(ofWorker: "a", reason: "x").isEmpty)
        #expect(try store.workers().map(\.worker.name) == ["c"])
    }

    @Test(
        "who does not sign for a minute of the watcher is forgotten, and comes back",
        arguments: Backend.all
    )
    func silence(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        for name in ["a", "b"] { try store.sign(worker(name)) }
        #expect(try store.forgetSilentWorkers().isEmpty)
        place.advance(by: .seconds(59))
        #expect(try store.forgetSilentWorkers().isEmpty)
        try store.sign(worker("a"))
        place.advance(by: .seconds(1))
        #expect(try store.forgetSilentWorkers() == ["b"])
        #expect(try store.workers().map(\.worker.name) == ["a"])
        try store.sign(worker("b"))
        #expect(try store.workers().map(\.worker.name) == ["a", "b"])
        place.advance(by: .seconds(60))
        // A watcher that begins now has seen no silence.
        #expect(try place.open().forgetSilentWorkers().isEmpty)
        #expect(try store.forgetSilentWorkers() == ["a"])
        place.advance(by: .seconds(60))
        #expect(try store.forgetSilentWorkers() == ["b"])
    }

    @Test("who was excused, as after an outage, has the whole lease again", arguments: Backend.all)
    func excused(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let id = try store.submit(job: newJob()).job.id
        _ = try store.claim(worker: "w", lease: .seconds(60))
        try store.sign(worker("w"))
        func gone(after seconds: Int) throws -> (jobs: [String], workers: [String]) {
            place.advance(by: .seconds(seconds))
            return (try store.reclaimSilentJobs().map(\.id), try store.forgetSilentWorkers())
        }
        #expect(try gone(after: 0) == ([], []))
        #expect(try gone(after: 59) == ([], []))
        store.excuseSilence()
        #expect(try gone(after: 1) == ([], []))
        #expect(try gone(after: 59) == ([], []))
        #expect(try gone(after: 1) == ([id], ["w"]))
    }

    @Test("a job stays with its worker when that is no longer listed", arguments: Backend.all)
    func jobOfSilent(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        try store.sign(worker("w"))
        let id = try store.submit(job: newJob()).job.id
        let claim = try #require(try store.claim(worker: "w", lease: .seconds(600))).claim
        try store.forgetSilentWorkers()
        place.advance(by: .seconds(60))
        #expect(try store.forgetSilentWorkers() == ["w"])
        #expect(try store.report(JobProgress(epoch: 1, epochs: 2), claim: claim) == .continue)
        #expect(try store.job(id)?.state == .running)
    }
}
