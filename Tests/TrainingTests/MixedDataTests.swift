import Evaluation
import Examples
import Model
import TestClassifiers
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

    @Test("one row a label is scored too: as new labels will be, all wrong")
    func oneRowEach() throws {
        let examples = (0..<70).map { Example(label: "\($0)", text: "text number \($0)") }
        let result = try run(examples)
        #expect(result.validation?.rows == 70)
        #expect(result.checkpoint.training.heldOut?.accuracy == 0)
        #expect(result.checkpoint.training.coverage.isEmpty)
        _ = try TextClassifier(Checkpoint(parsing: result.checkpoint.encoded(), source: "x"))
    }

    @Test("a label with a single row is learnt, and its row counts as one that nobody could know")
    func singleRow() throws {
        let examples = SyntheticTexts(80).examples + [Example(label: "alone", text: "only one")]
        let result = try run(examples)
        let validation = try #require(result.validation)
        #expect(validation.rows == 81)
        #expect(validation.labelScores.first { $0.label == "alone" }?.recall == 0)
        #expect(result.checkpoint.labels.contains("alone"))
    }

    @Test("texts of other scripts, emoji, links and endless words train and serve")
    func scripts() throws {
        let texts = [
            ("zh", "我今天非常高兴"), ("ja", "今日はとても嬉しいです"),
            ("th", "วันนี้ฉันมีความสุขมาก"),
            ("emoji", "👩‍👩‍👧‍👦 🎉🎉 👍🏽 🇩🇪"),
            ("url", "https://example.org/a?b=c&d=%20#e http://x.y"),
            ("long", String(repeating: "x", count: 10_000)),
            ("long", String(repeating: "界", count: 3_000)),
            ("signs", "?!?! ... ### \u{0} \u{7F}"),
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

    @Test("a held-out part never takes the only text of a label, also when labels disagree")
    func holdOut() throws {
        // "b" stands only beside a text that was seen first as "a".
        let examples =
            (0..<40).flatMap { index in
                [Example(label: "a", text: "t\(index)"), Example(label: "c", text: "u\(index)")]
            } + [Example(label: "b", text: "t0")]
        for seed in 1...20 {
            let split = try HoldOut(TokenizedRows(examples), fraction: 0.5, seed: seed)
            #expect(Set(split.training.map(\.label)) == ["a", "b", "c"])
        }
    }
}

@Suite struct MixFitTests {
    private let right: [Float] = [4, 0, 0, 4, 4, 0, 0, 4]
    private let wrong: [Float] = [0, 2, 4, 0, 0, 4, 2, 0]

    private func fit(_ recurrent: [Float]?, _ linear: [Float]?) -> MixFit {
        MixFit(recurrent: recurrent, linear: linear, labels: [0, 1, 0, 1], classCount: 2)
    }

    @Test("a path that is wrong gets nothing")
    func useless() throws {
        let mix = try #require(fit(wrong, right).best(rows: [0, 1, 2, 3]))
        #expect(mix.recurrent == 0)
        #expect(mix.linear > 0.5)
        let other = try #require(fit(right, wrong).best(rows: [0, 1, 2, 3]))
        #expect(abs(other.recurrent - mix.linear) < 1e-3)
        #expect(other.linear == 0)
    }

    @Test("rows that are all right ask for a score of (rows + 1)/(rows + 2), as in Platt (1999)")
    func perfect() throws {
        let fit = fit(nil, right)
        let mix = try #require(fit.best(rows: [0, 1, 2, 3]))
        // A share of 1/6 is spread over two labels, so the target is 1 - 1/12.
        let score = try #require(fit.probabilities(mix, rows: [0]).max())
        #expect(abs(score - (1 - 1 / 12)) < 1e-4)
    }

    @Test("a path that is not there gets nothing, even if the other is worse than nothing")
    func missing() throws {
        #expect(fit(nil, wrong).best(rows: [0, 1, 2, 3]) == Mix(recurrent: 0, linear: 0.05))
        #expect(fit(wrong, nil).best(rows: [0, 1, 2, 3]) == Mix(recurrent: 0.05, linear: 0))
    }

    @Test("the mix is where no small step gains, beyond what a grid ended at", arguments: 0..<20)
    func isMinimum(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        func noise() -> Float { Float.random(in: -1...1, using: &generator) }
        let labels = (0..<60).map { _ in Int.random(in: 0..<3, using: &generator) }
        // Logits of about a tenth of what they should be: the right scale is above 3.
        func logits(_ hint: Float) -> [Float] {
            labels.flatMap { label in
                (0..<3).map { 0.1 * (($0 == label ? hint : 0) + 2 * noise()) }
            }
        }
        let fit = MixFit(
            recurrent: logits(2),
            linear: logits(1),
            labels: labels,
            classCount: 3
        )
        let rows = Array(0..<60)
        let mix = try #require(fit.best(rows: rows))
        let loss = fit.smoothedLoss(mix, rows: rows)
        #expect(mix.recurrent > 3)
        for (first, second) in [(0.05, 0), (-0.05, 0), (0, 0.05), (0, -0.05)] as [(Float, Float)] {
            let other = Mix(
                recurrent: max(mix.recurrent + first, 0),
                linear: max(mix.linear + second, 0)
            )
            #expect(fit.smoothedLoss(other, rows: rows) >= loss - 1e-7)
        }
    }

    @Test("no rows to fit on give equal shares, and no number gives no mix")
    func extremes() throws {
        let none = MixFit(recurrent: [], linear: [], labels: [], classCount: 2)
        #expect(none.best(rows: []) == Mix(recurrent: 0.5, linear: 0.5))
        let one = MixFit(recurrent: nil, linear: [], labels: [], classCount: 2)
        #expect(one.best(rows: []) == Mix(recurrent: 0, linear: 1))
        #expect(fit([Float](repeating: .nan, count: 8), nil).best(rows: [0, 1, 2, 3]) == nil)
    }
}
