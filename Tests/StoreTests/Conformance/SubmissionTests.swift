import Examples
import Store
import Synchronization
import TestStores
import Testing

@Suite struct SubmissionTests {
    private func job(by actor: String?) -> NewJob {
        var job = newJob()
        job.actor = actor
        return job
    }

    @Test(
        "the queue takes so many jobs in all and of one actor, and no more",
        arguments: Backend.all
    )
    func limits(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let limits = QueueLimits(jobs: 3, jobsOfActor: 2)
        for actor in ["a", "a", nil] { _ = try store.submit(job: job(by: actor), limits: limits) }
        #expect(throws: StoreError.queueFull(limit: 3)) {
            try store.submit(job: job(by: "b"), limits: limits)
        }
        _ = try store.requestCancel(try #require(try store.jobs(limit: 1).first).id)
        #expect(throws: StoreError.actorQueueFull(limit: 2)) {
            try store.submit(job: job(by: "a"), limits: limits)
        }
        #expect(try store.submit(job: job(by: "b"), limits: limits).job.actor == "b")
    }

    @Test(
        "of many submissions at once exactly as many are taken as the queue has room for",
        arguments: Backend.all
    )
    func concurrentLimits(_ backend: Backend) async throws {
        let place = try backend.makePlace()
        let (posts, room) = (24, 5)
        _ = try place.open()
        let outcomes = try await withThrowingTaskGroup(of: [Bool].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let store = try place.open()
                    return try (0..<posts / 4).map { _ in
                        do throws(StoreError) {
                            _ = try store.submit(job: newJob(), limits: QueueLimits(jobs: room))
                            return true
                        } catch .queueFull { return false }
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(outcomes.count == posts && outcomes.count { $0 } == room)
        #expect(try place.open().jobCounts() == [.queued: room])
    }

    @Test(
        "a request that comes again gets the job that it made, whatever the queue holds by then",
        arguments: Backend.all
    )
    func replays(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let key = IdempotencyKey(scope: "a", key: "k", requestDigest: "1")
        let limits = QueueLimits(jobs: 1)
        let first = try store.submit(job: newJob(), limits: limits, idempotency: key)
        let again = try store.submit(job: newJob(), limits: limits, idempotency: key)
        #expect(!first.isReplay && again.isReplay && again.job == first.job)
        #expect(try store.jobCounts() == [.queued: 1])
        var other = key
        other.requestDigest = "2"
        #expect(throws: StoreError.idempotencyKeyReused) {
            try store.submit(job: newJob(), idempotency: other)
        }
        other.scope = "b"
        #expect(try !store.submit(job: newJob(), idempotency: other).isReplay)
    }

    @Test("a request that was refused is done when it comes again", arguments: Backend.all)
    func refusedRequestsAreNotRemembered(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let key = IdempotencyKey(scope: "a", key: "k", requestDigest: "1")
        #expect(throws: StoreError.queueFull(limit: 0)) {
            try store.submit(job: newJob(), limits: QueueLimits(jobs: 0), idempotency: key)
        }
        #expect(try !store.submit(job: newJob(), idempotency: key).isReplay)
    }

    @Test("the events of a job are its changes, each once and in order", arguments: Backend.all)
    func events(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let id = try store.submit(job: newJob()).job.id
        let claim = try #require(try store.claim(worker: "w", lease: .seconds(1))).claim
        _ = try store.report(stage: "reading", claim: claim)
        _ = try store.report(stage: "reading", claim: claim)
        for epoch in [1, 1, 2] {
            _ = try store.report(JobProgress(epoch: epoch, epochs: 2, loss: 0.5), claim: claim)
        }
        _ = try store.publish(publication("x"), claim: claim)
        let events = try store.events(ofJob: id)
        #expect(events.map(\.number) == Array(1...6))
        let states: [JobState] = [.queued, .running, .running, .running, .running, .succeeded]
        #expect(events.map(\.state) == states)
        #expect(events.map(\.stage) == [nil, nil, "reading", "reading", "reading", nil])
        #expect(events.map { $0.progress?.epoch } == [nil, nil, nil, 1, 2, 2])
        #expect(try store.events(ofJob: id, after: 4) == Array(events.suffix(2)))
        #expect(try store.events(ofJob: "job-x").isEmpty)
    }

    @Test("only the newest thousand events of a job are kept", arguments: Backend.all)
    func boundsEvents(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let id = try store.submit(job: newJob()).job.id
        let claim = try #require(try store.claim(worker: "w", lease: .seconds(1))).claim
        for epoch in 1...1010 {
            _ = try store.report(JobProgress(epoch: epoch, epochs: 1010), claim: claim)
        }
        #expect(try store.events(ofJob: id).map(\.number) == Array(13...1012))
    }
}
