import Evaluation
import Examples
import Model
import Optimization
import TestClassifiers
import Testing

@testable import Training

/// A recurrent path that first learns to predict the words of all texts.
@Suite struct LanguageModelTests {
    /// Texts in which only the words around a name tell what it is: `a <name> barks` and the like.
    private static func contexts(_ count: Int, names: Range<Int>, seed: UInt64) -> [String] {
        var generator = SplitMix64(seed: seed)
        func draw(_ limit: Int) -> Int { Int(generator.next(upperBound: UInt64(limit))) }
        let frames = [
            ["barks at", "chases", "fetches"], ["shines on", "rises over", "sets behind"],
            ["boils in", "tastes of", "smells like"],
        ]
        return (0..<count).map { _ in
            let kind = draw(3)
            func name() -> String {
                "\(spelling(names.lowerBound + draw(names.count / 3) * 3 + kind))"
            }
            return "the \(name()) \(frames[kind][draw(3)]) a \(name()) and x\(draw(30))"
        }
    }

    /// A name without sub-words in common with others of its kind.
    private static func spelling(_ name: Int) -> String {
        String(name * 7919 + 100_003, radix: 26)
    }

    /// Rows whose label is the kind of their names, without the words that tell it.
    private static func rows(_ count: Int, names: Range<Int>, seed: UInt64) -> [Example] {
        var generator = SplitMix64(seed: seed)
        func draw(_ limit: Int) -> Int { Int(generator.next(upperBound: UInt64(limit))) }
        return (0..<count).map { _ in
            let kind = draw(3)
            let name = spelling(names.lowerBound + draw(names.count / 3) * 3 + kind)
            return Example(label: "kind \(kind)", text: "the \(name) and x\(draw(30))")
        }
    }

    private static func plan(
        _ examples: [Example],
        recipe: TrainingOptions.Recipe = .gru,
        use: TrainingOptions.LanguageModelUse? = .on
    ) -> TrainingPlan {
        var options = TrainingOptions(recipe: recipe)
        (options.epochs, options.hidden) = (6, 16)
        if let use { options.languageModel = use }
        return TrainingPlan(model: "m", examples: examples, options: options)
    }

    private static func accuracy(_ checkpoint: Checkpoint, on rows: [Example]) throws -> Double {
        let classifier = try TextClassifier(checkpoint)
        let right = rows.count { row in
            let answer = classifier.classify(row.text).prediction
            return classifier.labels[answer.labelIndex] == row.label
        }
        return Double(right) / Double(rows.count)
    }

    @Test(
        "words are predicted better and better, whatever the cell",
        arguments: CellKind.allCases
    )
    func lossFalls(cell: CellKind) throws {
        let texts = TokenizedTexts(
            LanguageModelTests.contexts(300, names: 0..<60, seed: 1),
            tokenizer: Tokenizer()
        )
        let rows = Array(0..<texts.count)
        let lookup = DictionaryBuilder(textCount: 300, classCount: 3).build(texts, rows: rows)
        var options = MixedOptions(
            TrainingOptions(recipe: .gru),
            keepsBest: false,
            repeatsMeasuring: false
        )
        (options.cell, options.hiddenSize) = (cell, 16)
        let losses = try (1...2).map { threads in
            let trainer = LanguageModelTrainer(
                shape: options.shape(lookup, classCount: 3),
                texts: EncodedTexts(texts, rows: rows, lookup: lookup),
                plan: LanguageModelPlan(rows, of: texts, epochs: 8),
                seed: 1,
                team: WorkerTeam(threads: threads)
            )
            var shares = 0.0
            let losses = try (1...8).map { try trainer.trainEpoch($0) { shares += $0 } }
            #expect(abs(shares - 8) < 1e-9)
            return (losses, trainer.start(lookup).parameters)
        }
        #expect(losses[0].0 == losses[1].0 && losses[0].1 == losses[1].1)
        let (first, last) = (losses[0].0[0], losses[0].0[7])
        // Of about 120 words.
        #expect(first > 3.5 && last < 0.85 * first, "\(first) \(last)")
        #expect(losses[0].1.allSatisfy { $0.isFinite })
    }

    @Test(
        "with many rows the start is kept only where the held-out loss falls",
        arguments: [TrainingOptions.Recipe.auto, .elman, .lstm]
    )
    func heldOut(recipe: TrainingOptions.Recipe) throws {
        let names = 0..<1500
        let plan = LanguageModelTests.plan(
            LanguageModelTests.rows(2200, names: names, seed: 2),
            recipe: recipe
        )
        let result = try plan.run()
        let outcome = try #require(result.languageModel)
        let (without, with) = (try #require(outcome.without), try #require(outcome.with))
        #expect(outcome.isUsed == (with.loss < without.loss))
        #expect(!outcome.isCrossValidated && outcome.reason == nil)
        #expect(outcome.texts == 2200 - result.answers.count)
        #expect("\(outcome)".contains("held-out loss"))
        let choice = try #require(result.checkpoint.training.choice)
        #expect(choice.contains("language-model start") == outcome.isUsed)
        // It learns the held-out rows too, from the same start.
        #expect(result.checkpoint.training.train?.rows == 2200)
        #expect(result.checkpoint.training.options.languageModel == .on)
        _ = try TextClassifier(result.checkpoint)
    }

    @Test("texts without labels teach rows what words mean, in the same bytes on any threads")
    func unlabelled() throws {
        var plan = LanguageModelTests.plan(
            LanguageModelTests.rows(90, names: 0..<30, seed: 3),
            use: nil
        )
        (plan.options.epochs, plan.options.hidden) = (20, 24)
        plan.unlabelled = LanguageModelTests.contexts(3000, names: 0..<60, seed: 4)
        let results = try (1...2).map { threads in
            plan.options.threads = threads
            return try plan.run()
        }
        #expect(results[0].checkpoint.encoded() == results[1].checkpoint.encoded())
        let outcome = try #require(results[0].languageModel)
        #expect(outcome.isUsed && outcome.isCrossValidated, "\(outcome)")
        #expect(outcome.texts > 1000)
        // Names that no row has are known.
        let classifier = try TextClassifier(results[0].checkpoint)
        #expect(classifier.classify(LanguageModelTests.spelling(59)).prediction.isKnown)
        plan.options.languageModel = .off
        let plain = try plan.run()
        #expect(plain.languageModel == nil)
        let test = LanguageModelTests.rows(300, names: 30..<60, seed: 5)
        let with = try LanguageModelTests.accuracy(results[0].checkpoint, on: test)
        let without = try LanguageModelTests.accuracy(plain.checkpoint, on: test)
        #expect(with > without + 0.1, "\(with) \(without)")
    }

    @Test("few rows alone begin so where that is asked for, each fold with its own texts")
    func fewRows() throws {
        let rows = LanguageModelTests.rows(120, names: 0..<90, seed: 6)
        let result = try LanguageModelTests.plan(rows, recipe: .auto).run()
        let outcome = try #require(result.languageModel)
        #expect(outcome.texts == 120 && outcome.isCrossValidated)
        let (without, with) = (try #require(outcome.without), try #require(outcome.with))
        #expect(outcome.isUsed == (with.loss < without.loss))
        let plain = try LanguageModelTests.plan(rows, recipe: .auto, use: nil).run()
        #expect(plain.languageModel == nil)
        let off = try LanguageModelTests.plan(rows, recipe: .auto, use: .off).run()
        #expect(off.checkpoint.tensors == plain.checkpoint.tensors)
    }

    @Test("where it cannot be tried, the outcome says why")
    func reasons() throws {
        let rows = LanguageModelTests.rows(120, names: 0..<90, seed: 6)
        for recipe in [TrainingOptions.Recipe.linear, .mlp, .article] {
            let outcome = try LanguageModelTests.plan(rows, recipe: recipe).run().languageModel
            #expect(outcome?.isUsed == false)
            #expect(outcome?.reason?.contains("no path") == true, "\(recipe)")
        }
        let four = Array(LanguageModelTests.rows(4, names: 0..<90, seed: 1))
        if Set(four.map(\.label)).count > 1 {
            let outcome = try LanguageModelTests.plan(four).run().languageModel
            #expect(outcome != nil)
        }
    }

    @Test("a run is stopped while words are learnt, and then has weights only where it keeps them")
    func stopped() throws {
        var plan = LanguageModelTests.plan(LanguageModelTests.rows(90, names: 0..<90, seed: 3))
        plan.unlabelled = LanguageModelTests.contexts(4000, names: 0..<90, seed: 4)
        let stop: TrainingObserver = { $0.fraction > 0.3 ? .stop : .proceed }
        #expect(throws: TrainingError.self) { try plan.run(observer: stop) }
        plan.keepsBest = true
        let kept = try plan.run(observer: stop)
        #expect(try TextClassifier(kept.checkpoint).labels.count == 3)
    }

    @Test("progress never falls and does not stand still while words are learnt")
    func progress() throws {
        var plan = LanguageModelTests.plan(LanguageModelTests.rows(90, names: 0..<90, seed: 3))
        plan.unlabelled = LanguageModelTests.contexts(4000, names: 0..<90, seed: 4)
        let fractions = Fractions()
        _ = try plan.run { progress in
            fractions.all.append(progress.fraction)
            return .proceed
        }
        let all = fractions.all
        #expect(all == all.sorted() && all.last == 1)
        #expect(all.count > 5)
        // Each fifth of the calls sees some gain.
        let step = max(all.count / 5, 1)
        for start in stride(from: 0, to: all.count - step, by: step) {
            #expect(all[start + step] > all[start], "\(all)")
        }
    }

    @Test("an outcome is told in a sentence")
    func sentences() {
        var outcome = LanguageModelOutcome(
            texts: 4952,
            isUsed: true,
            without: .init(accuracy: 0.894, loss: 0.323),
            with: .init(accuracy: 0.919, loss: 0.221)
        )
        #expect(
            "\(outcome)"
                == "the language-model start on 4,952 texts lowered the held-out loss from 0.323 "
                + "to 0.221, and raised the accuracy from 89.4 to 91.9 %"
        )
        outcome.isUsed = false
        outcome.isCrossValidated = true
        #expect(
            "\(outcome)"
                == "the language-model start on 4,952 texts was not used, because the "
                + "cross-validated loss would not fall (from 0.323 to 0.221)"
        )
        outcome.reason = "the network has no path that could begin so"
        #expect("\(outcome)".hasSuffix("was not used: the network has no path that could begin so"))
    }
}

/// What an observer has seen; one call comes at a time.
private final class Fractions: @unchecked Sendable {
    var all: [Double] = []
}
