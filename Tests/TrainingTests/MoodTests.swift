import Evaluation
import Examples
import Foundation
import Model
import Testing
import Training

/// The shipped mood model and its data.
@Suite struct MoodTests {
    private static let words: Set<String> = [
        "good", "bad", "happy", "sad", "not", "very", "i", "am", "this", "is", "was", "at", "all",
        "right", "now", "earlier", "and", "or",
    ]

    private func rows(_ part: String) throws -> [Example] {
        let path = "models/mood/\(part).tsv"
        let data = try Data(contentsOf: repositoryRoot.appending(path: path))
        return try ExampleReader.read(Array(data), source: path).examples
    }

    @Test("test accuracy is at least 98 % for each of five seeds", arguments: 1...5)
    func accuracy(seed: Int) throws {
        var options = TrainingOptions(recipe: .article)
        options.seed = seed
        var plan = TrainingPlan(model: "mood", examples: try rows("train"), options: options)
        plan.test = try rows("test")
        let result = try plan.run()
        let test = try #require(result.test)
        #expect(test.accuracy >= 0.98)
        guard seed == 1, InstructionSet.current != .base else { return }
        // Without fused multiply-add the last digits differ.
        let shipped = repositoryRoot.appending(path: "models/mood.json")
        let isShipped = try Data(contentsOf: shipped) == Data(result.checkpoint.encoded())
        #expect(isShipped, "models/mood.json is not what its card's command makes")
    }

    @Test("there are enough sentences, none twice, none in both parts")
    func disjoint() throws {
        let (train, test) = (try rows("train").map(\.text), try rows("test").map(\.text))
        #expect(train.count >= 150)
        #expect(test.count >= 50)
        #expect(Set(train).count == train.count)
        #expect(Set(test).count == test.count)
        #expect(Set(train).isDisjoint(with: test))
    }

    @Test("the sentences use the article's 18 words, all of them", arguments: ["train", "test"])
    func vocabulary(part: String) throws {
        let used = try rows(part).flatMap { $0.text.split(separator: " ").map(String.init) }
        #expect(Set(used) == MoodTests.words)
    }

    @Test(
        "labels follow from the words: `not` flips up to the next adjective, and beyond `or`",
        arguments: ["train", "test"]
    )
    func consistent(part: String) throws {
        for row in try rows(part) {
            #expect(moods(of: row.text) == [row.label], "\(row.text)")
        }
    }

    private func moods(of text: String) -> Set<String> {
        let words = text.split(separator: " ")
        var moods: Set<String> = []
        var isNegated = false
        for (index, word) in words.enumerated() {
            if word == "not" { isNegated = true }
            guard ["good", "bad", "happy", "sad"].contains(word) else { continue }
            let isHappy = (word == "good" || word == "happy") != isNegated
            moods.insert(isHappy ? "happy" : "sad")
            if index + 1 == words.count || words[index + 1] != "or" { isNegated = false }
        }
        return moods
    }
}
