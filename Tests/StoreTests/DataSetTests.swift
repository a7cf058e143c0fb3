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
}
