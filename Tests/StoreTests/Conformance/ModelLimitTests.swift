import Examples
import Store
import TestStores
import Testing

@Suite struct ModelLimitTests {
    private func upload(_ text: String, _ model: String, _ store: any Store) throws(StoreError) {
        _ = try store.importCheckpoint(
            ImportedCheckpoint(
                bytes: Array(text.utf8),
                digest: "digest of \(text)",
                origin: .upload,
                metrics: Array("{}".utf8)
            ),
            of: model
        )
    }

    private func add(_ model: String, _ store: any Store) throws(StoreError) {
        let change = ExampleChange(model: model, added: rows)
        _ = try store.changeExamples(change, maximumRows: .max, idempotency: nil)
    }

    @Test("so many models can be made, in each way, and no more", arguments: Backend.all)
    func limit(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open(keptVersions: 10, maximumModels: 4)
        // Each is there in another way.
        try upload("a", "uploaded", store)
        _ = try store.submit(job: newJob("queued"))
        try add("rows", store)
        try store.setGolden(rows, of: "golden")
        let full = StoreError.modelsFull(limit: 4)
        #expect(throws: full) { try upload("b", "new", store) }
        #expect(throws: full) { try store.submit(job: newJob("new")) }
        #expect(throws: full) { try add("new", store) }
        #expect(throws: full) { try store.setGolden(rows, of: "new") }
        // What is there can be changed.
        try upload("c", "queued", store)
        _ = try store.submit(job: newJob("uploaded"))
        try add("golden", store)
        try store.setGolden(rows, of: "rows")
        // The operator's files are not limited.
        _ = try store.importFile("d", model: "file")
        #expect(throws: full) { try upload("e", "new", store) }
        // A model that is deleted makes room, and those of files count.
        for model in ["uploaded", "rows"] { try store.deleteModel(model) }
        try upload("f", "new", store)
        #expect(throws: full) { try upload("g", "newer", store) }
    }

    @Test("a failed job of a new model leaves no model behind", arguments: Backend.all)
    func failedJob(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open(keptVersions: 10, maximumModels: 1)
        _ = try store.submit(job: newJob("first"))
        #expect(throws: StoreError.modelsFull(limit: 1)) {
            try store.submit(job: newJob("second"))
        }
        let claimed = try #require(try store.claim(worker: "w", lease: .seconds(30)))
        try store.fail(claim: claimed.claim, code: "x", detail: "x")
        _ = try store.submit(job: newJob("second"))
    }
}
