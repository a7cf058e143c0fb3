import Examples
import Store
import TestStores
import Testing

/// A verb is done whole, or not at all.
@Suite struct AtomicityTests {
    @Test(
        "a verb that fails behind any of its steps changes nothing, and succeeds afterwards",
        arguments: Backend.all,
        Verb.allCases
    )
    func failures(_ backend: Backend, _ verb: Verb) throws {
        let setup = try Setup(backend)
        let act = try setup.prepare(verb)
        let steps = setup.place.steps(of: verb)
        #expect(!steps.isEmpty)
        let before = try setup.place.contents()
        for step in steps {
            try setup.place.fail(behind: step)
            #expect(throws: StoreError.self, "\(step)") { try act() }
            try setup.place.mend()
            let after = try setup.place.contents()
            #expect(after == before, "\(step)")
        }
        try act()
        let after = try setup.place.contents()
        #expect(after != before)
    }

    @Test("what is refused for the limit of rows changes nothing", arguments: Backend.all)
    func fullDataSets(_ backend: Backend) throws {
        let setup = try Setup(backend)
        let store = setup.store
        let key = IdempotencyKey(scope: "", key: "other", requestDigest: "d")
        let added = ExampleChange(model: "mood", added: [Example(label: "a", text: "third")])
        var job = newJob()
        job.mode = .extend
        job.examples = added.added
        let before = try setup.place.contents()
        #expect(throws: StoreError.dataSetFull(limit: 2)) {
            try store.changeExamples(added, maximumRows: 2, idempotency: key)
        }
        #expect(throws: StoreError.dataSetFull(limit: 2)) {
            try store.submit(job: job, limits: QueueLimits(), maximumRows: 2, idempotency: key)
        }
        #expect(try setup.place.contents() == before)
        let done = try store.changeExamples(added, maximumRows: 3, idempotency: key)
        #expect(done.rowCount == 3 && !done.isReplay)
    }
}

/// A store with a model of two versions that learnt from different rows.
private struct Setup {
    let place: any StorePlace
    let store: any Store
    private let key = IdempotencyKey(scope: "", key: "k", requestDigest: "d")

    init(_ backend: Backend) throws {
        place = try backend.makePlace()
        store = try place.open()
        for name in ["1", "2"] {
            _ = try store.submit(job: job(name, .replace))
            try finishJob(name, on: store)
        }
        try store.setGolden(rows, of: "mood")
    }

    private func job(_ name: String, _ mode: DataSetMode, of model: String = "mood") -> NewJob {
        var job = newJob(model)
        job.examples = ["a", "b"].map { Example(label: $0, text: "\($0) of \(name)") }
        job.mode = mode
        return job
    }

    /// A running job.
    private func claim(_ job: NewJob) throws -> ClaimedJob {
        _ = try store.submit(job: job)
        return try #require(try store.claim(worker: "w", lease: .seconds(30)))
    }

    /// Brings the store to where a verb takes all its steps, and returns the verb.
    func prepare(_ verb: Verb) throws -> () throws -> Void {
        switch verb {
        case .submit, .requestCancel, .claim, .report, .publish, .publishFirst, .end, .releaseJobs:
            try prepareJob(verb)
        case .changeExamples, .restoreExamples: try prepareRows(verb)
        case .follow: try prepareAnnotations()
        case .takeNotices, .returnNotices, .settleNotice: try prepareNotices(verb)
        case .sign: { try store.sign(worker("w")) }
        case .remember, .setReviewed, .forgetPrediction: try preparePredictions(verb)
        case .setShadow, .addShadowCounts, .removeShadow: try prepareShadow(verb)
        default: try prepareModel(verb)
        }
    }

    private func prepareJob(_ verb: Verb) throws -> () throws -> Void {
        let new = job("3", .replace, of: verb == .publishFirst ? "new" : "mood")
        switch verb {
        case .submit:
            return { _ = try store.submit(job: new, idempotency: key) }
        case .requestCancel:
            let id = try store.submit(job: new).job.id
            return { _ = try store.requestCancel(id) }
        case .claim:
            _ = try store.submit(job: new)
            return { _ = try store.claim(worker: "w", lease: .seconds(30)) }
        default: break
        }
        let claimed = try claim(new)
        switch verb {
        case .report:
            let progress = JobProgress(epoch: 1, epochs: 2)
            return { _ = try store.report(progress, stage: "x", claim: claimed.claim) }
        case .end:
            let failure = JobFailure(code: "x", detail: "x")
            return { try store.end(claimed.claim, as: .failed(failure)) }
        case .releaseJobs:
            return { try store.releaseJobs(ofWorker: "w", reason: "r") }
        default:
            var result = publication("3", over: claimed.live?.version)
            result.decision.goldenRevision = claimed.golden.revision
            result.heldOut = [
                HeldOutAnswer(text: "t", truth: "a", label: "b", score: 0.75, truthScore: 0.25)
            ]
            let publication = result
            let few = try place.open(keptVersions: 1)
            return {
                _ = try few.publish(publication, claim: claimed.claim)
            }
        }
    }

    private func preparePredictions(_ verb: Verb) throws -> () throws -> Void {
        try store.remember(["p-1", "p-2"].map { prediction($0) }, atMost: 2)
        switch verb {
        case .remember: return { try store.remember([prediction("p-3")], atMost: 2) }
        case .setReviewed: return { try store.setReviewed(prediction: "p-1") }
        default: return { try store.forgetPrediction("p-1") }
        }
    }

    private func prepareRows(_ verb: Verb) throws -> () throws -> Void {
        if verb == .restoreExamples {
            return { _ = try store.restoreExamples(.version(1), of: "mood") }
        }
        _ = try store.submit(job: job("3", .extend))
        let change = ExampleChange(
            model: "mood",
            added: [Example(label: "new", text: "a of 2"), Example(label: "a", text: "b of 3")]
        )
        return { _ = try store.changeExamples(change, idempotency: key) }
    }

    private func prepareNotices(_ verb: Verb) throws -> () throws -> Void {
        var announced = job("3", .extend)
        announced.isAnnounced = true
        let id = try store.submit(job: announced).job.id
        _ = try store.requestCancel(id)
        if verb == .takeNotices { return { _ = try store.takeNotices(limit: 9) } }
        _ = try store.takeNotices(limit: 9)
        if verb == .returnNotices { return { try store.returnNotices(of: nil) } }
        return { try store.settleNotice(of: id) }
    }

    private func prepareAnnotations() throws -> () throws -> Void {
        func annotation(_ id: Int, _ label: String, _ text: String) -> Annotation {
            let example = Example(label: label, text: text)
            return Annotation(
                id: AnnotationID(project: 1, annotation: id),
                task: id,
                example: example
            )
        }
        var change = AnnotationChange(model: "mood", kept: [annotation(1, "a", "gone")])
        _ = try store.follow(change, maximumRows: .max)
        change = AnnotationChange(
            model: "mood",
            kept: [annotation(2, "b", "came")],
            removedTasks: [(project: 1, task: 1)]
        )
        return { [change] in _ = try store.follow(change, maximumRows: .max) }
    }

    /// Version 3 runs in shadow, after version 1 did.
    private func prepareShadow(_ verb: Verb) throws -> () throws -> Void {
        _ = try store.importFile("x")
        func set(_ version: Int) throws(StoreError) {
            try store.setShadow(version, of: "mood", share: 0.5, actor: nil)
        }
        try set(1)
        try set(3)
        var counts = ShadowCounts(model: "mood", version: 3, liveVersion: 2)
        counts.texts = 2
        counts.pairs = [ShadowPair(live: "a", shadow: "b", texts: 2)]
        try store.add(counts)
        counts.pairs.append(ShadowPair(live: "a", shadow: nil, texts: 1))
        switch verb {
        case .setShadow: return { try set(1) }
        case .removeShadow: return { _ = try store.removeShadow(of: "mood") }
        default: return { [counts] in try store.add(counts) }
        }
    }

    private func prepareModel(_ verb: Verb) throws -> () throws -> Void {
        switch verb {
        case .setGolden: return { try store.setGolden([rows[0]], of: "mood") }
        case .importCheckpoint: return { _ = try store.importFile("x", model: "new") }
        case .setLive:
            _ = try prepareShadow(.addShadowCounts)
            return { try store.setLive(model: "mood", version: 1) }
        case .setPinned: return { try store.setPinned(true, model: "mood", version: 1) }
        case .deleteVersion: return { try store.deleteVersion(model: "mood", version: 1) }
        default:
            _ = try claim(job("3", .extend))
            _ = try store.submit(job: job("4", .extend), idempotency: key)
            return { try store.deleteModel("mood") }
        }
    }
}
