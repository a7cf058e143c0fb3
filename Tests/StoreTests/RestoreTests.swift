import Examples
import SQLiteStore
import Store
import TestStores
import Testing

/// Rows that are brought back.
@Suite struct RestoreTests {
    private let temporary = TemporaryStore()
    private let store: SQLiteStore

    init() throws {
        store = try temporary.open()
        for rows in [["a: 1", "b: 2", "b: 3"], ["a: 1", "b: x"]] {
            try submit(rows)
            try finishJob(on: store)
        }
    }

    private func examples(_ rows: [String]) -> [Example] {
        rows.map { Example(label: String($0.prefix(1)), text: String($0.dropFirst(3))) }
    }

    private func submit(_ rows: [String]) throws {
        var job = newJob()
        job.examples = examples(rows)
        job.mode = .replace
        _ = try store.submit(job: job)
    }

    private var page: ExamplePage {
        get throws { try #require(try store.examples(of: "mood", limit: 1000)) }
    }

    @Test("the rows of a version come back with their origin, and going back loses nothing")
    func restores() throws {
        let feedback = ExampleChange(
            model: "mood",
            added: [Example(label: "c", text: "new")],
            source: .feedback,
            actor: "me"
        )
        _ = try store.changeExamples(feedback)
        let before = try page
        let restored = try store.restoreExamples(.version(1), of: "mood", actor: "admin")
        #expect(try page.rows.map(\.example) == examples(["a: 1", "b: 2", "b: 3"]))
        #expect(restored.change.added == 2 && restored.change.removed == 2)
        #expect(restored.rowCount == 3 && restored.replaced == before.revision)
        #expect(restored.revision > before.revision)
        #expect(try page.revision == restored.revision)
        // What is there stays what it is.
        #expect(try page.rows[0] == before.rows[0])
        let again = try store.restoreExamples(.version(1), of: "mood")
        #expect(again.revision == restored.revision && again.change.added == 0)
        _ = try store.restoreExamples(.revision(restored.replaced), of: "mood")
        let after = try page
        #expect(after.rows.map(\.example) == before.rows.map(\.example))
        #expect(after.rows.map(\.source) == [.train, .train, .feedback])
        #expect(after.rows.map(\.actor) == before.rows.map(\.actor))
        #expect(after.rows.map(\.addedAt) == before.rows.map(\.addedAt))
    }

    @Test("the rows of a version are listed like those of now")
    func lists() throws {
        let first = try #require(try store.examples(of: "mood", version: 1, limit: 9))
        #expect(first.rows.map(\.example) == examples(["a: 1", "b: 2", "b: 3"]))
        #expect(first.rowCount == 3)
        let page = try #require(
            try store.examples(of: "mood", version: 1, label: "b", limit: 1, after: 2)
        )
        #expect(page.rows.map(\.example.text) == ["3"])
        #expect(throws: StoreError.unknownVersion(model: "mood", version: 9)) {
            try store.examples(of: "mood", version: 9, limit: 9)
        }
        _ = try store.importFile("file")
        #expect(try store.examples(of: "mood", version: 3, limit: 9) == nil)
    }

    @Test("corrections that a job replaced can be gone back to, though no version learnt from them")
    func replacedCorrections() throws {
        let feedback = ExampleChange(
            model: "mood",
            added: examples(["c: new", "c: secret"]),
            source: .feedback
        )
        let revision = try store.changeExamples(feedback).revision
        try submit(["a: 8", "b: 9"])
        try finishJob(on: store)
        #expect(try page.rows.count == 2)
        // A text that somebody removes is gone from what can be gone back to.
        let removal = ExampleChange(model: "mood", removedTexts: ["8", "secret"])
        #expect(try store.changeExamples(removal).change.removed == 1)
        _ = try store.restoreExamples(.revision(revision), of: "mood")
        #expect(try page.rows.map(\.example) == examples(["a: 1", "b: x", "c: new"]))
    }

    @Test("what is not kept, or would be changed by a job that has not ended, is refused")
    func refusals() throws {
        #expect(throws: StoreError.examplesNotKept(model: "mood")) {
            try store.restoreExamples(.revision(999), of: "mood")
        }
        #expect(throws: StoreError.unknownVersion(model: "mood", version: 9)) {
            try store.restoreExamples(.version(9), of: "mood")
        }
        #expect(throws: StoreError.unknownModel("none")) {
            try store.restoreExamples(.version(1), of: "none")
        }
        _ = try store.importFile("file")
        #expect(throws: StoreError.examplesNotKept(model: "mood")) {
            try store.restoreExamples(.version(3), of: "mood")
        }
        let before = try page
        try submit(["a: 8", "b: 9"])
        #expect(throws: StoreError.rowsWait(model: "mood")) {
            try store.restoreExamples(.version(1), of: "mood")
        }
        #expect(try page == before)
        _ = try store.requestCancel(try #require(try store.jobs(limit: 1).first).id)
        // A job without rows changes nothing, so it is no obstacle.
        var retraining = newJob()
        retraining.examples = []
        retraining.mode = .extend
        _ = try store.submit(job: retraining)
        _ = try store.restoreExamples(.version(1), of: "mood")
    }

    @Test("only the newest ten replaced revisions are kept, and the rows of the others go")
    func boundsRevisions() throws {
        let first = try page.revision
        var replaced = [first]
        for number in 1...12 {
            let change = ExampleChange(
                model: "mood",
                added: [Example(label: "c", text: "only \(number)")]
            )
            _ = try store.changeExamples(change)
            replaced.append(try store.restoreExamples(.version(1), of: "mood").replaced)
        }
        for revision in replaced.dropFirst().prefix(2) {
            #expect(throws: StoreError.examplesNotKept(model: "mood")) {
                try store.restoreExamples(.revision(revision), of: "mood")
            }
        }
        let texts = try store.read { connection throws(StoreError) in
            try connection.rows("SELECT text FROM examples WHERE text LIKE 'only%'") {
                $0.text("text")
            }
        }
        #expect(texts == (3...12).map { "only \($0)" })
        _ = try store.restoreExamples(.revision(replaced[3]), of: "mood")
        #expect(try page.rows.last?.example.text == "only 3")
    }
}
