import Examples
import Store
import Synchronization
import TestStores
import Testing

/// What happens when verbs that touch the same thing come at the same moment, from several
/// processes.
@Suite struct RaceTests {
    @Test("of claimers at once each job goes to one, and none is left", arguments: Backend.all)
    func claimers(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let ids = try (0..<24).map { try store.submit(job: newJob("m\($0)")).job.id }
        let outcomes = atOnce(
            (0..<4).map { worker in
                { () throws -> [ClaimedJob] in
                    let store = try place.open()
                    var claimed: [ClaimedJob] = []
                    while let job = try store.claim(worker: "w\(worker)", lease: .seconds(60)) {
                        claimed.append(job)
                    }
                    return claimed
                }
            }
        )
        let claimed = try outcomes.flatMap { try $0.get() }
        #expect(claimed.map(\.job.id).sorted() == ids.sorted())
        #expect(claimed.allSatisfy { $0.examples == rows && $0.claim.attempt == 1 })
    }

    @Test(
        "of submissions of one actor at once as many are taken as it may have",
        arguments: Backend.all
    )
    func actorLimit(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let limits = QueueLimits(jobs: 100, jobsOfActor: 3)
        var job = newJob()
        job.actor = "a"
        let outcomes = atOnce(
            [NewJob](repeating: job, count: 8).map { job in
                { () throws -> Bool in
                    let store = try place.open()
                    return try store.submit(job: job, limits: limits).isReplay
                }
            }
        )
        #expect(outcomes.count { $0.isSuccess } == 3)
        for error in outcomes.compactMap(\.error) {
            #expect(error as? StoreError == .actorQueueFull(limit: 3))
        }
        #expect(try store.jobCounts() == [.queued: 3])
    }

    @Test(
        "of submissions with one key at once one queues a job, which all get",
        arguments: Backend.all
    )
    func idempotency(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let key = IdempotencyKey(scope: "s", key: "k", requestDigest: "d")
        let outcomes = atOnce(
            (0..<8).map { _ in
                { () throws -> Submission in
                    try place.open().submit(job: newJob(), idempotency: key)
                }
            }
        )
        let submissions = try outcomes.map { try $0.get() }
        #expect(submissions.count { !$0.isReplay } == 1)
        #expect(Set(submissions.map(\.job.id)).count == 1)
        #expect(try store.jobCounts() == [.queued: 1])
    }

    /// What is left of one step out of many that came at once.
    private struct Outcome {
        let model: String
        let publish, live, deleteFirst, deleteSecond: Result<Void, any Error>
    }

    @Test(
        "publish, promote and delete at once end as if they had come in some order",
        arguments: Backend.all
    )
    func publishAgainstDelete(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let handles = try (0..<4).map { _ in try place.open() }
        let store = try place.open()
        for round in 0..<25 {
            let model = "m\(round)"
            _ = try store.importFile("live \(round)", model: model)
            var candidate = ImportedCheckpoint(
                bytes: [1],
                digest: "\(round)",
                origin: .upload,
                metrics: []
            )
            candidate.mayBecomeLive = false
            _ = try store.importCheckpoint(candidate, of: model)
            _ = try store.submit(job: newJob(model))
            let claimed = try #require(try store.claim(worker: "w", lease: .seconds(60)))
            let results = atOnce(
                { _ = try handles[0].publish(publication("x", over: 1), claim: claimed.claim) },
                { try handles[1].setLive(model: model, version: 2) },
                { try handles[2].deleteVersion(model: model, version: 1) },
                { try handles[3].deleteVersion(model: model, version: 2) }
            )
            let outcome = Outcome(
                model: model,
                publish: results[0],
                live: results[1],
                deleteFirst: results[2],
                deleteSecond: results[3]
            )
            try check(outcome, claimed, store)
            if !outcome.publish.isSuccess { try store.end(claimed.claim, as: .cancelled) }
        }
    }

    private func check(_ outcome: Outcome, _ claimed: ClaimedJob, _ store: any Store) throws {
        let model = outcome.model
        var expected = [2, 1]
        if outcome.publish.isSuccess { expected.insert(3, at: 0) }
        if outcome.deleteFirst.isSuccess { expected.removeAll { $0 == 1 } }
        if outcome.deleteSecond.isSuccess { expected.removeAll { $0 == 2 } }
        #expect(try store.versions(of: model).map(\.version) == expected)
        let live = try #require(try store.model(model)?.liveVersion)
        #expect(expected.contains(live))
        #expect(try store.checkpointBytes(model, live) != nil)
        #expect(
            try store.job(claimed.job.id)?.state
                == (outcome.publish.isSuccess ? .succeeded : .running)
        )
        if let error = outcome.publish.error {
            #expect(error as? StoreError == .decisionOutdated(model: model))
            #expect(live == 2, "only a version that was made live outdates the decision")
        } else {
            #expect(live == (outcome.live.isSuccess ? 2 : 3))
        }
        if let error = outcome.live.error {
            #expect(error as? StoreError == .unknownVersion(model: model, version: 2))
            #expect(outcome.deleteSecond.isSuccess)
        }
        for (result, version) in [(outcome.deleteFirst, 1), (outcome.deleteSecond, 2)] {
            guard let error = result.error else { continue }
            #expect(error as? StoreError == .versionIsLive(model: model, version: version))
        }
    }

    @Test("a model that is deleted while a job of it publishes is gone", arguments: Backend.all)
    func publishAgainstDeletedModel(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let (store, other) = (try place.open(), try place.open())
        for round in 0..<25 {
            let model = "m\(round)"
            _ = try store.submit(job: newJob(model))
            let claimed = try #require(try store.claim(worker: "w", lease: .seconds(60)))
            let results = atOnce(
                { _ = try store.publish(publication("x"), claim: claimed.claim) },
                { try other.deleteModel(model) }
            )
            #expect(results[1].isSuccess)
            if let error = results[0].error {
                #expect(error as? StoreError == .cancelled(job: claimed.job.id))
            }
            #expect(try store.model(model) == nil && store.versions(of: model).isEmpty)
            #expect(try store.unfinishedJobs().isEmpty)
        }
        #expect(try place.storedTexts().isEmpty)
    }

    @Test("a job that is claimed while its model is deleted is cancelled", arguments: Backend.all)
    func claimAgainstDeletedModel(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let (store, other) = (try place.open(), try place.open())
        for round in 0..<25 {
            let model = "m\(round)"
            _ = try store.submit(job: newJob(model))
            let claimed = Mutex<ClaimedJob?>(nil)
            let results = atOnce(
                {
                    let job = try store.claim(worker: "w", lease: .seconds(60))
                    claimed.withLock { $0 = job }
                },
                { try other.deleteModel(model) }
            )
            for result in results { try result.get() }
            if let claim = claimed.withLock({ $0?.claim }) {
                #expect(try store.report(JobProgress(epoch: 1, epochs: 2), claim: claim) == .cancel)
                try store.end(claim, as: .cancelled)
            }
            #expect(try store.unfinishedJobs().isEmpty)
        }
        #expect(try place.storedTexts().isEmpty)
    }

    @Test(
        "a job is either published or taken back, and either published or cancelled",
        arguments: Backend.all,
        [true, false]
    )
    func publishAgainstEnd(_ backend: Backend, isCancel: Bool) throws {
        let place = try backend.makePlace()
        let (store, other) = (try place.open(), try place.open())
        for round in 0..<25 {
            let id = try store.submit(job: newJob("m\(round)")).job.id
            let claimed = try #require(try store.claim(worker: "w", lease: .seconds(60)))
            let results = atOnce(
                { _ = try store.publish(publication("x"), claim: claimed.claim) },
                {
                    if isCancel {
                        _ = try other.requestCancel(id)
                    } else {
                        try other.releaseJobs(ofWorker: "w", reason: "r")
                    }
                }
            )
            #expect(results[1].isSuccess)
            let state = try store.job(id)?.state
            let lost = isCancel ? StoreError.cancelled(job: id) : .claimLost(job: id)
            if let error = results[0].error {
                #expect(error as? StoreError == lost)
                #expect(state == (isCancel ? .cancelled : .queued))
                _ = try store.requestCancel(id)
            } else {
                #expect(state == .succeeded)
            }
            #expect(try store.versions(of: "m\(round)").isEmpty == !results[0].isSuccess)
        }
    }

    @Test(
        "a version has the rows that its job was claimed with, whatever changes meanwhile",
        arguments: Backend.all
    )
    func changesAgainstClaims(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let (store, other) = (try place.open(), try place.open())
        try train("1", on: store)
        let isOver = Atomic<Bool>(false)
        let results = atOnce(
            {
                defer { isOver.store(true, ordering: .relaxed) }
                for number in 0..<20 {
                    var job = newJob()
                    job.mode = number % 3 == 0 ? .replace : .extend
                    job.examples = ["a", "b"].map {
                        Example(label: $0, text: "\($0) \(number % 5)")
                    }
                    _ = try store.submit(job: job)
                    let claimed = try #require(try store.claim(worker: "w", lease: .seconds(60)))
                    let digest = ExampleSet.digest(of: claimed.examples)
                    #expect(claimed.job.dataDigest == digest)
                    let result = publication("\(number)", over: claimed.live?.version)
                    let version = try store.publish(result, claim: claimed.claim).version
                    #expect(try store.examples(of: "mood", version) == claimed.examples)
                }
            },
            {
                var number = 0
                while !isOver.load(ordering: .relaxed) {
                    number += 1
                    let text = "\(number % 2 == 0 ? "a" : "b") \(number % 5)"
                    let change = ExampleChange(
                        model: "mood",
                        added: [Example(label: "l\(number % 3)", text: text)],
                        source: .feedback,
                        removedTexts: ["a \(number % 4)"]
                    )
                    _ = try other.changeExamples(change)
                }
            }
        )
        for result in results { try result.get() }
    }

    @Test("who follows the store misses no change", arguments: Backend.all)
    func followers(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let (store, other) = (try place.open(), try place.open())
        let isOver = Atomic<Bool>(false)
        let results = atOnce(
            {
                defer { isOver.store(true, ordering: .relaxed) }
                for number in 1...100 {
                    try store.setGolden([Example(label: "a", text: "\(number)")], of: "m")
                }
            },
            {
                var last: (mark: ChangeMark, revision: Int)?
                while !isOver.load(ordering: .relaxed) {
                    let before = try other.changeMark()
                    let revision = try other.golden(of: "m").revision
                    if let last, last.mark == before { #expect(revision >= last.revision) }
                    let after = try other.changeMark()
                    // What was read between two equal marks holds until the mark changes.
                    if before == after {
                        let again = try other.golden(of: "m").revision
                        if try other.changeMark() == before { #expect(again == revision) }
                    }
                    last = (after, revision)
                }
                #expect(try other.golden(of: "m").revision == 100)
            }
        )
        for result in results { try result.get() }
    }

    /// Decides again as often as another worker's version becomes live in between.
    private func publish(_ claimed: ClaimedJob, on store: any Store) throws {
        while true {
            let live = try store.decisionGround(of: claimed.job.model).live?.version
            do {
                let result = publication(claimed.job.id, over: live)
                _ = try store.publish(result, claim: claimed.claim)
                return
            } catch StoreError.decisionOutdated { continue }
        }
    }

    @Test(
        "a server and two workers work at the same time, and each job is done once",
        arguments: Backend.all
    )
    func worksInParallel(_ backend: Backend) async throws {
        let jobs = 40
        let place = try backend.makePlace()
        _ = try place.open()
        let done = try await withThrowingTaskGroup(of: [String].self) { group in
            group.addTask {
                let server = try place.open()
                for _ in 0..<jobs { _ = try server.submit(job: newJob()) }
                return []
            }
            for worker in 0..<2 {
                group.addTask {
                    let trainer = try place.open()
                    var done: [String] = []
                    let deadline = ContinuousClock.now + .seconds(60)
                    while ContinuousClock.now < deadline {
                        guard
                            let claimed = try trainer.claim(
                                worker: "w\(worker)",
                                lease: .seconds(60)
                            )
                        else {
                            if try trainer.jobCounts() == [.succeeded: jobs] { break }
                            try await Task.sleep(for: .milliseconds(1))
                            continue
                        }
                        _ = try trainer.report(
                            JobProgress(epoch: 1, epochs: 1),
                            claim: claimed.claim
                        )
                        try publish(claimed, on: trainer)
                        done.append(claimed.job.id)
                    }
                    return done
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(done.count == jobs && Set(done).count == jobs)
        let store = try place.open()
        let newest = (jobs - Retention.versions + 1...jobs).reversed()
        #expect(try store.versions(of: "mood").map(\.version) == Array(newest))
        #expect(try store.model("mood")?.liveVersion == jobs)
    }
}
