import Evaluation
import Examples
import Model
import Testing

@testable import Training

/// Texts of a small world: each label has words of its own, and a text has any of them.
private enum World {
    static let words = [
        "bill": ["invoice", "charge", "refund", "payment"],
        "bug": ["crash", "error", "broken", "freeze"],
        "slow": ["slow", "waiting", "lag", "timeout"],
    ]
    private static let filler = ["please", "the", "my", "today", "hello", "again", "it", "and"]

    static func rows(_ count: Int, seed: UInt64) -> [Example] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in
            var text: [String] = (0..<4).map { _ in
                filler[Int(generator.next() % UInt64(filler.count))]
            }
            var labels: [String] = []
            for (label, own) in words.sorted(by: { $0.key < $1.key })
            where generator.unit() < (label == "slow" ? 0.15 : 0.4) {
                labels.append(label)
                for _ in 0..<2 { text.append(own[Int(generator.next() % UInt64(own.count))]) }
            }
            return Example(labels: LabelSet(labels), text: text.joined(separator: " "))
        }
    }

    static func plan(
        _ count: Int,
        _ recipe: TrainingOptions.Recipe? = nil,
        test: Int = 300,
        objective: TrainingOptions.Objective? = nil
    ) -> TrainingPlan {
        var options = TrainingOptions(recipe: recipe)
        if let objective { options.objective = objective }
        return TrainingPlan(
            model: "tickets",
            rows: TrainingRows(training: rows(count, seed: 1), test: rows(test, seed: 2)),
            options: options
        )
    }
}

@Suite struct SeveralLabelsTests {
    @Test(
        "few rows teach which labels a text has, and that it may have none",
        arguments: [nil, .linear, .gru, .elman, .lstm, .minimalRNN, .mlp]
            as [TrainingOptions.Recipe?]
    )
    func fewRows(recipe: TrainingOptions.Recipe?) throws {
        let result = try World.plan(240, recipe).run()
        let checkpoint = result.checkpoint
        #expect(checkpoint.architecture.output == .multi)
        #expect(checkpoint.labels == ["bill", "bug", "slow"])
        #expect(checkpoint.training.options.objective == .micro)
        #expect(!checkpoint.training.options.given.contains(.objective))
        #expect(Set(checkpoint.calibration.thresholds).count == 1)
        let test = try #require(result.test)
        let sets = try #require(test.sets)
        #expect(sets.microF1 > 0.9, "\(sets.microF1)")
        #expect(checkpoint.training.heldOut?.microF1 == sets.microF1)
        // Cross-validated figures tell about the same.
        let validation = try #require(result.validation?.sets)
        #expect(abs(validation.microF1 - sets.microF1) < 0.1)
        #expect(validation.rows == 240)
        let classifier = try TextClassifier(checkpoint)
        func labels(_ text: String) -> [String] {
            classifier.classify(text).probabilities.withUnsafeBufferPointer {
                classifier.answered($0).map { classifier.labels[$0] }
            }
        }
        // A recurrent network of so few rows finds nine labels in ten, not each.
        if recipe == nil || recipe == .linear {
            #expect(labels("hello crash error again") == ["bug"])
            #expect(labels("hello invoice refund crash error") == ["bill", "bug"])
        }
        #expect(labels("please the my today") == [])
    }

    @Test("many rows are held out, stopped and mixed, the same on any number of threads")
    func manyRows() throws {
        var plan = World.plan(2600)
        plan.options.hidden = 16
        let one = try plan.run()
        #expect(one.validation?.rows ?? 0 >= 200)
        #expect(try #require(one.test?.sets).microF1 > 0.95)
        plan.options.threads = 3
        #expect(try plan.run().checkpoint.encoded() == one.checkpoint.encoded())
        let answers = one.answers
        #expect(answers.allSatisfy { LabelSet.isStored($0.truth) && LabelSet.isStored($0.label) })
        let again = try TextClassifier(
            Checkpoint(parsing: one.checkpoint.encoded(), source: "tickets")
        )
        let rows = World.rows(300, seed: 2)
        #expect(try Evaluation(of: again, on: rows).sets == one.test?.sets)
    }

    @Test("macro gives each label a threshold of its own")
    func macro() throws {
        let result = try World.plan(240, .linear, objective: .macro).run()
        #expect(Set(result.checkpoint.calibration.thresholds).count > 1)
        #expect(result.checkpoint.training.options.given.contains(.objective))
        #expect(try #require(result.test?.sets).macroF1 > 0.85)
    }

    @Test("one label among sets counts as a set of one, in training and in scoring")
    func mixedRows() throws {
        let sets = World.rows(240, seed: 1)
        let mixed = sets.map(\.asOneLabel)
        #expect(mixed.contains { $0.labels == nil } && mixed.contains { $0.labels != nil })
        var plan = TrainingPlan(
            model: "tickets",
            examples: sets,
            options: TrainingOptions(recipe: .linear)
        )
        let one = try plan.run().checkpoint
        plan.examples = mixed
        let other = try plan.run().checkpoint
        #expect(one.tensors == other.tensors && one.calibration == other.calibration)
        let classifier = try TextClassifier(one)
        let scores = try Evaluation(of: classifier, on: mixed).sets
        #expect(try scores == Evaluation(of: classifier, on: sets).sets)
    }

    @Test("one label that a text has or has not is enough to learn")
    func oneLabel() throws {
        let rows = World.rows(200, seed: 5).map { row in
            Example(labels: LabelSet(row.labelSet.labels.filter { $0 == "bug" }), text: row.text)
        }
        let plan = TrainingPlan(model: "bugs", examples: rows, options: TrainingOptions())
        let classifier = try TextClassifier(try plan.run().checkpoint)
        #expect(classifier.labels == ["bug"])
        #expect(try Evaluation(of: classifier, on: rows).accuracy > 0.95)
    }

    @Test("what cannot be learnt is refused")
    func refusals() throws {
        func error(_ labels: [[String]], _ options: TrainingOptions = .init()) -> TrainingError? {
            let rows = labels.enumerated().map {
                Example(labels: LabelSet($1), text: "text number \($0)")
            }
            do {
                _ = try TrainingPlan(model: "m", examples: rows, options: options).run()
                return nil
            } catch { return error }
        }
        #expect(error([[], []]) == .noLabels)
        #expect(error([["a", "b"], ["b", "a"]]) == .oneLabel("a, b"))
        let article = error([["a"], ["b"]], TrainingOptions(recipe: .article))
        #expect(article?.description.contains("article's network") == true)
        var options = TrainingOptions(recipe: .linear)
        options.objective = .micro
        let plan = TrainingPlan(
            model: "m",
            examples: [Example(label: "a", text: "x"), Example(label: "b", text: "y")],
            options: options
        )
        do {
            _ = try plan.run()
            Issue.record("trained")
        } catch { #expect(error.description.contains("objective")) }
        let unknown = TrainingPlan(
            model: "m",
            rows: TrainingRows(
                training: World.rows(50, seed: 1),
                test: [Example(labels: LabelSet(["bug", "new"]), text: "crash")]
            ),
            options: TrainingOptions()
        )
        #expect(throws: TrainingError.unknownLabel(part: "test", row: 1, label: "new")) {
            _ = try unknown.run()
        }
    }

    @Test("a warm start goes on, and not from a model of another kind")
    func warmStart() throws {
        var plan = World.plan(2600, .linear)
        plan.warmStart = .impossible(reason: "first")
        let first = try plan.run()
        let learnt = Set(first.answers.map(\.text))
        plan.warmStart = .from(
            WarmStart(
                version: 1,
                checkpoint: first.checkpoint,
                learnt: plan.examples.filter { !learnt.contains($0.text) }
            )
        )
        let second = try plan.run()
        #expect(second.warmStart == .from(version: 1))
        #expect(try #require(second.test?.sets).microF1 > 0.95)
        plan.examples = plan.examples.map {
            Example(label: $0.labelSet.labels.first ?? "none", text: $0.text)
        }
        plan.test = []
        guard case .cold(1, let reason)? = try plan.run().warmStart else {
            Issue.record("went on")
            return
        }
        #expect(reason.contains("several labels"))
    }

    @Test("the mix of several labels is where no small step gains", arguments: 0..<10)
    func mix(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let sets = TargetSets([[], [0], [1, 2], [0, 1, 2]])
        let labels = (0..<60).map { _ in Int(generator.next() % 4) }
        func logits(_ hint: Float) -> [Float] {
            labels.flatMap { label in
                (0..<3).map { index in
                    let isTrue = sets[label].contains(Int32(index))
                    return 0.1 * ((isTrue ? hint : -hint) + 4 * Float(generator.unit() - 0.5))
                }
            }
        }
        let fit = MixFit(
            recurrent: logits(2),
            linear: logits(1),
            labels: labels,
            classCount: 3,
            head: .sigmoid(sets)
        )
        let rows = Array(0..<60)
        let mix = try #require(fit.best(rows: rows))
        let loss = fit.smoothedLoss(mix, rows: rows)
        for (first, second) in [(0.05, 0), (-0.05, 0), (0, 0.05), (0, -0.05)] as [(Float, Float)] {
            let other = Mix(
                recurrent: max(mix.recurrent + first, 0),
                linear: max(mix.linear + second, 0)
            )
            #expect(fit.smoothedLoss(other, rows: rows) >= loss - 1e-7)
        }
    }
}

@Suite struct ThresholdChoiceTests {
    private func thresholds(
        _ probabilities: [[Float]],
        _ sets: [[Int32]],
        _ objective: TrainingOptions.Objective
    ) -> [Float] {
        ThresholdChoice(
            probabilities: probabilities.flatMap(\.self),
            sets: sets.map { $0[...] },
            classCount: probabilities[0].count
        ).thresholds(objective)
    }

    private func microF1(_ probabilities: [[Float]], _ sets: [[Int32]], _ cut: [Float]) -> Double {
        var (hits, all) = (0, 0)
        for (row, set) in zip(probabilities, sets) {
            let given = row.indices.filter { row[$0] >= cut[$0] }
            hits += given.count { set.contains(Int32($0)) }
            all += given.count + set.count
        }
        return 2 * Double(hits) / Double(max(all, 1))
    }

    @Test("no other single threshold has a greater micro-F1", arguments: 0..<20)
    func micro(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let sets = (0..<50).map { _ in
            (0..<4).filter { _ in generator.unit() < 0.3 }.map(Int32.init)
        }
        let probabilities = sets.map { set in
            (0..<4).map { label -> Float in
                let hint = set.contains(Int32(label)) ? 0.5 : 0.1
                return Float(hint + 0.4 * generator.unit())
            }
        }
        let chosen = thresholds(probabilities, sets, .micro)
        #expect(Set(chosen).count == 1)
        let best = microF1(probabilities, sets, chosen)
        for other in Set(probabilities.joined()) {
            let f1 = microF1(probabilities, sets, [Float](repeating: other, count: 4))
            // Probabilities within a 512th of each other share a step.
            #expect(f1 <= best + 0.01)
        }
    }

    @Test("without a label that some row has, the threshold is one half")
    func nothing() {
        #expect(thresholds([[0.2, 0.8]], [[]], .micro) == [0.5, 0.5])
        #expect(thresholds([[0.2, 0.8]], [[]], .macro) == [0.5, 0.5])
        // A label without rows gets what all together choose.
        let macro = thresholds([[0.2, 0.8], [0.9, 0.1]], [[1], []], .macro)
        #expect(macro[0] == macro[1])
    }
}
