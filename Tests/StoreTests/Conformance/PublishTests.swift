import Examples
import Store
import TestStores
import Testing

@Suite struct PublishTests {
    @Test(
        "a decision against a version that is no longer live publishes nothing",
        arguments: Backend.all
    )
    func outdatedVersion(_ backend: Backend) throws {
        let setup = try Setup(backend)
        try train("one", on: setup.store)
        let claimed = try setup.claim()
        #expect(claimed.live?.version == 1 && claimed.live?.digest == "digest of one")
        _ = try setup.store.importFile("two")
        try setup.store.setLive(model: "mood", version: 2)
        let outdated = StoreError.decisionOutdated(model: "mood")
        for isPromoted in [true, false] {
            let result = publication("three", isPromoted: isPromoted, over: 1)
            #expect(throws: outdated) { try setup.store.publish(result, claim: claimed.claim) }
        }
        #expect(try setup.store.versions(of: "mood").count == 2)
        #expect(try setup.store.job(claimed.job.id)?.state == .running)
        let live = try setup.store.decisionGround(of: "mood").live?.version
        #expect(
            try setup.store.publish(publication("three", over: live), claim: claimed.claim).version
                == 3
        )
    }

    @Test(
        "a decision against golden cases that have changed publishes nothing",
        arguments: Backend.all
    )
    func outdatedGolden(_ backend: Backend) throws {
        let setup = try Setup(backend)
        let claimed = try setup.claim()
        try setup.store.setGolden(rows, of: "mood")
        #expect(throws: StoreError.decisionOutdated(model: "mood")) {
            try setup.store.publish(publication("one"), claim: claimed.claim)
        }
        var result = publication("one")
        result.decision.goldenRevision = try setup.store.decisionGround(of: "mood").golden.revision
        #expect(try setup.store.publish(result, claim: claimed.claim).isPromoted)
    }

    @Test("what may only be a candidate cannot be published as live", arguments: Backend.all)
    func promotionNeedsRight(_ backend: Backend) throws {
        let setup = try Setup(backend)
        let changes: [(inout NewJob) -> Void] = [
            { $0.mayPromote = false }, { $0.promotion = .never },
        ]
        for change in changes {
            let claimed = try setup.claim(change)
            #expect(throws: StoreError.promotionNotAllowed(job: claimed.job.id)) {
                try setup.store.publish(publication("one"), claim: claimed.claim)
            }
            let candidate = publication("one", isPromoted: false)
            #expect(try !setup.store.publish(candidate, claim: claimed.claim).isPromoted)
        }
        #expect(try setup.store.model("mood")?.liveVersion == nil)
    }

    @Test(
        "a version keeps its report, its held-out answers and where it came from",
        arguments: Backend.all
    )
    func keepsProvenance(_ backend: Backend) throws {
        let setup = try Setup(backend)
        let claimed = try setup.claim {
            $0.actor = "ci"
            $0.options = Array("{\"seed\":7}".utf8)
        }
        var result = publication("one")
        result.report = Array("{\"data\":{}}".utf8)
        result.toolVersion = "1.2"
        result.heldOut = [
            HeldOutAnswer(text: "t", truth: "good", label: "bad", score: 0.75, truthScore: 0.25)
        ]
        _ = try setup.store.publish(result, claim: claimed.claim)
        let version = try #require(try setup.store.version("mood", 1))
        #expect(version.actor == "ci" && version.options == Array("{\"seed\":7}".utf8))
        #expect(version.toolVersion == "1.2")
        #expect(try setup.store.report(of: "mood", 1) == result.report)
        #expect(try setup.store.report(ofJob: claimed.job.id) == result.report)
        #expect(try setup.store.heldOutAnswers(of: "mood", 1) == result.heldOut)
        #expect(try setup.store.heldOutAnswers(of: "mood", 2).isEmpty)
    }

    @Test(
        "a job that is given back in good order is not tried less often for it",
        arguments: Backend.all
    )
    func givingBackIsNoTry(_ backend: Backend) throws {
        let setup = try Setup(backend)
        let id = try setup.claim().job.id
        var lease = Duration.seconds(30)
        for _ in 1...5 {
            let released = try setup.store.releaseJobs(
                ofWorker: "w",
                reason: "stop",
                countsAsTry: false
            )
            #expect(released == [taken(id, .queued, lease: lease)])
            lease = .seconds(1)
            _ = try setup.store.claim(worker: "w", lease: .seconds(1))
        }
        for try_ in 1...3 {
            let released = try setup.store.releaseJobs(ofWorker: "w", reason: "killed")
            #expect(released == [taken(id, try_ < 3 ? .queued : .failed)])
            _ = try setup.store.claim(worker: "w", lease: .seconds(1))
        }
        #expect(try setup.store.job(id)?.failure?.detail == "attempt 3 of 3: killed")
    }
}

/// A store, and what these tests do with it.
private struct Setup {
    let place: any StorePlace
    let store: any Store

    init(_ backend: Backend) throws {
        place = try backend.makePlace()
        store = try place.open()
    }

    func claim(_ change: (inout NewJob) -> Void = { _ in }) throws -> ClaimedJob {
        var job = newJob()
        change(&job)
        _ = try store.submit(job: job)
        return try #require(try store.claim(worker: "w", lease: .seconds(30)))
    }
}
