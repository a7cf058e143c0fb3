import Store
import TestStores
import Testing

/// Versions in shadow.
@Suite struct ShadowTests {
    /// A model of which version 1 is live and others are not.
    private func models(_ backend: Backend, versions: Int = 3) throws -> any StorePlace {
        let place = try backend.makePlace()
        let store = try place.open()
        for number in 1...versions { _ = try store.importFile("file \(number)") }
        try store.setLive(model: "mood", version: 1, goldenRevision: nil)
        return place
    }

    private func counts(
        _ texts: Int,
        agreed: Int,
        version: Int = 2,
        live: Int = 1,
        _ pairs: [ShadowPair] = []
    ) -> ShadowCounts {
        var counts = ShadowCounts(model: "mood", version: version, liveVersion: live)
        (counts.texts, counts.agreed, counts.pairs) = (texts, agreed, pairs)
        counts.dropped = 1
        return counts
    }

    @Test("a shadow is kept, for every handle, with what is counted of it", arguments: Backend.all)
    func keeps(_ backend: Backend) throws {
        let place = try models(backend)
        let (store, other) = (try place.open(), try place.open())
        #expect(try store.runningShadows().isEmpty && store.shadows(of: "mood").isEmpty)
        let mark = try other.changeMark()
        try store.setShadow(2, of: "mood", share: 0.25, actor: "ann")
        #expect(try other.changeMark() != mark)
        let pairs = [
            ShadowPair(live: "good", shadow: "bad", texts: 2),
            ShadowPair(live: "good", shadow: nil, texts: 1),
        ]
        try store.add(counts(10, agreed: 7, pairs))
        try other.add(counts(5, agreed: 3, [ShadowPair(live: "good", shadow: "bad", texts: 2)]))
        // Against another version, of another one, and of no model.
        try store.add(counts(100, agreed: 100, live: 3))
        try store.add(counts(100, agreed: 100, version: 3))
        try store.add(ShadowCounts(model: "none", version: 1, liveVersion: 2))
        let found = try #require(try other.runningShadows().first)
        #expect(try other.shadows(of: "mood") == [found])
        #expect(found.model == "mood" && found.version == 2 && found.liveVersion == 1)
        #expect(found.share == 0.25 && found.actor == "ann" && found.startedAt > 0)
        #expect(found.end == nil)
        #expect([found.texts, found.agreed, found.dropped] == [15, 10, 2])
        #expect(
            try other.shadowPairs(of: "mood", 2, limit: 9) == [
                ShadowPair(live: "good", shadow: "bad", texts: 4),
                ShadowPair(live: "good", shadow: nil, texts: 1),
            ]
        )
        #expect(try other.shadowPairs(of: "mood", 2, limit: 1).count == 1)
        #expect(try other.shadowPairs(of: "mood", 3, limit: 9).isEmpty)
        // Another share goes on counting.
        try other.setShadow(2, of: "mood", share: 1, actor: nil)
        let changed = try #require(try store.runningShadows().first)
        #expect(changed.share == 1 && changed.actor == nil && changed.texts == 15)
    }

    @Test("it ends when it is removed or replaced, becomes live or goes", arguments: Backend.all)
    func ends(_ backend: Backend) throws {
        let store = try models(backend).open()
        func ends() throws -> [Int: ShadowEnd?] {
            let all = try store.shadows(of: "mood").map { ($0.version, $0.end) }
            return Dictionary(uniqueKeysWithValues: all)
        }
        try store.setShadow(2, of: "mood", share: 1, actor: nil)
        try store.add(counts(4, agreed: 4))
        try store.setShadow(3, of: "mood", share: 1, actor: nil)
        #expect(try ends() == [2: .replaced, 3: nil])
        #expect(try store.removeShadow(of: "mood") && !store.removeShadow(of: "mood"))
        #expect(try !store.removeShadow(of: "none"))
        #expect(try ends() == [2: .replaced, 3: .removed])
        // What a server had counted until then still comes; one that begins anew begins at zero.
        try store.add(counts(2, agreed: 1, [ShadowPair(live: "a", shadow: "b", texts: 1)]))
        #expect(try store.shadows(of: "mood").last?.texts == 6)
        try store.setShadow(2, of: "mood", share: 1, actor: nil)
        #expect(try store.shadows(of: "mood").last?.texts == 0)
        #expect(try store.shadowPairs(of: "mood", 2, limit: 9).isEmpty)
        try store.setLive(model: "mood", version: 2, goldenRevision: nil)
        #expect(try ends() == [2: .live, 3: .removed] && store.runningShadows().isEmpty)
        try store.setShadow(3, of: "mood", share: 1, actor: nil)
        try store.deleteVersion(model: "mood", version: 3)
        #expect(try ends() == [2: .live] && store.runningShadows().isEmpty)
        try store.setShadow(1, of: "mood", share: 1, actor: nil)
        try store.deleteModel("mood")
        #expect(try store.runningShadows().isEmpty)
    }

    @Test("another live version begins the counts anew", arguments: Backend.all)
    func anotherLiveVersion(_ backend: Backend) throws {
        let store = try models(backend).open()
        try store.setShadow(2, of: "mood", share: 0.5, actor: nil)
        try store.add(counts(4, agreed: 3, [ShadowPair(live: "a", shadow: "b", texts: 1)]))
        try store.setLive(model: "mood", version: 3, goldenRevision: nil)
        try store.add(counts(9, agreed: 9))
        let found = try #require(try store.runningShadows().first)
        #expect(found.version == 2 && found.liveVersion == 3 && found.share == 0.5)
        #expect([found.texts, found.agreed, found.dropped] == [0, 0, 0])
        #expect(try store.shadowPairs(of: "mood", 2, limit: 9).isEmpty)
        // The same version again changes nothing.
        try store.add(counts(1, agreed: 1, live: 3))
        try store.setLive(model: "mood", version: 3, goldenRevision: nil)
        #expect(try store.runningShadows().first?.texts == 1)
        // A job publishes.
        try train("x", on: store)
        #expect(try store.runningShadows().first?.liveVersion == 4)
    }

    @Test("it keeps its version, and only so many pairs", arguments: Backend.all)
    func bounds(_ backend: Backend) throws {
        let place = try models(backend)
        let store = try place.open(keptVersions: 1)
        try store.setShadow(2, of: "mood", share: 1, actor: nil)
        for text in ["x", "y", "z"] { try train(text, on: store) }
        #expect(try store.versions(of: "mood").map(\.version).contains(2))
        let live = try #require(try store.runningShadows().first).liveVersion
        let many = (0..<Retention.shadowPairs + 5).map {
            ShadowPair(live: "a\($0)", shadow: "b", texts: 1)
        }
        let long = ShadowPair(live: String(repeating: "x", count: 5000), shadow: "b", texts: 1)
        try store.add(counts(many.count + 1, agreed: 0, live: live, [long] + many))
        let kept = try store.shadowPairs(of: "mood", 2, limit: .max)
        #expect(kept.count == Retention.shadowPairs && !kept.contains(long))
        #expect(try store.runningShadows().first?.texts == many.count + 1)
    }

    @Test("what cannot run in shadow is refused by name", arguments: Backend.all)
    func refusals(_ backend: Backend) throws {
        let store = try models(backend).open()
        func set(_ version: Int, _ model: String = "mood") throws {
            try store.setShadow(version, of: model, share: 1, actor: nil)
        }
        #expect(throws: StoreError.unknownModel("none")) { try set(1, "none") }
        #expect(throws: StoreError.unknownVersion(model: "mood", version: 9)) { try set(9) }
        #expect(throws: StoreError.versionIsLive(model: "mood", version: 1)) { try set(1) }
        _ = try store.submit(job: newJob("new", promotion: .never))
        try finishJob("x", promotion: .never, on: store)
        #expect(throws: StoreError.nothingLive(model: "new")) { try set(1, "new") }
        #expect(try store.runningShadows().isEmpty)
    }
}
