import Examples
import Store
import Testing

@Suite struct DataSetTests {
    private let temporary = TemporaryStore()

    private func job(
        _ rows: [(label: String, text: String)],
        extends: Bool,
        model: String = "mood"
    ) -> NewJob {
        var job = newJob(model)
        job.examples = rows.map { Example(label: $0.label, text: $0.text) }
        job.extends = extends
        return job
    }

    private func texts(_ job: Job, in store: Store) throws -> [String] {
        try store.examples(ofJob: job.id).map { "\($0.label): \($0.text)" }
    }

    @Test("a job that extends adds rows and relabels, and each job keeps the rows it was given")
    func extends() throws {
        let store = try temporary.open()
        let first = try store.submit(job: job([("a", "1"), ("b", "2")], extends: false)).job
        let other = try store.submit(
            job: job([("x", "1"), ("y", "2")], extends: false, model: "o")
        )
        let rows = [("b", "2"), ("c", "1"), ("a", "3"), ("a", "3")]
        let second = try store.submit(job: job(rows, extends: true)).job
        #expect(try texts(first, in: store) == ["a: 1", "b: 2"])
        #expect(try texts(other.job, in: store) == ["x: 1", "y: 2"])
        #expect(try texts(second, in: store) == ["b: 2", "c: 1", "a: 3"])
        #expect(second.rowCount == 3)
        #expect(second.dataDigest == ExampleSet.digest(of: try store.examples(ofJob: second.id)))
        let third = try store.submit(job: job([], extends: true)).job
        #expect(third.revision == second.revision && third.dataDigest == second.dataDigest)
        let fourth = try store.submit(job: job([("a", "9"), ("b", "8")], extends: false)).job
        #expect(try texts(fourth, in: store) == ["a: 9", "b: 8"])
        #expect(try texts(second, in: store) == ["b: 2", "c: 1", "a: 3"])
    }

    @Test("rows that are the newest ones already are not stored again")
    func reusesRevisions() throws {
        let store = try temporary.open()
        let first = try store.submit(job: newJob()).job
        let second = try store.submit(job: newJob()).job
        #expect(first.revision == second.revision)
        #expect(try store.examples(ofJob: second.id) == rows)
        let longer = [("good", "more"), ("bad", "less")]
        _ = try store.submit(job: job(longer, extends: true))
        let third = try store.submit(job: newJob()).job
        #expect(third.revision > second.revision)
        #expect(try store.examples(ofJob: third.id) == rows)
    }

    @Test("contradictions in rows that replace stay; in rows that extend the last one counts")
    func contradictions() throws {
        let store = try temporary.open()
        let rows = [("a", "same"), ("b", "same"), ("a", "same"), ("b", "other")]
        let first = try store.submit(job: job(rows, extends: false)).job
        #expect(try texts(first, in: store) == ["a: same", "b: same", "a: same", "b: other"])
        let second = try store.submit(job: job([("b", "same"), ("a", "x")], extends: true)).job
        #expect(try texts(second, in: store) == ["b: same", "b: other", "a: x"])
        let flips = [("a", "new"), ("b", "new"), ("c", "new")]
        let third = try store.submit(job: job(flips, extends: true)).job
        #expect(try texts(third, in: store) == ["b: same", "b: other", "a: x", "c: new"])
    }

    @Test("a data set with less than two labels cannot be extended into a job, and stays as it was")
    func needsTwoLabels() throws {
        let store = try temporary.open()
        for rows in [[], [("a", "1"), ("a", "2")]] {
            #expect(throws: StoreError.tooFewLabels(model: "mood")) {
                try store.submit(job: job(rows, extends: true))
            }
        }
        let done = try store.submit(job: job([("b", "3"), ("c", "4")], extends: true)).job
        #expect(try texts(done, in: store) == ["b: 3", "c: 4"])
    }

    @Test("golden cases have a revision that moves when they change")
    func golden() throws {
        let store = try temporary.open()
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

    @Test("a version that passed other golden cases does not become live")
    func outdatedGolden() throws {
        let store = try temporary.open()
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

    @Test("a change that comes many times at once, with one key, is done once")
    func concurrentReplays() async throws {
        _ = try temporary.open()
        let change = ExampleChange(model: "mood", added: rows)
        let key = IdempotencyKey(scope: "", key: "k", requestDigest: "d")
        let outcomes = try await withThrowingTaskGroup(of: [ChangedExamples].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let store = try temporary.open()
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

    @Test("only the newest keys are remembered")
    func boundsKeys() throws {
        let store = try temporary.open()
        func change(_ number: Int) throws -> Bool {
            let key = IdempotencyKey(scope: "", key: "\(number)", requestDigest: "d")
            return try store.changeExamples(ExampleChange(model: "m"), idempotency: key).isReplay
        }
        try store.write { connection throws(StoreError) in
            for number in 1...9_999 {
                try connection.run(
                    """
                    INSERT INTO idempotency (scope, key, request_digest, body)
                    VALUES ('', ?, 'd', CAST('0 0 0 0 1 0' AS BLOB))
                    """,
                    .text("\(number)")
                )
            }
        }
        #expect(try !change(10_000))
        #expect(try change(1))
        #expect(try !change(10_001))
        #expect(try change(2) && !change(1))
    }
}
