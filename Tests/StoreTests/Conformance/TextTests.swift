import Examples
import Foundation
import Store
import TestStores
import Testing

/// Texts without labels, and word vectors.
@Suite struct TextTests {
    @Test("texts of a model stand once, in the order in which they came", arguments: Backend.all)
    func texts(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let (store, other) = (try place.open(), try place.open())
        let first = try store.addTexts(["b", "a", "b"], to: "mood", atMost: 9, actor: "ann")
        #expect(first == TextsChange(added: 2, known: 1, total: 2))
        let second = try other.addTexts(["c", "a"], to: "mood", atMost: 9, actor: nil)
        #expect(second == TextsChange(added: 1, known: 1, total: 3))
        #expect(try store.addTexts(["a"], to: "desk", atMost: 9, actor: nil).total == 1)
        let all = try other.texts(of: "mood", after: 0, limit: 9)
        #expect(all.map(\.text) == ["b", "a", "c"] && all.map(\.actor) == ["ann", "ann", nil])
        #expect(try store.texts(of: "mood", after: all[0].id, limit: 1).map(\.text) == ["a"])
        #expect(try store.removeTexts([all[1].id, all[1].id + 1000], of: "mood") == 1)
        #expect(try store.removeTexts([all[0].id], of: "desk") == 0)
        #expect(try store.textCount(of: "mood") == 2)
        #expect(try store.removeTexts(nil, of: "mood") == 2)
        #expect(try store.textCount(of: "desk") == 1)
        // A number is not given twice.
        _ = try store.addTexts(["d"], to: "mood", atMost: 9, actor: nil)
        #expect(try store.texts(of: "mood", after: all[2].id, limit: 9).map(\.text) == ["d"])
    }

    @Test("texts that are rows by now can be left out", arguments: Backend.all)
    func withoutRows(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        _ = try store.addTexts(["a", "b", "c", "d"], to: "mood", atMost: 9, actor: nil)
        func left() throws -> [String] {
            try store.texts(of: "mood", after: 0, limit: 9, withoutRow: true).map(\.text)
        }
        let rows = [Example(label: "x", text: "b"), Example(outOfScope: "d")]
        for model in ["desk", "mood"] {
            #expect(try left() == ["a", "b", "c", "d"])
            let change = ExampleChange(model: model, added: rows)
            _ = try store.changeExamples(change, maximumRows: 9, idempotency: nil)
        }
        #expect(try left() == ["a", "c"])
        #expect(try store.texts(of: "mood", after: 0, limit: 9).count == 4)
        let change = ExampleChange(model: "mood", removedTexts: ["b"])
        _ = try store.changeExamples(change, maximumRows: 9, idempotency: nil)
        #expect(try left() == ["a", "b", "c"])
    }

    @Test("too many texts are refused as a whole", arguments: Backend.all)
    func bounds(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        _ = try store.addTexts(["1", "2"], to: "mood", atMost: 3, actor: nil)
        let refused = try store.addTexts(["2", "3", "4"], to: "mood", atMost: 3, actor: nil)
        #expect(refused.isRefused && refused.added == 0 && refused.total == 2)
        #expect(try store.addTexts(["2", "3"], to: "mood", atMost: 3, actor: nil).total == 3)
    }

    @Test("vectors are kept by name until they are replaced or deleted", arguments: Backend.all)
    func vectors(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let (store, other) = (try place.open(), try place.open())
        func record(_ name: String, words: Int) -> VectorRecord {
            VectorRecord(
                name: name,
                sha256: String(repeating: "0", count: 64),
                words: words,
                dimensions: 300,
                keptWords: 10,
                keptDimensions: 64,
                byteCount: 3,
                actor: "ann"
            )
        }
        #expect(try store.putVectors(record("en", words: 5), bytes: [1, 2, 3]))
        #expect(try store.putVectors(record("de", words: 6), bytes: [4]))
        #expect(try !other.putVectors(record("en", words: 7), bytes: [5, 0, 6]))
        #expect(try other.vectorRecords().map(\.name) == ["de", "en"])
        var found = try #require(try store.vectorRecord("en"))
        #expect(found.createdAt > 0)
        found.createdAt = 0
        #expect(found == record("en", words: 7))
        #expect(try store.vectorBytes("en") == [5, 0, 6])
        #expect(try store.deleteVectors("en") && !other.deleteVectors("en"))
        #expect(try store.vectorBytes("en") == nil && store.vectorRecord("en") == nil)
    }
}
