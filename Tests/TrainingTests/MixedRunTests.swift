import Evaluation
import Examples
import Judgement
import Model
import Optimization
import Synchronization
import TestClassifiers
import Testing

@testable import Training

/// Runs of the mixed recipes: what is the same, what stops them, what they refuse.
@Suite struct MixedRunTests {
    private func plan(
        _ examples: [Example],
        recipe: TrainingOptions.Recipe = .auto,
        epochs: Int = 3,
        hidden: Int = 8
    ) -> TrainingPlan {
        var options = TrainingOptions(recipe: recipe)
        (options.epochs, options.hidden) = (epochs, hidden)
        return TrainingPlan(model: "zoo", examples: examples, options: options)
    }

    /// Runs `plan` on one, two and three threads, which must give the same bytes.
    private func expectSameBytes(_ plan: TrainingPlan, chosen: String) throws {
        let files = try (1...3).map { threads in
            var plan = plan
            plan.options.threads = threads
            let checkpoint = try plan.run().checkpoint
            let choice = try #require(checkpoint.training.choice)
            #expect(choice.contains(chosen))
            return checkpoint.encoded()
        }
        let areEqual = files[0] == files[1] && files[0] == files[2]
        #expect(areEqual)
    }

    @Test("few rows, cross-validated: the same bytes on 1, 2 and 3 threads")
    func sameBytesOfFewRows() throws {
        try expectSameBytes(
            plan(SyntheticTexts(150, noise: 0.2).examples),
            chosen: "5-fold cross-validation"
        )
    }

    @Test("many rows, stopped early: the same bytes on 1, 2 and 3 threads")
    func sameBytesOfManyRows() throws {
        try expectSameBytes(
            plan(SyntheticTexts(2000, noise: 0.2).examples, epochs: 4, hidden: 4),
            chosen: "stopped and mixed by the loss on"
        )
    }

    @Test("the seed counts")
    func seed() throws {
        var plan = plan(SyntheticTexts(100).examples)
        let first = try plan.run().checkpoint
        plan.options.seed = 2
        #expect(try plan.run().checkpoint.tensors != first.tensors)
    }

    @Test("tiny data gets the article's network, or a mixed one if that answers new rows better")
    func tiny() throws {
        var options = TrainingOptions()
        options.threads = 2
        let rows = TrainingPlanTests.rows
        let learnt = try TrainingPlan(model: "mood", examples: rows, options: options).run()
        #expect(learnt.checkpoint.architecture == Architecture(hiddenSize: 64))
        #expect(learnt.checkpoint.training.choice?.contains("article") == true)
        #expect(learnt.train.accuracy == 1)
        // One word of seven decides, wherever it stands.
        var generator = SplitMix64(seed: 4)
        let keywords = (0..<160).map { row in
            var words = (0..<6).map { _ in "w\(Int.random(in: 0..<40, using: &generator))" }
            words.insert(
                row % 2 == 0 ? "refund" : "crash",
                at: Int.random(in: 0...6, using: &generator)
            )
            return Example(label: "\(row % 2)", text: words.joined(separator: " "))
        }
        options.epochs = 100
        let other = try TrainingPlan(model: "keywords", examples: keywords, options: options).run()
        guard case .mixed = other.checkpoint.architecture.network else {
            Issue.record("The article's network was kept")
            return
        }
        #expect(other.validation?.accuracy ?? 0 > 0.95)
        #expect(other.checkpoint.training.choice?.contains("not the article's network") == true)
    }

    @Test("each recipe trains the paths that it names, and what is written can be read")
    func recipes() throws {
        let examples = SyntheticTexts(120).examples
        for recipe in TrainingOptions.Recipe.allCases where recipe != .article && recipe != .auto {
            let result = try plan(examples, recipe: recipe).run()
            let checkpoint = result.checkpoint
            guard case .mixed(let shape) = checkpoint.architecture.network else {
                Issue.record("\(recipe) is no mixed network")
                return
            }
            #expect((shape.recurrent == nil) == (recipe == .linear))
            #expect((shape.featureCount == 0) == (recipe != .linear))
            #expect(try Checkpoint(parsing: checkpoint.encoded(), source: "x") == checkpoint)
        }
    }

    @Test(
        "a path that does not help is left out, and one that is not there is never mixed in",
        arguments: [TrainingOptions.Recipe.auto, .linear, .gru]
    )
    func uselessPath(recipe: TrainingOptions.Recipe) throws {
        // Labels drawn at random, so that held-out rows refute whatever was learnt.
        let examples = SyntheticTexts(100, labels: 2, noise: 1).examples
        for seed in 1...2 {
            var plan = plan(examples, recipe: recipe)
            plan.options.seed = seed
            plan.options.learningRate = 0.05
            let checkpoint = try plan.run().checkpoint
            guard case .mixed(let shape) = checkpoint.architecture.network else { return }
            #expect((shape.recurrent == nil) == (checkpoint.calibration.recurrent == 0))
            #expect((shape.featureCount == 0) == (checkpoint.calibration.linear == 0))
            if shape.recurrent == nil { #expect(checkpoint.features?.subwords == []) }
            let read = try Checkpoint(parsing: checkpoint.encoded(), source: "x")
            _ = try TextClassifier(read).classify("please topic0word1")
        }
    }

    @Test("training and service read a text alike: held-out rows get the same answers")
    func sameAnswers() throws {
        var plan = plan(SyntheticTexts(2000, noise: 0.1).examples, epochs: 2)
        // Unknown words, words in a new order, a text without words, a long word, Chinese.
        plan.development =
            SyntheticTexts(100, seed: 9, noise: 0.1).examples
            + [
                Example(label: "label 0", text: "never seen topic0word1 before"),
                Example(label: "label 1", text: "\u{200B}"),
                Example(label: "label 2", text: String(repeating: "topic2", count: 50)),
                Example(label: "label 0", text: "北京的天气 很好 please"),
            ]
        plan.examples += ["\u{200B}", "\u{AD}"].map { Example(label: "label 1", text: $0) }
        plan.examples += ["北京的天气很好", "今天北京的天气，很好吗"]
            .map { Example(label: "label 0", text: $0) }
        let data = try TrainingData(plan)
        let run = MixedRun(plan: plan, data: data, observer: { _ in .proceed })
        let split = RowSplit(
            training: Array(plan.examples.indices),
            heldOut: plan.development.indices.map { plan.examples.count + $0 }
        )
        let trainer = MixedTrainer(
            texts: data.texts,
            labels: data.labelOfRow,
            strata: data.strata,
            classCount: data.labels.count,
            options: MixedOptions(plan.options, keepsBest: false, repeatsMeasuring: false),
            monitor: RunMonitor(observer: { _ in .proceed }),
            rule: FeatureRule(rows: 2000, classes: 3, isMulti: false)
        )
        let fold = Fold(trainer, training: split.training, heldOut: split.heldOut)
        let schedule = Schedule(batchSize: 16, epochs: 1, learningRate: 0.003)
        let paths = try NetworkPath.allCases.map { path in
            let path = try #require(
                fold.trainer(path, schedule: schedule, team: WorkerTeam(threads: 1))
            )
            _ = try path.trainEpoch(1) { _ in }
            return path
        }
        let mix = Mix(recurrent: 0.7, linear: 0.6)
        let own = MixFit(
            recurrent: paths[0].logits(fold.heldOut),
            linear: paths[1].logits(fold.heldOut),
            labels: split.heldOut.map { trainer.labels[$0] },
            classCount: data.labels.count
        ).probabilities(mix, rows: split.heldOut.indices)
        let weights = MixedWeights(
            lookup: fold.lookup,
            shape: fold.shape,
            recurrent: paths[0].averagedParameters(),
            linear: paths[1].averagedParameters(),
            mix: mix,
            recurrentEpochs: 1,
            linearEpochs: 1,
            fittedRows: split.training,
            evidence: nil,
            curves: []
        )
        let network = try run.network(weights, .heldOut(split))
        let classifier = try network.checkpoint(plan, data).classifier
        let served = plan.development.flatMap { classifier.classify($0.text).probabilities }
        // Weights are rounded before they serve. The text without words gets the prior.
        #expect(own.count == 104 * 3 && served.count == own.count)
        let lists = try #require(network.features)
        #expect(!lists.runs.isEmpty && !lists.skipBigrams.isEmpty && !lists.openings.isEmpty)
        let gaps = zip(own, served).map { abs($0 - $1) }
        #expect(Set(gaps.indices.filter { gaps[$0] >= 3e-3 }.map { $0 / 3 }) == [101])
        let labels = Dictionary(grouping: plan.examples, by: \.label).values.map(\.count)
        #expect(served[303..<306].max() == Float(Double(labels.max() ?? 0) / 2004))
    }

    @Test("progress has a pace from the first report on, a loss after an epoch, and an end")
    func progress() throws {
        let reports = Mutex<[TrainingProgress]>([])
        _ = try plan(SyntheticTexts(300).examples, epochs: 8, hidden: 16).run { progress in
            reports.withLock { $0.append(progress) }
            return .proceed
        }
        let all = reports.withLock { $0 }
        #expect(all.allSatisfy { $0.elapsed > .zero && $0.fraction > 0 })
        #expect(all.allSatisfy { $0.epoch > 1 || $0.loss.isNaN })
        let last = try #require(all.last)
        #expect(last.fraction == 1)
        #expect(last.epoch == last.epochs)
        #expect(last.loss > 0)
    }

    @Test("stopping gives no model", arguments: [150, 2000])
    func stops(count: Int) {
        let long = plan(SyntheticTexts(count).examples, epochs: 40, hidden: 64)
        let calls = Atomic(0)
        let error = #expect(throws: TrainingError.self) {
            try long.run { _ in
                calls.add(1, ordering: .relaxed)
                return .stop
            }
        }
        #expect(error?.code == "stopped")
        #expect(calls.load(ordering: .relaxed) == 1)
    }

    @Test("a stopped run that keeps its best gives a model that serves", arguments: [300, 2000])
    func keepsBest(count: Int) throws {
        var stopped = plan(SyntheticTexts(count).examples, epochs: 40, hidden: 32)
        stopped.keepsBest = true
        let result = try stopped.run { $0.epoch > 2 ? .stop : .proceed }
        #expect(!result.isComplete)
        #expect(result.checkpoint.training.choice?.contains("stopped before the end") == true)
        let read = try Checkpoint(parsing: result.checkpoint.encoded(), source: "x")
        let answer = try TextClassifier(read).classify("please topic0word1")
        #expect(abs(answer.probabilities.reduce(0, +) - 1) < 1e-5)
    }

    @Test(
        "a learning rate of 10 diverges or gives finite numbers",
        arguments: TrainingOptions.Recipe.allCases.filter { $0 != .article }.map { ($0, 60) }
            + [(.auto, 2000)]
    )
    func wild(recipe: TrainingOptions.Recipe, count: Int) throws {
        var wild = plan(SyntheticTexts(count).examples, recipe: recipe, epochs: 1, hidden: 4)
        wild.options.learningRate = 10
        do {
            let checkpoint = try wild.run().checkpoint
            let read = try Checkpoint(parsing: checkpoint.encoded(), source: "x")
            let answer = try TextClassifier(read).classify("please topic0word1")
            let areFinite = answer.probabilities.allSatisfy { $0.isFinite }
            #expect(areFinite)
        } catch let error as TrainingError {
            #expect(error.code == "diverged")
        }
    }

    @Test("a network beyond the limit is refused before it is trained")
    func tooLarge() {
        var large = plan(SyntheticTexts(3000).examples, recipe: .lstm, epochs: 40)
        large.options.hidden = 1024
        // 2 · 4 · 1024 · (1024 + 1024) weights of the cells alone leave room; the words do not.
        large.examples += (0..<4000).flatMap { word in
            (0..<2).map { Example(label: "label \($0)", text: "word\(word)a other\(word)b") }
        }
        let error = #expect(throws: TrainingError.self) {
            try large.run { _ in
                Issue.record("It was trained")
                return .stop
            }
        }
        #expect(error?.code == "too_many_parameters")
    }
}
