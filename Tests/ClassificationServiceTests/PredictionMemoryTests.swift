import Foundation
import Store
import Testing

@testable import ClassificationService

/// The ring of remembered predictions.
@Suite struct PredictionMemoryTests {
    private func prediction(
        _ text: String,
        model: String = "mood",
        score: Float = 0.5,
        margin: Float = 0.25
    ) -> PredictionMemory.Prediction {
        PredictionMemory.Prediction(
            model: model,
            version: 1,
            text: Array(text.utf8),
            label: "happy",
            score: score,
            margin: margin,
            time: 7
        )
    }

    @Test("lists the least sure of what it holds, whatever the size of the ring")
    func lists() {
        // More than is looked at in one piece.
        let memory = PredictionMemory(capacity: 1000)
        for number in 0..<1500 {
            let score = Float((number * 7919) % 1500) / 1500
            _ = memory.remember(prediction("\(number)", score: score, margin: 1 - score))
        }
        let kept = (500..<1500).map { (Float(($0 * 7919) % 1500) / 1500, "\($0)") }.sorted {
            $0 < $1
        }
        func texts(_ order: PredictionOrder, _ limit: Int) -> [String] {
            memory.list(order, limit: limit) { _ in true }
                .map { String(decoding: $0.prediction.text, as: UTF8.self) }
        }
        #expect(texts(.uncertain, 20) == kept.prefix(20).map(\.1))
        #expect(texts(.margin, 20) == kept.reversed().prefix(20).map(\.1))
        #expect(Set(texts(.random, 50)).count == 50)
        #expect(texts(.random, 50) != texts(.random, 50))
        #expect(memory.list(.uncertain, limit: 5) { $0 == "other" }.isEmpty)
        for (id, found) in memory.list(.uncertain, limit: 3, of: { _ in true }) {
            #expect(memory.find(id)?.text == found.text)
        }
    }

    @Test("one that was looked at is found and not listed; one that is forgotten is neither")
    func changes() throws {
        let memory = PredictionMemory(capacity: 4)
        let ids = ["a", "b", "c"].map { memory.remember(prediction($0)) }
        memory.setReviewed(ids[0])
        #expect(memory.forget(ids[1]))
        #expect(!memory.forget(ids[1]))
        #expect(!memory.forget("p-0"))
        #expect(memory.list(.uncertain, limit: 9) { _ in true }.map(\.id) == [ids[2]])
        #expect(memory.find(ids[0]) != nil && memory.find(ids[1]) == nil)
    }

    @Test("tells what is new in order, once, so many at a time, and how many were left out")
    func news() {
        let memory = PredictionMemory(capacity: 10)
        var next = 0
        func read(_ count: Int = 100, bytes: Int = 1000) -> (texts: [String], missed: Int) {
            let news = memory.news(from: next, atMost: count, bytes: bytes)
            next = news.next
            return (news.predictions.map(\.text), news.missed)
        }
        #expect(read() == ([], 0))
        for text in ["a", "b", "c"] { _ = memory.remember(prediction(text)) }
        #expect(read(bytes: 2) == (["a", "b"], 0))
        #expect(read() == (["c"], 0))
        #expect(read() == ([], 0))
        let ids = (0..<6).map { memory.remember(prediction("\($0)")) }
        _ = memory.forget(ids[4])
        #expect(read(3) == (["3", "5"], 3))
        for number in 0..<25 { _ = memory.remember(prediction("\(number)")) }
        #expect(read() == ((15..<25).map(String.init), 15))
    }

    @Test("what many threads remember is told whole and once")
    func concurrentNews() {
        let memory = PredictionMemory(capacity: 10_000)
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            for number in 0..<500 { _ = memory.remember(prediction("\(thread) \(number)")) }
        }
        var (next, texts) = (0, [String]())
        while true {
            let news = memory.news(from: next, atMost: 5000, bytes: 100)
            if news.next == next { break }
            #expect(news.missed == 0)
            next = news.next
            texts += news.predictions.map(\.text)
        }
        #expect(texts.count == 2000 && Set(texts).count == 2000)
    }
}
