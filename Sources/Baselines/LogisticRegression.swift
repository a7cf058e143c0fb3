internal import Model
internal import Optimization

/// Multinomial logistic regression on counts of words.
struct LogisticRegression {
    let counts: WordCounts
    /// The label of each text.
    let labels: [Int]
    let classCount: Int
    /// λ.
    let penalty: Float

    /// The length of the mean gradient at which the minimum is found, and moves at most: as in
    /// scikit-learn.
    private static let tolerance = 1e-4
    private static let allowedIterations = 15...100
    /// Words looked at in all, about: rows that are so many need fewer moves.
    private static let visits = 60_000_000

    /// The weights that minimise the objective, ((words + 1) × classes); the last row is the bias.
    func weights() -> [Float] {
        let allowed = LogisticRegression.allowedIterations
        let iterations = LogisticRegression.visits / counts.words.count
        return LimitedMemoryBFGS.minimum(
            count: (counts.wordCount + 1) * classCount,
            iterations: min(max(iterations, allowed.lowerBound), allowed.upperBound),
            tolerance: LogisticRegression.tolerance * Double(labels.count),
            objective
        )
    }

    /// The sum of the cross-entropies and the penalty, in nats.
    private func objective(
        _ weights: UnsafePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>
    ) -> Double {
        // The bias is not punished.
        let punished = counts.wordCount * classCount
        gradient.update(repeating: 0, count: punished + classCount)
        Float.addScaled(count: punished, gradient, weights, scale: penalty)
        var loss = 0.5 * Double(penalty) * Float.dot(count: punished, weights, weights)
        counts.words.withUnsafeBufferPointer { words in
            counts.counts.withUnsafeBufferPointer { numbers in
                guard let words = words.baseAddress, let numbers = numbers.baseAddress else {
                    return
                }
                loss += addRows(words, numbers, weights, gradient)
            }
        }
        return loss
    }

    /// Adds the gradient of each row, and returns the sum of their cross-entropies.
    private func addRows(
        _ words: UnsafePointer<Int32>,
        _ numbers: UnsafePointer<Float>,
        _ weights: UnsafePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>
    ) -> Double {
        var loss = 0.0
        let logits = ScalarBuffer<Float>(count: classCount)
        for (text, label) in labels.enumerated() {
            let range = counts.range(of: text)
            let row = logits.zeros(classCount)
            Float.gather(
                row,
                table: weights,
                ids: words + range.lowerBound,
                values: numbers + range.lowerBound,
                step: 1,
                count: range.count,
                columns: classCount
            )
            loss += Double(Head.softmax.loss(row, classes: classCount, label: label))
            Head.softmax.differentiate(row, label: label)
            Float.scatter(
                gradient,
                ids: words + range.lowerBound,
                values: numbers + range.lowerBound,
                scale: 1,
                count: range.count,
                row,
                columns: classCount
            )
        }
        return loss
    }
}
