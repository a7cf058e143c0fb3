import Foundation
import Store
import Synchronization
import TestStores
import Testing

/// Answers that are remembered.
@Suite struct PredictionTests {
    private func ids(
        _ store: any Store,
        _ order: PredictionOrder = .uncertain,
        of models: [String]? = nil,
        limit: Int = 100
    ) throws -> [String] {
        try store.predictions(order, of: models, limit: limit).map(\.id)
    }

    @Test(
        "an answer is found by its identifier through any handle, as it was",
        arguments: Backend.all
    )
    func find(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let all = [prediction("p-a-0"), prediction("p-b-0", of: "desk", score: 0.75, margin: 0.5)]
        try store.remember(all, atMost: 10)
        let other = try place.open()
        for expected in all { #expect(try other.prediction(expected.id) == expected) }
        for id in ["", "p-a-1", "p-a", "P-A-0"] { #expect(try other.prediction(id) == nil) }
        // What comes twice stays what it was.
        var changed = all[0]
        changed.text = "another"
        try store.remember([changed, prediction("p-c-0")], atMost: 10)
        #expect(try store.prediction("p-a-0") == all[0])
        #expect(try store.prediction("p-c-0") != nil)
    }

    @Test("the newest stay, of all servers and models together", arguments: Backend.all)
    func retention(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let (first, second) = (try place.open(), try place.open())
        try first.remember((0..<5).map { prediction("p-a-\($0)") }, atMost: 4)
        try second.remember((0..<2).map { prediction("p-b-\($0)", of: "desk") }, atMost: 4)
        #expect(Set(try ids(first)) == ["p-a-3", "p-a-4", "p-b-0", "p-b-1"])
        #expect(try first.prediction("p-a-2") == nil)
        try first.remember([], atMost: 1)
        #expect(try ids(first) == ["p-b-1"])
    }

    @Test(
        "the least sure come first, by score or by margin; of equals the newest",
        arguments: Backend.all
    )
    func orders(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        try store.remember(
            [
                prediction("p-0", score: 0.9, margin: 0.1),
                prediction("p-1", score: 0.3, margin: 0.2),
                prediction("p-2", of: "desk", score: 0.5, margin: 0.05),
                prediction("p-3", score: 0.3, margin: 0.2),
            ],
            atMost: 10
        )
        #expect(try ids(store) == ["p-3", "p-1", "p-2", "p-0"])
        #expect(try ids(store, .margin) == ["p-2", "p-0", "p-3", "p-1"])
        #expect(try ids(store, limit: 2) == ["p-3", "p-1"])
        #expect(try ids(store, of: ["mood"]) == ["p-3", "p-1", "p-0"])
        #expect(try ids(store, .margin, of: ["desk", "other", "mood"], limit: 1) == ["p-2"])
        #expect(try ids(store, of: ["other"]).isEmpty)
        #expect(try ids(store, of: []).isEmpty)
        #expect(Set(try ids(store, .random)) == ["p-0", "p-1", "p-2", "p-3"])
    }

    @Test("random order takes each answer about as often", arguments: Backend.all)
    func random(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        try store.remember((0..<4).map { prediction("p-\($0)") }, atMost: 10)
        var counts: [String: Int] = [:]
        for _ in 0..<400 {
            counts[try #require(try ids(store, .random, limit: 1).first), default: 0] += 1
        }
        // 100 each; less than 40 comes once in 10^11 runs.
        #expect(counts.count == 4 && counts.values.allSatisfy { $0 >= 40 })
    }

    @Test("one that was looked at is listed no more, but found", arguments: Backend.all)
    func reviewed(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        try store.remember(["p-0", "p-1"].map { prediction($0) }, atMost: 10)
        try store.setReviewed(prediction: "p-0")
        try store.setReviewed(prediction: "unknown")
        for order in PredictionOrder.allCases { #expect(try ids(store, order) == ["p-1"]) }
        #expect(try store.prediction("p-0") == prediction("p-0"))
    }

    @Test(
        "what is forgotten is gone: one, those of a deleted model, or all",
        arguments: Backend.all
    )
    func forget(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        for model in ["mood", "desk"] { _ = try store.importFile("of \(model)", model: model) }
        let all = [prediction("p-0"), prediction("p-1"), prediction("p-2", of: "desk")]
        try store.remember(all, atMost: 10)
        #expect(try store.forgetPrediction("p-0"))
        #expect(try !store.forgetPrediction("p-0"))
        #expect(try store.prediction("p-0") == nil)
        try store.deleteModel("mood")
        #expect(try ids(store) == ["p-2"])
        try store.forgetAllPredictions()
        #expect(try ids(store).isEmpty)
        // With nothing to forget nothing is written.
        let kinds = Mutex<[StoreAccess.Kind]>([])
        let other = try place.open()
        let observe = { @Sendable () -> @Sendable (StoreAccess) -> Void in
            { access in kinds.withLock { $0.append(access.kind) } }
        }
        try StoreAccess.$observer.withValue(observe) { try other.forgetAllPredictions() }
        #expect(kinds.withLock { $0 } == [.read])
    }
}
