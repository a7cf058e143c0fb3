import Evaluation
import Examples
import Model
import TestClassifiers
import Testing
import Training

@Suite struct WarmStartTests {
    /// Rows of few topics, so that little training shows.
    private static let rows = SyntheticTexts(2400, labels: 3).examples
    private static let old = Array(rows.prefix(2200))

    private static func result(
        _ examples: [Example],
        from start: WarmStart? = nil,
        epochs: Int,
        recipe: TrainingOptions.Recipe = .auto
    ) throws -> TrainingResult {
        var options = TrainingOptions(recipe: recipe)
        (options.epochs, options.hidden, options.threads) = (epochs, 16, 2)
        var plan = TrainingPlan(model: "topics", examples: examples, options: options)
        // Asked for in every case, so that held-out rows are never learnt in the end.
        plan.warmStart =
            start.map { .from($0) } ?? .impossible(reason: "no version was live to begin with")
        plan.measuresHeldOut = true
        return try plan.run()
    }

    private static func learnt(_ result: TrainingResult, of examples: [Example]) -> [Example] {
        let heldOut = Set(result.answers.map(\.text))
        return examples.filter { !heldOut.contains($0.text) }
    }

    @Test(
        "goes on from the live weights, with new words and labels, and scores unseen rows alone"
    )
    func goesOn() throws {
        let parent = try Self.result(Self.old, epochs: 3)
        let learnt = Self.learnt(parent, of: Self.old)
        let new = SyntheticTexts(240, labels: 1, seed: 9).examples.map {
            Example(label: "new label", text: $0.text.replacing("topic0", with: "fresh"))
        }
        let start = WarmStart(version: 3, checkpoint: parent.checkpoint, learnt: learnt)
        let warm = try Self.result(Self.rows + new, from: start, epochs: 1)
        let cold = try Self.result(Self.rows + new, epochs: 1)
        #expect(warm.warmStart == .from(version: 3))
        #expect(warm.checkpoint.labels.contains("new label"))
        #expect(warm.checkpoint.training.choice?.hasSuffix("with the weights of version 3") == true)
        let known = Set(learnt.map(\.text))
        #expect(warm.answers.allSatisfy { !known.contains($0.text) })
        #expect(warm.answers.count > 100)
        // One epoch is little for a fresh network.
        for (path, fresh) in zip(warm.curves, cold.curves) {
            let loss = try #require(path.points.first?.loss)
            #expect(loss < 0.8 * (try #require(fresh.points.first?.loss)), "\(path.path)")
        }
        let found = warm.answers.filter { $0.truth == "new label" }
        #expect(found.count { $0.label == $0.truth } * 10 >= found.count * 4)
    }

    @Test("goes on at half the default learning rate, or at exactly the one that is given")
    func learningRate() throws {
        let parent = try Self.result(Self.old, epochs: 1, recipe: .linear)
        func weights(_ rate: Double?) throws -> [String: Tensor] {
            var options = TrainingOptions(recipe: .linear)
            (options.epochs, options.threads) = (1, 2)
            if let rate { options.learningRate = rate }
            var plan = TrainingPlan(model: "topics", examples: Self.rows, options: options)
            plan.warmStart = .from(
                WarmStart(version: 1, checkpoint: parent.checkpoint, learnt: [])
            )
            let result = try plan.run()
            #expect(result.warmStart == .from(version: 1))
            return result.checkpoint.tensors
        }
        let usual = try weights(nil)
        let areHalved = try weights(0.0015) == usual
        let areEqual = try weights(0.003) == usual
        #expect(areHalved && !areEqual)
    }

    @Test("starts anew, and says so, where held-out figures could not be trusted")
    func cold() throws {
        let parent = try Self.result(Self.old, epochs: 1, recipe: .linear)
        func started(_ examples: [Example], learnt: [Example]?) throws -> TrainingResult {
            try Self.result(
                examples,
                from: WarmStart(version: 2, checkpoint: parent.checkpoint, learnt: learnt),
                epochs: 1,
                recipe: .linear
            )
        }
        let plain = try Self.result(Self.rows, epochs: 1, recipe: .linear)
        for (learnt, reason) in [(nil, "not known"), (Self.rows, "learnt most of the rows")]
            as [([Example]?, String)]
        {
            let result = try started(Self.rows, learnt: learnt)
            #expect(result.warmStart?.description.contains(reason) == true)
            #expect(result.checkpoint == plain.checkpoint)
        }
        let few = try started(Array(Self.rows.prefix(100)), learnt: [])
        #expect(
            few.warmStart?.description.hasPrefix("not from version 2: with so few rows a label")
                == true
        )
    }
}
