import Examples
import Store
import TestStores
import Testing

@Suite struct JobStoreTests {
    @Test("a job goes from the queue to its model", arguments: Backend.all)
    func succeeds(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let job = try store.submit(job: newJob()).job
        #expect(job.state == .queued && job.attempt == 0 && job.rowCount == 2)
        #expect(job.id.hasPrefix("job-") && job.id.count == 36)
        #expect(job.dataDigest == ExampleSet.digest(of: rows))

        let claimed = try #require(try store.claim(worker: "w", lease: .seconds(30)))
        #expect(claimed.examples == rows && claimed.job.id == job.id && claimed.claim.attempt == 1)
        #expect(try store.job(job.id)?.state == .running)
        #expect(try store.claim(worker: "other", lease: .seconds(30)) == nil)

        let progress = JobProgress(
            epoch: 3,
            epochs: 20,
            loss: 0.5,
            accuracy: 0.75,
            secondsLeft: 1.5
        )
        #expect(try store.report(progress, claim: claimed.claim) == .continue)
        #expect(try store.job(job.id)?.progress == progress)

        let result = try store.publish(publication("trained"), claim: claimed.claim)
        #expect(
            result
                == Published(
                    version: 1,
                    isPromoted: true,
                    reason: "a test says so"
                )
        )
        let done = try #require(try store.job(job.id))
        #expect(done.state == .succeeded && done.version == 1 && done.isPromoted == true)
        #expect(
            done.metrics == Array("{\"a\":1}".utf8) && done.finishedAt != nil && done.failure == nil
        )
        #expect(try store.liveVersions().map(\.version) == [1])
        #expect(try store.jobCounts() == [.succeeded: 1])
    }

    @Test("jobs are claimed in order and listed by pages, the newest first", arguments: Backend.all)
    func ordersJobs(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let ids = try (0..<5).map { try store.submit(job: newJob("m\($0)")).job.id }
        #expect(try store.claim(worker: "w", lease: .seconds(1))?.job.id == ids[0])
        #expect(try store.claim(worker: "w", lease: .seconds(1))?.job.id == ids[1])
        #expect(try store.jobs(limit: 2).map(\.id) == [ids[4], ids[3]])
        #expect(try store.jobs(limit: 9, before: ids[3]).map(\.id) == [ids[2], ids[1], ids[0]])
        #expect(try store.jobs(limit: 9, before: "job-x").isEmpty)
        #expect(try store.job("job-x") == nil)
    }

    @Test(
        "a job waits for the running one of its model, and not for those of others",
        arguments: Backend.all
    )
    func oneJobOfModel(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let ids = try ["a", "a", "b"].map { try store.submit(job: newJob($0)).job.id }
        func claim() throws -> ClaimedJob? { try store.claim(worker: "w", lease: .seconds(1)) }
        let first = try #require(try claim())
        #expect(first.job.id == ids[0])
        #expect(try claim()?.job.id == ids[2])
        #expect(try claim() == nil)
        try store.fail(claim: first.claim, code: "x", detail: "x")
        #expect(try claim()?.job.id == ids[1])
    }

    @Test(
        "a queued job is cancelled at once, a running one by its worker, an ended one not",
        arguments: Backend.all
    )
    func cancels(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let queued = try store.submit(job: newJob()).job
        #expect(try store.requestCancel(queued.id)?.state == .cancelled)
        #expect(try store.claim(worker: "w", lease: .seconds(1)) == nil)

        let running = try store.submit(job: newJob()).job
        let claim = try #require(try store.claim(worker: "w", lease: .seconds(1))).claim
        let asked = try #require(try store.requestCancel(running.id))
        #expect(asked.state == .running && asked.isCancelRequested)
        #expect(try store.report(JobProgress(epoch: 1, epochs: 2), claim: claim) == .cancel)
        try store.end(claim, as: .cancelled)
        #expect(try store.job(running.id)?.state == .cancelled)

        try train("x", on: store)
        let done = try #require(try store.jobs(limit: 1).first)
        #expect(try store.requestCancel(done.id) == done)
        #expect(try store.requestCancel("job-x") == nil)
    }

    @Test(
        "a cancelled job that is published all the same publishes nothing",
        arguments: Backend.all
    )
    func cancelWinsOverPublish(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let job = try store.submit(job: newJob()).job
        let claim = try #require(try store.claim(worker: "w", lease: .seconds(1))).claim
        _ = try store.requestCancel(job.id)
        #expect(throws: StoreError.cancelled(job: job.id)) {
            try store.publish(publication("x"), claim: claim)
        }
        #expect(try store.job(job.id)?.state == .cancelled && store.models().isEmpty)
    }

    @Test("a failed job keeps the reason", arguments: Backend.all)
    func fails(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let job = try store.submit(job: newJob()).job
        let claim = try #require(try store.claim(worker: "w", lease: .seconds(1))).claim
        try store.fail(claim: claim, code: "diverged", detail: "the loss is not finite")
        let failed = try #require(try store.job(job.id))
        #expect(failed.state == .failed)
        #expect(failed.failure == JobFailure(code: "diverged", detail: "the loss is not finite"))
        #expect(throws: StoreError.claimLost(job: job.id)) {
            try store.end(claim, as: .cancelled)
        }
    }

    @Test("a job whose worker dies three times fails with the reason", arguments: Backend.all)
    func limitsAttempts(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let job = try store.submit(job: newJob()).job
        for attempt in 1...3 {
            #expect(try store.claim(worker: "w", lease: .seconds(1))?.claim.attempt == attempt)
            #expect(try store.releaseJobs(ofWorker: "other", reason: "no").isEmpty)
            let released = try store.releaseJobs(ofWorker: "w", reason: "killed by signal 9")
            #expect(released == [taken(job.id, attempt < 3 ? .queued : .failed)])
            if attempt < 3 {
                #expect(try store.job(job.id)?.reason == "queued again: killed by signal 9")
            }
        }
        let failure = try store.job(job.id)?.failure
        #expect(failure?.code == "worker_lost")
        #expect(failure?.detail == "attempt 3 of 3: killed by signal 9")
        #expect(try store.claim(worker: "w", lease: .seconds(1)) == nil)
    }

    @Test(
        "a job that was to be cancelled when its worker died is cancelled",
        arguments: Backend.all
    )
    func releasesCancelled(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let job = try store.submit(job: newJob()).job
        _ = try store.claim(worker: "w", lease: .seconds(1))
        _ = try store.requestCancel(job.id)
        #expect(
            try store.releaseJobs(ofWorker: "w", reason: "gone")
                == [taken(job.id, .cancelled)]
        )
    }

    @Test("whatever a stale worker writes is refused", arguments: Backend.all)
    func fences(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let id = try store.submit(job: newJob()).job.id
        let stale = try #require(try store.claim(worker: "slow", lease: .seconds(1))).claim
        _ = try store.releaseJobs(ofWorker: "slow", reason: "silent")
        func expectRefused() throws {
            #expect(try store.report(JobProgress(epoch: 9, epochs: 9), claim: stale) == .lost)
            #expect(throws: StoreError.claimLost(job: id)) {
                try store.publish(publication("stale"), claim: stale)
            }
            #expect(throws: StoreError.claimLost(job: id)) {
                try store.fail(claim: stale, code: "x", detail: "x")
            }
            #expect(throws: StoreError.claimLost(job: id)) {
                try store.end(stale, as: .cancelled)
            }
        }
        try expectRefused()  // While it is queued again,
        let fresh = try #require(try store.claim(worker: "slow", lease: .seconds(1))).claim
        try expectRefused()  // while the same worker's next attempt runs,
        _ = try store.publish(publication("fresh"), claim: fresh)
        try expectRefused()  // and after its end.
        #expect(try store.versions(of: "mood").map(\.digest) == ["digest of fresh"])
        #expect(throws: StoreError.claimLost(job: id)) {
            try store.publish(publication("again"), claim: fresh)
        }
    }

    @Test(
        "a silent worker loses its job after its lease, by the watcher's own clock",
        arguments: Backend.all
    )
    func leasesExpire(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let (server, trainer) = (try place.open(), try place.open())
        let id = try server.submit(job: newJob()).job.id
        let claim = try #require(try trainer.claim(worker: "w", lease: .seconds(30))).claim
        #expect(try server.reclaimSilentJobs().isEmpty)  // The first sight.
        place.advance(by: .seconds(29))
        #expect(try server.reclaimSilentJobs().isEmpty)
        #expect(try trainer.report(JobProgress(epoch: 1, epochs: 9), claim: claim) == .continue)
        place.advance(by: .seconds(29))
        #expect(try server.reclaimSilentJobs().isEmpty)  // It has reported since.
        place.advance(by: .seconds(30))
        #expect(try server.reclaimSilentJobs() == [taken(id, .queued, lease: .seconds(30))])
        #expect(try trainer.report(JobProgress(epoch: 2, epochs: 9), claim: claim) == .lost)
        #expect(try server.claim(worker: "w2", lease: .seconds(30))?.claim.attempt == 2)
    }

    @Test(
        "a watcher that has just started waits for a whole lease, whatever the clocks say",
        arguments: Backend.all
    )
    func newWatchersWait(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let trainer = try place.open()
        _ = try trainer.submit(job: newJob())
        _ = try trainer.claim(worker: "w", lease: .seconds(30))
        place.advance(by: .seconds(1_000_000))
        let server = try place.open()
        #expect(try server.reclaimSilentJobs().isEmpty)
        place.advance(by: .seconds(30))
        #expect(try server.reclaimSilentJobs().count == 1)
    }
}
