import Examples
import SQLiteStore
import Store
import TestStores
import Testing

@Suite struct RetentionTests {
    private let temporary = TemporaryStore()
    private let store: SQLiteStore

    init() throws { store = try temporary.open() }

    /// Trains on rows of its own and publishes, keeping three versions.
    @discardableResult
    private func train(_ number: Int, isPromoted: Bool = true) throws -> Job {
        var job = newJob()
        job.examples = ["a", "b"].map { Example(label: $0, text: "\($0) row \(number)") }
        job.mode = .replace
        let id = try store.submit(job: job).job.id
        let claimed = try #require(try store.claim(worker: "w", lease: .seconds(30)))
        let live = claimed.live?.version
        _ = try store.publish(
            publication("\(number)", isPromoted: isPromoted, over: live),
            claim: claimed.claim,
            keepingVersions: 3
        )
        return try #require(try store.job(id))
    }

    private var versions: [Int] { get throws { try store.versions(of: "mood").map(\.version) } }

    /// The texts that are stored, without their labels in front.
    private func texts() throws -> Set<String> {
        let texts = try store.read { connection throws(StoreError) in
            try connection.rows("SELECT text FROM examples UNION SELECT text FROM posted_rows") {
                $0.text("text")
            }
        }
        return Set(
            texts.map { $0.hasPrefix("a ") || $0.hasPrefix("b ") ? String($0.dropFirst(2)) : $0 }
        )
    }

    @Test("the newest versions stay, and the live one, its parent and pinned ones")
    func keepsVersions() throws {
        for number in 1...3 { try train(number) }
        try store.setPinned(true, model: "mood", version: 1)
        for number in 4...8 { try train(number, isPromoted: false) }
        #expect(try versions == [8, 7, 6, 3, 2, 1])
        #expect(try store.checkpointBytes("mood", 4) == nil)
        try store.setPinned(false, model: "mood", version: 1)
        try train(9)
        // 9 is live now, and 3 was before it.
        #expect(try versions == [9, 8, 7, 3])
    }

    @Test("rows go with the last version and the last job that needs them")
    func purgesRows() throws {
        let first = try train(1)
        for number in 2...6 { try train(number) }
        #expect(try versions == [6, 5, 4])
        #expect(try texts() == ["row 4", "row 5", "row 6"])
        #expect(try store.examples(ofJob: first.id).isEmpty)
        var waiting = newJob()
        waiting.examples = ["a", "b"].map { Example(label: $0, text: "\($0) waiting") }
        let job = try store.submit(job: waiting).job
        try store.setLive(model: "mood", version: 4)
        try store.deleteVersion(model: "mood", version: 6)
        #expect(try texts() == ["row 4", "row 5", "row 6", "waiting"])
        #expect(try store.examples(ofJob: job.id).count == 2)
        _ = try store.requestCancel(job.id)
        try store.deleteVersion(model: "mood", version: 5)
        #expect(try texts() == ["row 4", "row 6"])
    }

    @Test("a removed row is gone at once if nothing was made from it, else with what was")
    func purgesRemovedRows() throws {
        try train(1)
        let added = ["new", "other"].map { Example(label: "a", text: $0) }
        _ = try store.changeExamples(ExampleChange(model: "mood", added: added))
        let removal = ExampleChange(model: "mood", removedTexts: ["new", "a row 1", "b row 1"])
        #expect(try store.changeExamples(removal).change.removed == 3)
        #expect(try texts() == ["row 1", "other"])
        for number in 2...5 { try train(number) }
        #expect(try texts() == ["row 3", "row 4", "row 5"])
    }

    @Test("a replaced file stays as long as it is the newest one, so it is not imported again")
    func keepsFile() throws {
        _ = try store.importFile("file")
        for number in 2...8 { try train(number) }
        #expect(try versions == [8, 7, 6, 1])
        #expect(try store.importFile("file") == .known(version: 1, isLive: false))
    }

    @Test("of the jobs that have ended the newest thousand stay, and their keys with them")
    func keepsJobs() throws {
        let key = IdempotencyKey(scope: "", key: "k", requestDigest: "d")
        let first = try store.submit(job: newJob(), idempotency: key).job.id
        _ = try store.requestCancel(first)
        for _ in 1...1000 { _ = try store.requestCancel(try store.submit(job: newJob()).job.id) }
        #expect(try store.submit(job: newJob(), idempotency: key).isReplay)
        try train(1)
        #expect(try store.job(first) == nil && store.events(ofJob: first).isEmpty)
        #expect(try store.jobCounts() == [.cancelled: 999, .succeeded: 1])
        #expect(try !store.submit(job: newJob(), idempotency: key).isReplay)
    }
}
