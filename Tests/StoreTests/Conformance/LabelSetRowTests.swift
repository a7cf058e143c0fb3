import Examples
import Store
import TestStores
import Testing

/// Rows of texts that may have several labels, in every backend.
@Suite struct LabelSetRowTests {
    private let rows = [
        Example(labels: LabelSet(["bill", "bug"]), text: "1"),
        Example(labels: LabelSet([]), text: "2"),
        Example(label: "bug", text: "3"),
        Example(labels: LabelSet(["bugs"]), text: "4"),
        Example(labels: LabelSet(["Bug"]), text: "5"),
        Example(labels: LabelSet(["bug%", "a_b"]), text: "6"),
    ]

    private func change(_ rows: [Example], _ source: ExampleSource = .imported) -> ExampleChange {
        ExampleChange(model: "tags", added: rows, source: source)
    }

    private func texts(_ store: any Store, _ label: String?) throws -> [String] {
        let filter = RowFilter(label: label)
        let page = try store.examples(of: "tags", where: filter, limit: 100, after: 0)
        return page?.rows.map(\.example.text) ?? []
    }

    @Test(
        "sets come back as they were, and a filter finds each of their labels",
        arguments: Backend.all
    )
    func filters(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        _ = try store.changeExamples(change(rows), maximumRows: 100, idempotency: nil)
        let page = try store.examples(of: "tags", where: RowFilter(), limit: 100, after: 0)
        #expect(page?.rows.map(\.example) == rows)
        #expect(try texts(store, nil) == ["1", "2", "3", "4", "5", "6"])
        #expect(try texts(store, "bug") == ["1", "3"])
        #expect(try texts(store, "Bug") == ["5"])
        #expect(try texts(store, "bug%") == ["6"])
        #expect(try texts(store, "a_b") == ["6"])
        #expect(try texts(store, "u") == [])
    }

    @Test("another set relabels, the same one in another order is known", arguments: Backend.all)
    func changes(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        _ = try store.changeExamples(change(rows), maximumRows: 100, idempotency: nil)
        func done(_ labels: [String], _ source: ExampleSource) throws -> ChangedExamples {
            try store.changeExamples(
                change([Example(labels: LabelSet(labels), text: "1")], source),
                maximumRows: 100,
                idempotency: nil
            )
        }
        let known = try done(["bug", "bill"], .feedback)
        #expect(known.change.known == 1 && !known.beginsLabel)
        let fewer = try done(["bug"], .feedback)
        #expect(fewer.change.relabelled == 1 && !fewer.beginsLabel)
        #expect(try done(["bug", "new"], .feedback).beginsLabel)
    }

    @Test(
        "texts of none of the labels come back, are found, and are relabelled both ways",
        arguments: Backend.all
    )
    func outOfScope(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let rows = [
            Example(label: "bug", text: "1"), Example(outOfScope: "2"), Example(outOfScope: "3"),
            Example(labels: LabelSet([]), text: "4"),
        ]
        _ = try store.changeExamples(change(rows), maximumRows: 100, idempotency: nil)
        let page = try store.examples(of: "tags", where: RowFilter(), limit: 100, after: 0)
        #expect(page?.rows.map(\.example) == rows)
        #expect(try texts(store, LabelSet.outOfScope) == ["2", "3"])
        #expect(try texts(store, "bug") == ["1"])
        let back = [Example(label: "bug", text: "2"), Example(outOfScope: "1")]
        let done = try store.changeExamples(
            change(back, .feedback),
            maximumRows: 100,
            idempotency: nil
        )
        #expect(done.change.relabelled == 2 && !done.beginsLabel)
        #expect(try texts(store, LabelSet.outOfScope).sorted() == ["1", "3"])
        #expect(try texts(store, "bug") == ["2"])
        _ = try store.changeExamples(
            ExampleChange(model: "tags", removedTexts: ["4"]),
            maximumRows: 100,
            idempotency: nil
        )
        #expect(try store.export(of: "tags", where: RowFilter())?.hasSets == false)
        let job = NewJob(
            model: "tags",
            options: Array("{}".utf8),
            promotion: .ifNotWorse,
            examples: [Example(outOfScope: "5"), Example(label: "bill", text: "6")],
            mode: .extend
        )
        let submitted = try store.submit(job: job).job
        #expect(submitted.rowCount == 5)
        let claimed = try #require(try store.claim(worker: "w", lease: .seconds(60)))
        #expect(claimed.examples.filter(\.isOutOfScope).map(\.text).sorted() == ["1", "3", "5"])
    }

    @Test("rows of none teach nothing: a job needs two labels beside them", arguments: Backend.all)
    func outOfScopeAlone(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let job = NewJob(
            model: "tags",
            options: Array("{}".utf8),
            promotion: .ifNotWorse,
            examples: [Example(outOfScope: "1"), Example(label: "bill", text: "2")]
        )
        #expect(throws: StoreError.notTrainable(model: "tags", .oneLabel)) {
            try store.submit(job: job)
        }
    }

    @Test("an export says whether there are sets", arguments: Backend.all)
    func export(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        _ = try store.changeExamples(change([rows[2]]), maximumRows: 100, idempotency: nil)
        #expect(try store.export(of: "tags", where: RowFilter())?.hasSets == false)
        _ = try store.changeExamples(change([rows[1]]), maximumRows: 100, idempotency: nil)
        let export = try #require(try store.export(of: "tags", where: RowFilter()))
        #expect(export.hasSets)
        #expect(
            try store.rows(of: export, limit: 10, after: 0).map(\.example) == [rows[2], rows[1]]
        )
    }
}
