import Examples
import Store
import TestStores
import Testing

/// Rows that are brought back.
@Suite struct RestoreTests {
    @Test(
        "the rows of a version come back with their origin, and going back loses nothing",
        arguments: Backend.all
    )
    func restores(_ backend: Backend) throws {
        let setup = try Setup(backend)
        let feedback = ExampleChange(
            model: "mood",
            added: [Example(label: "c", text: "new")],
            source: .feedback,
            actor: "me"
        )
        _ = try setup.store.changeExamples(feedback)
        let before = try setup.page
        let restored = try setup.store.restoreExamples(.version(1), of: "mood", actor: "admin")
        #expect(try setup.page.rows.map(\.example) == setup.examples(["a: 1", "b: 2", "b: 3"]))
        #expect(restored.change.added == 2 && restored.change.removed == 2)
        #expect(restored.rowCount == 3 && restored.replaced == before.revision)
        #expect(restored.revision > before.revision)
        #expect(try setup.page.revision == restored.revision)
        // What is there stays what it is.
        #expect(try setup.page.rows[0] == before.rows[0])
        let again = try setup.store.restoreExamples(.version(1), of: "mood")
        #expect(again.revision == restored.revision && again.change.added == 0)
        _ = try setup.store.restoreExamples(.revision(restored.replaced), of: "mood")
        let after = try setup.page
        #expect(after.rows.map(\.example) == before.rows.map(\.example))
        #expect(after.rows.map(\.source) == [.train, .train, .feedback])
        #expect(after.rows.map(\.actor) == before.rows.map(\.actor))
        #expect(after.rows.map(\.addedAt) == before.rows.map(\.addedAt))
    }

    @Test("the rows of a version are listed like those of now", arguments: Backend.all)
    func lists(_ backend: Backend) throws {
        let setup = try Setup(backend)
        let first = try #require(try setup.store.examples(of: "mood", version: 1, limit: 9))
        #expect(first.rows.map(\.example) == setup.examples(["a: 1", "b: 2", "b: 3"]))
        #expect(first.rowCount == 3)
        let page = try #require(
            try setup.store.examples(of: "mood", version: 1, label: "b", limit: 1, after: 2)
        )
        #expect(page.rows.map(\.example.text) == ["3"])
        #expect(throws: StoreError.unknownVersion(model: "mood", version: 9)) {
            try setup.store.examples(of: "mood", version: 9, limit: 9)
        }
        _ = try setup.store.importFile("file")
        #expect(try setup.store.examples(of: "mood", version: 3, limit: 9) == nil)
    }

    @Test(
        "corrections that a job replaced can be gone back to, though no version learnt from them",
        arguments: Backend.all
    )
    func replacedCorrections(_ backend: Backend) throws {
        let setup = try Setup(backend)
        let feedback = ExampleChange(
            model: "mood",
            added: setup.examples(["c: new", "c: secret"]),
            source: .feedback
        )
        let revision = try setup.store.changeExamples(feedback).revision
        try setup.submit(["a: 8", "b: 9"])
        try finishJob(on: setup.store)
        #expect(try setup.page.rows.count == 2)
        // A text that somebody removes is gone from what can be gone back to.
        let removal = ExampleChange(model: "mood", removedTexts: ["8", "secret"])
        #expect(try setup.store.changeExamples(removal).change.removed == 1)
        _ = try setup.store.restoreExamples(.revision(revision), of: "mood")
        #expect(try setup.page.rows.map(\.example) == setup.examples(["a: 1", "b: x", "c: new"]))
    }

    @Test(
        "what is not kept, or would be changed by a job that has not ended, is refused",
        arguments: Backend.all
    )
    func refusals(_ backend: Backend) throws {
        let setup = try Setup(backend)
        #expect(throws: StoreError.examplesNotKept(model: "mood")) {
            try setup.store.restoreExamples(.revision(999), of: "mood")
        }
        #expect(throws: StoreError.unknownVersion(model: "mood", version: 9)) {
            try setup.store.restoreExamples(.version(9), of: "mood")
        }
        #expect(throws: StoreError.unknownModel("none")) {
            try setup.store.restoreExamples(.version(1), of: "none")
        }
        _ = try setup.store.importFile("file")
        #expect(throws: StoreError.examplesNotKept(model: "mood")) {
            try setup.store.restoreExamples(.version(3), of: "mood")
        }
        let before = try setup.page
        try setup.submit(["a: 8", "b: 9"])
        #expect(throws: StoreError.rowsWait(model: "mood")) {
            try setup.store.restoreExamples(.version(1), of: "mood")
        }
        #expect(try setup.page == before)
        _ = try setup.store.requestCancel(try #require(try setup.store.jobs(limit: 1).first).id)
        // A job without rows changes nothing, so it is no obstacle.
        var retraining = newJob()
        retraining.examples = []
        retraining.mode = .extend
        _ = try setup.store.submit(job: retraining)
        _ = try setup.store.restoreExamples(.version(1), of: "mood")
    }

    @Test(
        "only the newest ten replaced revisions are kept, and the rows of the others go",
        arguments: Backend.all
    )
    func boundsRevisions(_ backend: Backend) throws {
        let setup = try Setup(backend)
        let first = try setup.page.revision
        var replaced = [first]
        for number in 1...12 {
            let change = ExampleChange(
                model: "mood",
                added: [Example(label: "c", text: "only \(number)")]
            )
            _ = try setup.store.changeExamples(change)
            replaced.append(try setup.store.restoreExamples(.version(1), of: "mood").replaced)
        }
        for revision in replaced.dropFirst().prefix(2) {
            #expect(throws: StoreError.examplesNotKept(model: "mood")) {
                try setup.store.restoreExamples(.revision(revision), of: "mood")
            }
        }
        let texts = try setup.place.storedTexts().filter { $0.hasPrefix("only") }
        #expect(texts == (3...12).map { "only \($0)" })
        _ = try setup.store.restoreExamples(.revision(replaced[3]), of: "mood")
        #expect(try setup.page.rows.last?.example.text == "only 3")
    }
}

/// A store with two versions, and what these tests do with it.
private struct Setup {
    let place: any StorePlace
    let store: any Store

    init(_ backend: Backend) throws {
        place = try backend.makePlace()
        store = try place.open()
        for rows in [["a: 1", "b: 2", "b: 3"], ["a: 1", "b: x"]] {
            try submit(rows)
            try finishJob(on: store)
        }
    }

    func examples(_ rows: [String]) -> [Example] {
        rows.map { Example(label: String($0.prefix(1)), text: String($0.dropFirst(3))) }
    }

    func submit(_ rows: [String]) throws {
        var job = newJob()
        job.examples = examples(rows)
        job.mode = .replace
        _ = try store.submit(job: job)
    }

    var page: ExamplePage {
        get throws { try #require(try store.examples(of: "mood", limit: 1000)) }
    }
}
