import Examples
import SQLiteStore
import Store
import TestStores
import Testing

@Suite struct PublishTests {
    private let store: SQLiteStore
    private let temporary = TemporaryStore()

    init() throws { store = try temporary.open() }

    private func claim(_ change: (inout NewJob) -> Void = { _ in }) throws -> ClaimedJob {
        var job = newJob()
        change(&job)
        _ = try store.submit(job: job)
        return try #require(try store.claim(worker: "w", lease: .seconds(30)))
    }

    @Test("a decision against a version that is no longer live publishes nothing")
    func outdatedVersion() throws {
        try train("one", on: store)
        let claimed = try claim()
        #expect(claimed.live?.version == 1 && claimed.live?.digest == "digest of one")
        _ = try store.importFile("two")
        try store.setLive(model: "mood", version: 2)
        let outdated = StoreError.decisionOutdated(model: "mood")
        for isPromoted in [true, false] {
            let result = publication("three", isPromoted: isPromoted, over: 1)
            #expect(throws: outdated) { try store.publish(result, claim: claimed.claim) }
        }
        #expect(try store.versions(of: "mood").count == 2)
        #expect(try store.job(claimed.job.id)?.state == .running)
        let live = try store.decisionGround(of: "mood").live?.version
        #expect(
            try store.publish(publication("three", over: live), claim: claimed.claim).version == 3
        )
    }

    @Test("a decision against golden cases that have changed publishes nothing")
    func outdatedGolden() throws {
        let claimed = try claim()
        try store.setGolden(rows, of: "mood")
        #expect(throws: StoreError.decisionOutdated(model: "mood")) {
            try store.publish(publication("one"), claim: claimed.claim)
        }
        var result = publication("one")
        result.decision.goldenRevision = try store.decisionGround(of: "mood").golden.revision
        #expect(try store.publish(result, claim: claimed.claim).isPromoted)
    }

    @Test("what may only be a candidate cannot be published as live")
    func promotionNeedsRight() throws {
        let changes: [(inout NewJob) -> Void] = [
            { $0.mayPromote = false }, { $0.promotion = .never },
        ]
        for change in changes {
            let claimed = try claim(change)
            #expect(throws: StoreError.promotionNotAllowed(job: claimed.job.id)) {
                try store.publish(publication("one"), claim: claimed.claim)
            }
            let candidate = publication("one", isPromoted: false)
            #expect(try !store.publish(candidate, claim: claimed.claim).isPromoted)
        }
        #expect(try store.model("mood")?.liveVersion == nil)
    }

    @Test("a version keeps its report, its held-out answers and where it came from")
    func keepsProvenance() throws {
        let claimed = try claim {
            $0.actor = "ci"
            $0.options = Array("{\"seed\":7}".utf8)
        }
        var result = publication("one")
        result.report = Array("{\"data\":{}}".utf8)
        result.toolVersion = "1.2"
        result.heldOut = [
            HeldOutAnswer(text: "t", truth: "good", label: "bad", score: 0.75, truthScore: 0.25)
        ]
        _ = try store.publish(result, claim: claimed.claim)
        let version = try #require(try store.version("mood", 1))
        #expect(version.actor == "ci" && version.options == Array("{\"seed\":7}".utf8))
        #expect(version.toolVersion == "1.2")
        #expect(try store.report(of: "mood", 1) == result.report)
        #expect(try store.report(ofJob: claimed.job.id) == result.report)
        #expect(try store.heldOutAnswers(of: "mood", 1) == result.heldOut)
        #expect(try store.heldOutAnswers(of: "mood", 2).isEmpty)
    }

    @Test("a job that is given back in good order is not tried less often for it")
    func givingBackIsNoTry() throws {
        let id = try claim().job.id
        for _ in 1...5 {
            let released = try store.releaseJobs(ofWorker: "w", reason: "stop", countsAsTry: false)
            #expect(released == [ReleasedJob(id: id, state: .queued)])
            _ = try store.claim(worker: "w", lease: .seconds(1))
        }
        for try_ in 1...3 {
            let released = try store.releaseJobs(ofWorker: "w", reason: "killed")
            #expect(released == [ReleasedJob(id: id, state: try_ < 3 ? .queued : .failed)])
            _ = try store.claim(worker: "w", lease: .seconds(1))
        }
        #expect(try store.job(id)?.failure?.detail == "attempt 3 of 3: killed")
    }
}
