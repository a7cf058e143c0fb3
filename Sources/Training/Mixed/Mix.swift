internal import Model

/// Labelled logits of held-out texts, (texts × classes), and what is fitted on them.
package struct HeldOutLogits {
    package let classCount: Int
    package let labels: [Int]

    package init(classCount: Int, labels: [Int]) {
        self.classCount = classCount
        self.labels = labels
    }

    /// The mean cross-entropy in nats of `softmax(a·first + b·second)`.
    func crossEntropy(_ first: [Float], _ a: Float, _ second: [Float], _ b: Float) -> Double {
        var row = [Float](repeating: 0, count: classCount)
        var total = 0.0
        for (text, label) in labels.enumerated() {
            let base = text * classCount
            for index in 0..<classCount {
                row[index] = a * first[base + index] + b * second[base + index]
            }
            total += Double(
                Float.softmaxCrossEntropy(&row, classes: classCount, label: label)
            )
        }
        return total / Double(max(labels.count, 1))
    }

    /// The rows of `softmax(a·first + b·second)`; a path that is nil counts as 0.
    func probabilities(_ first: [Float]?, _ a: Float, _ second: [Float]?, _ b: Float) -> [Float] {
        let (first, second) = (first ?? zeros, second ?? zeros)
        var all: [Float] = []
        all.reserveCapacity(first.count)
        for text in labels.indices {
            let range = (text * classCount)..<((text + 1) * classCount)
            all += softmax(zip(first[range], second[range]).map { a * $0 + b * $1 })
        }
        return all
    }

    /// The least cross-entropy over temperatures 0.35·1.45^i below 6: a measure for early stopping
    /// that does not punish confidence which calibration will take back.
    func temperedCrossEntropy(_ logits: [Float]) -> Double {
        var best = Double.infinity
        var temperature: Float = 0.35
        while temperature < 6 {
            best = min(best, crossEntropy(logits, 1 / temperature, logits, 0))
            temperature *= 1.45
        }
        return best
    }

    /// The weights of two paths with the least cross-entropy, each 0 or one of 20 geometric values
    /// in [0.05, 3]; that of a path that is nil is 0.
    ///
    /// Without rows to fit them on, the paths that are there get equal shares of 1.
    ///
    /// - Returns: nil if no mix has a cross-entropy that is a number.
    package func bestMix(
        recurrent: [Float]?,
        linear: [Float]?
    ) -> (recurrent: Float, linear: Float)? {
        if labels.isEmpty {
            let share: Float = recurrent != nil && linear != nil ? 0.5 : 1
            return (recurrent == nil ? 0 : share, linear == nil ? 0 : share)
        }
        let ratio = (3 / 0.05 as Double).naturalLogarithm / 19
        let grid = [0] + (0..<20).map { Float(0.05 * (ratio * Double($0)).exponential) }
        let (first, second) = (recurrent ?? zeros, linear ?? zeros)
        var best: (loss: Double, mix: (recurrent: Float, linear: Float))?
        for a in recurrent == nil ? [0] : grid {
            for b in linear == nil ? [0] : grid where a > 0 || b > 0 {
                let loss = crossEntropy(first, a, second, b)
                if loss < best?.loss ?? .infinity { best = (loss, (a, b)) }
            }
        }
        return best?.mix
    }

    private var zeros: [Float] { [Float](repeating: 0, count: labels.count * classCount) }
}
