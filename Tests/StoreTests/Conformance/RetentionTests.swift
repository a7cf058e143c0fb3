import Examples
import Store
import TestStores
import Testing

@Suite struct RetentionTests {
    @Test(
        "the newest versions stay, and the live one, its parent and pinned ones",
        arguments: Backend.all
    )
    func keepsVersions(_ backend: Backend) throws {
        let setup = try Setup(backend)
        for number in 1...3 { try setup.train(number) }
        try setup.store.setPinned(true, model: "mood", version: 1)
        for number in 4...8 { try setup.train(number, isPromoted: false) }
        #expect(try setup.versions == [8, 7, 6, 3, 2, 1])
        #expect(try setup.store.checkpointBytes("mood", 4) == nil)
        try setup.store.setPinned(false, model: "mood", version: 1)
        try setup.train(9)
        // 9 is live now, and 3 was before it.
        #expect(try setup.versions == [9, 8, 7, 3])
    }

    @Test("rows go with the last version and the last job that needs them", arguments: Backend.all)
    func purgesRows(_ backend: Backend) throws {
        let setup = try Setup(backend)
        let first = try setup.train(1)
        for number in 2...6 { try setup.train(number) }
        #expect(try setup.versions == [6, 5, 4])
        #expect(try setup.texts() == ["row 4", "row 5", "row 6"])
        #expect(try setup.store.examples(ofJob: first.id).isEmpty)
        var waiting = newJob()
        waiting.examples = ["a", "b"].map { Example(label: $0, text: "\($0) waiting") }
        let job = try setup.store.submit(job: waiting).job
        try setup.store.setLive(model: "mood", version: 4)
        try setup.store.deleteVersion(model: "mood", version: 6)
        #expect(try setup.texts() == ["row 4", "row 5", "row 6", "waiting"])
        #expect(try setup.store.examples(ofJob: job.id).count == 2)
        _ = try setup.store.requestCancel(job.id)
        try setup.store.deleteVersion(model: "mood", version: 5)
        #expect(try setup.texts() == ["row 4", "row 6"])
    }

    @Test(
        "a removed row is gone at once if nothing was made from it, else with what was",
        arguments: Backend.all
    )
    func purgesRemovedRows(_ backend: Backend) throws {
        let setup = try Setup(backend)
        try setup.train(1)
        let added = ["new", "other"].map { Example(label: "a", text: $0) }
        _ = try setup.store.changeExamples(ExampleChange(model: "mood", added: added))
        let removal = ExampleChange(model: "mood", removedTexts: ["new", "a row 1", "b row 1"])
        #expect(try setup.store.changeExamples(removal).change.removed == 3)
        #expect(try setup.texts() == ["row 1", "other"])
        for number in 2...5 { try setup.train(number) }
        #expect(try setup.texts() == ["row 3", "row 4", "row 5"])
    }

    @Test("an import keeps as many versions as a publication", arguments: Backend.all)
    func importsKeepVersions(_ backend: Backend) throws {
        let store = try backend.makePlace().open(keptVersions: 14)
        for number in 1...15 { _ = try store.importFile("\(number)") }
        #expect(try store.versions(of: "mood").map(\.version) == (2...15).reversed())
    }

    @Test(
        "a replaced file stays as long as it is the newest one, so it is not imported again",
        arguments: Backend.all
    )
    func keepsFile(_ backend: Backend) throws {
        let setup = try Setup(backend)
        _ = try setup.store.importFile("file")
        for number in 2...8 { try setup.train(number) }
        #expect(try setup.versions == [8, 7, 6, 1])
        #expect(try setup.store.importFile("file") == .known(version: 1, isLive: false))
    }

    @Test(
        "of the jobs that have ended the newest thousand stay, and their keys with them",
        arguments: Backend.all
    )
    func keepsJobs(_ backend: Backend) throws {
        let setup = try Setup(backend)
        let key = IdempotencyKey(scope: "", key: "k", requestDigest: "d")
        let first = try setup.store.submit(job: newJob(), idempotency: key).job.id
        _ = try setup.store.requestCancel(first)
        for _ in 1...1000 {
            _ = try setup.store.requestCancel(try setup.store.submit(job: newJob()).job.id)
        }
        #expect(try setup.store.submit(job: newJob(), idempotency: key).isReplay)
        try setup.train(1)
        #expect(try setup.store.job(first) == nil && setup.store.events(ofJob: first).isEmpty)
        #expect(try setup.store.jobCounts() == [.cancelled: 999, .succeeded: 1])
        #expect(try !setup.store.submit(job: newJob(), idempotency: key).isReplay)
    }
}

/// A store, and what these tests do with it.
private struct Setup {
    let place: any StorePlace
    let store: any Store

    init(_ backend: Backend) throws {
        place = try backend.makePlace()
        store = try place.open(keptVersions: 3)
    }

    /// Trains on rows of its own and publishes, keeping three versions.
    @discardableResult
    func train(_ number: Int, isPromoted: Bool = true) throws -> Job {
        var job = newJob()
        job.examples = ["a", "b"].map { Example(label: $0, text: "\($0) row \(number)") }
        job.mode = .replace
        let id = try store.submit(job: job).job.id
        let claimed = try #require(try store.claim(worker: "w", lease: .seconds(30)))
        let live = claimed.live?.version
        _ = try store.publish(
            publication("\(number)", isPromoted: isPromoted, over: live),
            claim: claimed.claim
        )
        return try #require(try store.job(id))
    }

    var versions: [Int] { get throws { try store.versions(of: "mood").map(\.version) } }

    /// The texts that are stored, without their labels in front.
    func texts() throws -> Set<String> {
        Set(
            try place.storedTexts().map {
                $0.hasPrefix("a ") || $0.hasPrefix("b ") ? String($0.dropFirst(2)) : $0
            }
        )
    }
}
