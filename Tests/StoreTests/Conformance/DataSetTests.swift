import Examples
import Store
import TestStores
import Testing

@Suite struct DataSetTests {
    private func job(
        _ rows: [(label: String, text: String)],
        _ mode: DataSetMode? = nil,
        model: String = "mood"
    ) -> NewJob {
        var job = newJob(model)
        job.examples = rows.map { Example(label: $0.label, text: $0.text) }
        job.mode = mode
        return job
    }

    private func texts(_ job: Job, in store: any Store) throws -> [String] {
        try store.examples(ofJob: job.id).map { "\($0.label): \($0.text)" }
    }

    /// What the data set has.
    private func stored(_ store: any Store, _ model: String = "mood") throws -> [String] {
        let page = try store.examples(of: model, limit: 100)
        return page?.rows.map { "\($0.example.label): \($0.example.text)" } ?? []
    }

    /// Submits a job and lets it succeed.
    private func run(_ new: NewJob, on store: any Store) throws -> Job {
        let id = try store.submit(job: new).job.id
        try finishJob(on: store)
        return try #require(try store.job(id))
    }

    @Test(
        "a job that extends adds rows and relabels, and each version keeps the rows it learnt from",
        arguments: Backend.all
    )
    func extends(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let first = try run(job([("a", "1"), ("b", "2")]), on: store)
        let other = try run(job([("x", "1"), ("y", "2")], model: "o"), on: store)
        let rows = [("b", "2"), ("c", "1"), ("a", "3"), ("a", "3")]
        let second = try run(job(rows, .extend), on: store)
        #expect(try texts(first, in: store) == ["a: 1", "b: 2"])
        #expect(try texts(other, in: store) == ["x: 1", "y: 2"])
        #expect(try texts(second, in: store) == ["b: 2", "c: 1", "a: 3"])
        #expect(second.rowCount == 3)
        #expect(second.change?.added == 1 && second.change?.relabelled == 1)
        #expect(second.change?.removed == 0)
        #expect(second.dataDigest == ExampleSet.digest(of: try store.examples(ofJob: second.id)))
        let third = try run(job([], .extend), on: store)
        #expect(third.revision == second.revision && third.dataDigest == second.dataDigest)
        let fourth = try run(job([("a", "9"), ("b", "8")], .replace), on: store)
        #expect(fourth.change?.added == 2 && fourth.change?.removed == 3)
        #expect(try texts(fourth, in: store) == ["a: 9", "b: 8"])
        #expect(try texts(second, in: store) == ["b: 2", "c: 1", "a: 3"])
    }

    @Test(
        "rows that are there already keep their numbers, and are stored once",
        arguments: Backend.all
    )
    func storesOnce(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        func ids() throws -> [String: Int] {
            let rows = try #require(try store.examples(of: "mood", limit: 100)).rows
            let pairs = rows.map { ($0.example.text, $0.id) }
            return Dictionary(pairs) { first, _ in first }
        }
        let first = try run(newJobOf(["1", "2", "3"]), on: store)
        let before = try ids()
        let second = try run(newJobOf(["1", "2", "3"]), on: store)
        #expect(first.revision == second.revision && first.dataDigest == second.dataDigest)
        let third = try run(newJobOf(["1", "new", "3"]), on: store)
        #expect(third.change?.added == 1 && third.change?.removed == 1)
        let after = try ids()
        #expect(after["1"] == before["1"] && after["3"] == before["3"] && after["2"] == nil)
        #expect(try place.storedTexts().count == 4)
        #expect(try store.examples(ofJob: second.id) == store.examples(ofJob: first.id))
        // Text and label decide, also where the stored text is the start of a longer one.
        var long = newJob()
        long.examples = ["a", "b"].map { Example(label: $0, text: $0, isTruncated: true) }
        _ = try run(long, on: store)
        let truncated = try ids()
        _ = try run(job([("a", "a"), ("b", "b")]), on: store)
        #expect(try ids() == truncated)
    }

    private func newJobOf(_ texts: [String]) -> NewJob {
        job(texts.enumerated().map { (label: $0.offset % 2 == 0 ? "a" : "b", text: $0.element) })
    }

    @Test(
        "contradictions in rows that replace stay; in rows that extend the last one counts",
        arguments: Backend.all
    )
    func contradictions(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let rows = [("a", "same"), ("b", "same"), ("a", "same"), ("b", "other"), ("a", "own")]
        let first = try run(job(rows), on: store)
        #expect(
            try texts(first, in: store)
                == ["a: same", "b: same", "a: same", "b: other", "a: own"]
        )
        let second = try run(job([("b", "same"), ("a", "x")], .extend), on: store)
        #expect(try texts(second, in: store) == ["b: same", "b: other", "a: own", "a: x"])
        let flips = [("a", "new"), ("b", "new"), ("c", "new")]
        let third = try run(job(flips, .extend), on: store)
        #expect(
            try texts(third, in: store) == ["b: same", "b: other", "a: own", "a: x", "c: new"]
        )
    }

    @Test(
        "a job that would fail for certain is refused, and the data set stays as it was",
        arguments: Backend.all
    )
    func refusesHopelessJobs(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        func expect(_ obstacle: TrainingObstacle, _ new: NewJob) {
            #expect(throws: StoreError.notTrainable(model: "mood", obstacle)) {
                try store.submit(job: new)
            }
        }
        expect(.noExamples, job([], .extend))
        expect(.oneLabel, job([("a", "1"), ("a", "2")], .extend))
        expect(.oneLabel, job([("a", "1")], .replace))
        expect(.contradictory(texts: 1), job([("a", "1"), ("b", "1")]))
        expect(.contradictory(texts: 1), job([("a", "1"), ("b", "1"), ("b", "2")]))
        #expect(try store.jobs(limit: 1).isEmpty && store.examples(of: "mood", limit: 1) == nil)
        let done = try run(job([("b", "3"), ("c", "4")], .extend), on: store)
        #expect(try texts(done, in: store) == ["b: 3", "c: 4"])
        // What waits before it may bring the second label.
        _ = try store.submit(job: job([("a", "1"), ("b", "2")], .replace, model: "new"))
        _ = try store.submit(job: job([("a", "3")], .extend, model: "new"))
    }

    @Test("corrections are replaced only by a job that says so", arguments: Backend.all)
    func guardsCorrections(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        _ = try run(job([("a", "1"), ("b", "2"), ("b", "3")]), on: store)
        _ = try run(job([("a", "1"), ("b", "2"), ("b", "3")]), on: store)
        let feedback = ExampleChange(
            model: "mood",
            added: [Example(label: "b", text: "1"), Example(label: "c", text: "new")],
            source: .feedback
        )
        _ = try store.changeExamples(feedback)
        let relabelled = ExampleChange(model: "mood", added: [Example(label: "a", text: "2")])
        _ = try store.changeExamples(relabelled)
        let refusal = StoreError.correctionsWouldGo(
            model: "mood",
            rows: 4,
            feedback: 2,
            relabelled: 1
        )
        #expect(throws: refusal) { try store.submit(job: job([("a", "1"), ("b", "2")])) }
        let extended = try run(job([("d", "4")], .extend), on: store)
        #expect(
            try texts(extended, in: store) == ["b: 3", "b: 1", "c: new", "a: 2", "d: 4"]
        )
        #expect(throws: StoreError.self) { try store.submit(job: job([("a", "1"), ("b", "2")])) }
        let replaced = try run(job([("a", "1"), ("b", "2")], .replace), on: store)
        #expect(replaced.change?.removed == 5)
        #expect(try stored(store) == ["a: 1", "b: 2"])
        _ = try run(job([("a", "1"), ("b", "2")]), on: store)
    }

    @Test("golden cases have a revision that moves when they change", arguments: Backend.all)
    func golden(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        #expect(try store.golden(of: "mood") == GoldenCases(revision: 0, cases: []))
        #expect(try store.setGolden(rows, of: "mood") == 1)
        #expect(try store.setGolden(rows, of: "mood") == 1)
        #expect(try store.golden(of: "mood") == GoldenCases(revision: 1, cases: rows))
        #expect(try store.golden(of: "other").cases.isEmpty)
        #expect(try store.setGolden([], of: "mood") == 2)
        _ = try store.submit(job: newJob())
        let claimed = try #require(try store.claim(worker: "w", lease: .seconds(1)))
        #expect(claimed.golden == GoldenCases(revision: 2, cases: []))
    }

    @Test("a version that passed other golden cases does not become live", arguments: Backend.all)
    func outdatedGolden(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        for text in ["one", "two"] { _ = try store.importFile(text) }
        let revision = try store.setGolden(rows, of: "mood")
        try store.setLive(model: "mood", version: 1, goldenRevision: revision)
        try store.setGolden([], of: "mood")
        #expect(throws: StoreError.decisionOutdated(model: "mood")) {
            try store.setLive(model: "mood", version: 2, goldenRevision: revision)
        }
        #expect(try store.model("mood")?.liveVersion == 1)
        try store.setLive(model: "mood", version: 2)
        #expect(try store.model("mood")?.liveVersion == 2)
    }

    @Test(
        "a change that comes many times at once, with one key, is done once",
        arguments: Backend.all
    )
    func concurrentReplays(_ backend: Backend) async throws {
        let place = try backend.makePlace()
        _ = try place.open()
        let change = ExampleChange(model: "mood", added: rows)
        let key = IdempotencyKey(scope: "", key: "k", requestDigest: "d")
        let outcomes = try await withThrowingTaskGroup(of: [ChangedExamples].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let store = try place.open()
                    return try (0..<5).map { _ in
                        try store.changeExamples(change, idempotency: key)
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(outcomes.count == 20 && outcomes.count { !$0.isReplay } == 1)
        #expect(Set(outcomes.map(\.change.added)) == [2])
        #expect(Set(outcomes.map(\.revision)).count == 1)
    }

    @Test("only the newest keys are remembered", arguments: Backend.all)
    func boundsKeys(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        func change(_ number: Int) throws -> Bool {
            let key = IdempotencyKey(scope: "", key: "\(number)", requestDigest: "d")
            return try store.changeExamples(ExampleChange(model: "m"), idempotency: key).isReplay
        }
        try place.remember(keys: 1...9_999)
        #expect(try !change(10_000))
        #expect(try change(1))
        #expect(try !change(10_001))
        #expect(try change(2) && !change(1))
    }
}
