import Evaluation
import Examples
import Judgement
import Model
import Optimization
import TestClassifiers
import Testing

@testable import Training

/// What a user has besides labelled rows: word vectors, and texts without labels.
@Suite struct VectorsAndTextsTests {
    /// Words of three meanings, each with a vector near that of its meaning.
    private static func vectors() throws -> WordVectors {
        var generator = SplitMix64(seed: 3)
        let words = (0..<90).map { "word\($0)" }
        let numbers = (0..<90).flatMap { word in
            (0..<6).map { axis in
                Float((axis == word % 3 ? 1.0 : 0) + 0.3 * (generator.unit() - 0.5))
            }
        }
        return try #require(
            WordVectors(
                source: .init(
                    name: "v.vec",
                    sha256: String(repeating: "a", count: 64),
                    words: 90,
                    dimensions: 6
                ),
                words: words,
                rounding: numbers
            )
        )
    }

    /// Rows whose label is the meaning of their words; few of all words stand in them.
    private static func rows(_ count: Int, words: Range<Int>, seed: UInt64) -> [Example] {
        var generator = SplitMix64(seed: seed)
        func draw(_ limit: Int) -> Int { Int(generator.next(upperBound: UInt64(limit))) }
        return (0..<count).map { _ in
            let meaning = draw(3)
            let own = (0..<3).map { _ in
                "word\(words.lowerBound + draw(words.count / 3) * 3 + meaning)"
            }
            return Example(
                label: "m\(meaning)",
                text: (own + ["the", "x\(draw(40))"]).joined(separator: " ")
            )
        }
    }

    private func plan(_ examples: [Example], recipe: TrainingOptions.Recipe) -> TrainingPlan {
        var options = TrainingOptions(recipe: recipe)
        (options.epochs, options.hidden) = (12, 8)
        return TrainingPlan(model: "m", examples: examples, options: options)
    }

    @Test(
        "a model answers by the vectors of words that no row has",
        arguments: [TrainingOptions.Recipe.auto, .linear, .gru, .mlp, .lstm]
    )
    func unseenWords(recipe: TrainingOptions.Recipe) throws {
        var plan = plan(VectorsAndTextsTests.rows(120, words: 0..<45, seed: 1), recipe: recipe)
        plan.vectors = try VectorsAndTextsTests.vectors()
        let result = try plan.run()
        let bytes = result.checkpoint.encoded()
        #expect(String(decoding: bytes.prefix(80), as: UTF8.self).contains("\"format_version\":2"))
        let read = try Checkpoint(parsing: bytes, source: "x")
        #expect(read == result.checkpoint)
        #expect(read.training.vectors?.name == "v.vec")
        let classifier = try TextClassifier(read)
        let others = VectorsAndTextsTests.rows(90, words: 45..<90, seed: 2)
        let right = others.count { row in
            let answer = classifier.classify(row.text).prediction
            return classifier.labels[answer.labelIndex] == row.label
        }
        #expect(right > 75, "\(recipe) \(right)")
        #expect(classifier.classify("word80").prediction.isKnown)
        var plain = plan
        plain.vectors = nil
        let old = try plain.run().checkpoint
        // The linear path also reads first words, which the oldest files cannot say.
        let version = [.auto, .linear].contains(recipe) ? 2 : 1
        let head = String(decoding: old.encoded().prefix(80), as: UTF8.self)
        #expect(old.vectors == nil && head.contains("\"format_version\":\(version)"))
    }

    @Test("training and service read vectors alike")
    func sameAnswers() throws {
        var plan = plan(VectorsAndTextsTests.rows(150, words: 0..<45, seed: 1), recipe: .auto)
        plan.vectors = try VectorsAndTextsTests.vectors()
        let data = try TrainingData(plan)
        let trainer = MixedTrainer(
            texts: data.texts,
            labels: data.labelOfRow,
            strata: data.strata,
            classCount: 3,
            options: MixedOptions(plan.options, keepsBest: false, repeatsMeasuring: false),
            monitor: RunMonitor(observer: { _ in .proceed }),
            vectors: plan.vectors,
            vectorWeight: 2
        )
        let fold = Fold(trainer, training: Array(0..<100), heldOut: Array(100..<150))
        let team = WorkerTeam(threads: 1)
        let schedule = Schedule(batchSize: 4, epochs: 1, learningRate: 0.003)
        let paths = try NetworkPath.allCases.map { path in
            let path = try #require(fold.trainer(path, schedule: schedule, team: team))
            _ = try path.trainEpoch(1) { _ in }
            return path
        }
        let mix = Mix(recurrent: 0.7, linear: 0.6)
        let own = MixFit(
            recurrent: paths[.recurrent].logits(fold.heldOut),
            linear: paths[.linear].logits(fold.heldOut),
            labels: Array(data.labelOfRow[100...]),
            classCount: 3
        ).probabilities(mix, rows: 0..<50)
        let weights = MixedWeights(
            lookup: fold.lookup,
            shape: fold.shape,
            recurrent: paths[.recurrent].averagedParameters(),
            linear: paths[.linear].averagedParameters(),
            mix: mix,
            recurrentEpochs: 1,
            linearEpochs: 1,
            fittedRows: Array(0..<100),
            evidence: nil,
            curves: []
        )
        let run = MixedRun(plan: plan, data: data, observer: { _ in .proceed })
        let network = try run.network(weights, .crossValidation([]))
        let classifier = try network.checkpoint(plan, data).classifier
        let served = plan.examples[100...].flatMap { classifier.classify($0.text).probabilities }
        #expect(zip(own, served).allSatisfy { abs($0 - $1) < 3e-3 })
    }

    @Test("a checkpoint with damaged vectors is refused by the place")
    func damagedVectors() throws {
        var plan = plan(VectorsAndTextsTests.rows(60, words: 0..<45, seed: 1), recipe: .linear)
        plan.vectors = try VectorsAndTextsTests.vectors()
        let text = String(decoding: try plan.run().checkpoint.encoded(), as: UTF8.self)
        for (from, to, place) in [
            ("\"vectors\":6", "\"vectors\":5", "/architecture/vectors"),
            ("\"dimensions\":6,\"words\":[", "\"dimensions\":7,\"words\":[", "/vectors"),
            ("\n\"word81\"", "\n\"word82\"", "/vectors/words"),
        ] {
            let damaged = text.replacing(from, with: to, maxReplacements: 1)
            #expect(damaged != text, "\(from)")
            let error = #expect(throws: CheckpointError.self) {
                try Checkpoint(parsing: Array(damaged.utf8), source: "x")
            }
            #expect(error?.field.hasPrefix(place) == true, "\(error.map { "\($0)" } ?? "")")
        }
    }

    @Test("texts without labels teach words that few rows have, in the same bytes on any threads")
    func unlabelled() throws {
        // A row has one word of its label that the others lack; texts tie these together.
        let texts = VectorsAndTextsTests.rows(600, words: 0..<90, seed: 5).map(\.text)
        var plan = plan(VectorsAndTextsTests.rows(36, words: 0..<90, seed: 6), recipe: .auto)
        plan.unlabelled = texts + texts.prefix(9)
        let results = try (1...2).map { threads in
            plan.options.threads = threads
            return try plan.run()
        }
        #expect(results[0].checkpoint.encoded() == results[1].checkpoint.encoded())
        let outcome = try #require(results[0].unlabelled)
        #expect(outcome.texts <= 600 && outcome.texts > 500)
        let (without, with) = (try #require(outcome.without), try #require(outcome.with))
        #expect(outcome.isUsed == (with.loss < without.loss))
        #expect(outcome.isUsed && outcome.learnt >= outcome.texts / 2)
        #expect("\(outcome)".contains("unlabelled texts"))
        #expect(results[0].checkpoint.training.choice?.contains("unlabelled texts") == true)
        let test = VectorsAndTextsTests.rows(150, words: 0..<90, seed: 7)
        func accuracy(_ checkpoint: Checkpoint) throws -> Int {
            let classifier = try TextClassifier(checkpoint)
            return test.count {
                let answer = classifier.classify($0.text).prediction
                return classifier.labels[answer.labelIndex] == $0.label
            }
        }
        plan.unlabelled = []
        let plain = try plan.run()
        #expect(plain.unlabelled == nil)
        #expect(try accuracy(results[0].checkpoint) > accuracy(plain.checkpoint))
    }

    @Test("texts of other things are left alone, and the outcome says why")
    func uselessTexts() throws {
        // Labels by chance: what the texts say can only harm.
        var plan = plan(SyntheticTexts(60, labels: 2, noise: 1).examples, recipe: .linear)
        plan.unlabelled = SyntheticTexts(300, labels: 2, seed: 8).examples.map(\.text)
        let outcome = try #require(try plan.run().unlabelled)
        let (without, with) = (try #require(outcome.without), try #require(outcome.with))
        #expect(outcome.isUsed == (with.loss < without.loss))
        plan.options.recipe = .gru
        let other = try #require(try plan.run().unlabelled)
        #expect(!other.isUsed && other.reason != nil && other.without == nil)
    }

    @Test("an outcome is told in a sentence")
    func sentences() {
        var outcome = UnlabelledOutcome(
            texts: 1240,
            learnt: 620,
            without: .init(accuracy: 0.614, loss: 1.05),
            with: .init(accuracy: 0.659, loss: 0.98)
        )
        #expect(
            "\(outcome)"
                == "1,240 unlabelled texts raised the cross-validated accuracy from 61.4 to 65.9 "
                + "%, and took the loss from 1.050 to 0.980"
        )
        outcome.learnt = 0
        #expect("\(outcome)".hasPrefix("1,240 unlabelled texts not used, because"))
    }
}
