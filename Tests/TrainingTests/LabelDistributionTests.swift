import Evaluation
import Examples
import Foundation
import Model
import Optimization
import Testing
import Training

/// Rows of any number of labels can be learnt from and scored, however the labels share them.
@Suite struct LabelDistributionTests {
    /// Rows and labels at most, and how uneven: 0 gives each label the same chance.
    struct Shape: CustomTestStringConvertible {
        let rows: Int
        let labels: Int
        let tail: Double
        /// Whether training takes seconds without optimization; then it is stopped once it has
        /// begun.
        ///
        /// `PartitionTests` counts the evidence of shapes of all sizes.
        var isLarge: Bool { rows * labels > 20_000 }
        var testDescription: String { "\(rows) rows, \(labels) labels, tail \(tail)" }
    }

    /// Shapes that once failed or that bound the others, and shapes drawn from a seed.
    static let shapes: [Shape] = {
        var generator = SplitMix64(seed: 20)
        let drawn = (0..<12).map { _ in
            // Small numbers are as frequent as large ones.
            let rows = 2 * pow(2500, Double.random(in: 0...1, using: &generator))
            let labels = pow(1000, Double.random(in: 0...1, using: &generator))
            return Shape(
                rows: Int(rows),
                labels: Int(labels),
                tail: Double.random(in: 0...3, using: &generator)
            )
        }
        return [
            Shape(rows: 2, labels: 1, tail: 0), Shape(rows: 2, labels: 2, tail: 0),
            Shape(rows: 40, labels: 40, tail: 0), Shape(rows: 1000, labels: 10, tail: 0),
            Shape(rows: 1000, labels: 1000, tail: 0), Shape(rows: 2000, labels: 500, tail: 0),
            Shape(rows: 2001, labels: 500, tail: 0), Shape(rows: 5000, labels: 1000, tail: 3),
            Shape(rows: 5000, labels: 2, tail: 3),
        ] + drawn
    }()

    @Test("training is never short of held-out rows, and scores 100 of 1,000", arguments: shapes)
    func trains(shape: Shape) throws {
        var generator = SplitMix64(seed: UInt64(shape.rows * 1009 + shape.labels))
        let examples = (0..<shape.rows).map { row in
            let draw = pow(Double.random(in: 0..<1, using: &generator), 1 + shape.tail)
            // The first rows go round, so that small sets have the labels that their shape says.
            let label = row < shape.labels ? row : Int(draw * Double(shape.labels))
            return Example(label: "l\(label)", text: "w\(label) n\(row)")
        }
        let labels = Set(examples.map(\.label))
        var options = TrainingOptions(recipe: .linear)
        options.epochs = 1
        let plan = TrainingPlan(model: "m", examples: examples, options: options)
        guard labels.count > 1 else {
            #expect(throws: TrainingError.oneLabel("l0")) { _ = try plan.run() }
            return
        }
        guard let result = try outcome(plan, mayStop: shape.isLarge) else { return }
        let heldOut = try #require(result.validation).rows
        #expect(heldOut == result.heldOut?.rows)
        #expect((1...shape.rows).contains(heldOut))
        if shape.rows >= 1000 { #expect(heldOut >= 100) }
    }
    /// What a run gives; nil if it had begun when it was stopped.
    ///
    /// Rows that are short are another error, before the first step.
    private func outcome(_ plan: TrainingPlan, mayStop: Bool) throws -> TrainingResult? {
        do {
            return try plan.run { _ in mayStop ? .stop : .proceed }
        } catch {
            guard mayStop, case .stopped = error else { throw error }
            return nil
        }
    }
}
