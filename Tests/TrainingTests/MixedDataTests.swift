import Evaluation
import Examples
import Model
import Testing
import Training

/// Rows that are hard to split or to read: single rows, repeated ones, other scripts.
@Suite struct MixedDataTests {
    private func run(_ examples: [Example], recipe: TrainingOptions.Recipe = .auto) throws
        -> TrainingResult
    {
        var options = TrainingOptions(recipe: recipe)
        (options.epochs, options.hidden, options.threads) = (2, 8, 2)
        return try TrainingPlan(model: "data", examples: examples, options: options).run()
    }

    @Test("one row a label leaves nothing to hold out, and still gives a model")
    func oneRowEach() throws {
        let examples = (0..<70).map { Example(label: "\($0)", text: "text number \($0)") }
        let result = try run(examples)
        #expect(result.validation == nil)
        #expect(result.checkpoint.training.heldOut == nil)
        #expect(result.checkpoint.calibration.recurrent == 0.5)
        #expect(result.checkpoint.calibration.linear == 0.5)
        _ = try TextClassifier(Checkpoint(parsing: result.checkpoint.encoded(), source: "x"))
    }

    @Test("a label with a single row is learnt, and is not held against the model")
    func singleRow() throws {
        let examples = SyntheticTexts(80).examples + [Example(label: "alone", text: "only one")]
        let result = try run(examples)
        #expect(result.validation?.rows == 80)
        #expect(result.checkpoint.labels.contains("alone"))
    }

    @Test("texts of other scripts, emoji, links and endless words train and serve")
    func scripts() throws {
        let texts = [
            ("zh", "我今天非常高兴"), ("ja", "今日はとても嬉しいです"), ("th", "วันนี้ฉันมีความสุขมาก"),
            ("emoji", "👩‍👩‍👧‍👦 🎉🎉 👍🏽 🇩🇪"), ("url", "https://example.org/a?b=c&d=%20#e http://x.y"),
            ("long", String(repeating: "x", count: 10_000)),
            ("long", String(repeating: "界", count: 3_000)), ("signs", "?!?! ... ### \u{0} \u{7F}"),
        ]
        let examples = (0..<12).flatMap { round in
            texts.map { Example(label: $0.0, text: "\($0.1) \(round % 4)") }
        }
        let result = try run(examples)
        let classifier = try TextClassifier(result.checkpoint)
        for (_, text) in texts {
            let answer = classifier.classify(text)
            #expect(answer.probabilities.allSatisfy { $0.isFinite && $0 >= 0 })
        }
    }

    @Test("rows that repeat one another do not score themselves")
    func repeated() throws {
        // Twenty different texts whose labels are pure chance, each of them ten times: a model that
        // had learnt a held-out text by heart would know its label.
        let distinct = (0..<80).map { ("\($0 * 7 % 11 % 2)", "w\($0) v\($0)") }
        let examples = (0..<8).flatMap { _ in
            distinct.map { Example(label: $0.0, text: $0.1) }
        }
        let result = try run(examples, recipe: .linear)
        let validation = try #require(result.validation)
        #expect(result.train.accuracy > 0.9)
        #expect(validation.accuracy < 0.75)
    }

    @Test("no fold scores a text that it learnt, and each knows the labels that it scores")
    func crossValidation() {
        let words = (0..<60).map { "text \($0 % 23)" } + ["single", "pair", "pair"]
        let labels = (0..<60).map { $0 % 23 % 4 } + [7, 8, 9]
        let texts = TokenizedTexts(words, tokenizer: Tokenizer())
        let rows = Array(words.indices)
        let splits = CrossValidation(texts: texts, labels: labels, rows: rows, folds: 5, seed: 3)
            .splits
        #expect(splits.count == 5)
        for split in splits {
            #expect((split.training + split.scored).sorted() == rows)
            #expect(
                Set(split.training.map { words[$0] }).isDisjoint(
                    with: split.scored.map { words[$0] }
                )
            )
            #expect(
                Set(split.training.map { labels[$0] }).isSuperset(
                    of: split.scored.map { labels[$0] }
                )
            )
        }
        #expect(splits.flatMap(\.scored).sorted() == Array(0..<60))
    }

    @Test("a held-out part never takes the only text of a label, also when labels disagree")
    func holdOut() throws {
        // "b" stands only beside a text that was seen first as "a".
        let examples =
            (0..<40).flatMap { index in
                [Example(label: "a", text: "t\(index)"), Example(label: "c", text: "u\(index)")]
            } + [Example(label: "b", text: "t0")]
        for seed in 1...20 {
            let split = try HoldOut(examples, fraction: 0.5, seed: seed)
            #expect(Set(split.training.map(\.label)) == ["a", "b", "c"])
        }
    }
}

@Suite struct MixTests {
    private let held = HeldOutLogits(classCount: 2, labels: [0, 1, 0, 1])
    private let right: [Float] = [4, 0, 0, 4, 4, 0, 0, 4]
    private let wrong: [Float] = [0, 4, 4, 0, 0, 4, 4, 0]

    @Test("a path that is wrong gets nothing")
    func useless() throws {
        let mix = try #require(held.bestMix(recurrent: wrong, linear: right))
        #expect(mix.recurrent == 0)
        #expect(mix.linear == 3)
        let other = try #require(held.bestMix(recurrent: right, linear: wrong))
        #expect(other.recurrent == 3)
        #expect(other.linear == 0)
    }

    @Test("a path that is not there gets nothing, even if the other is worse than nothing")
    func missing() throws {
        let linear = try #require(held.bestMix(recurrent: nil, linear: wrong))
        #expect(linear.recurrent == 0)
        #expect(abs(linear.linear - 0.05) < 1e-6)
        let recurrent = try #require(held.bestMix(recurrent: wrong, linear: nil))
        #expect(abs(recurrent.recurrent - 0.05) < 1e-6)
        #expect(recurrent.linear == 0)
    }

    @Test("no rows to fit on give equal shares, and no number gives no mix")
    func extremes() throws {
        let none = HeldOutLogits(classCount: 2, labels: [])
        let both = try #require(none.bestMix(recurrent: [], linear: []))
        #expect(both == (0.5, 0.5))
        let one = try #require(none.bestMix(recurrent: nil, linear: []))
        #expect(one == (0, 1))
        let broken = [Float](repeating: .nan, count: 8)
        #expect(held.bestMix(recurrent: broken, linear: nil) == nil)
    }
}
