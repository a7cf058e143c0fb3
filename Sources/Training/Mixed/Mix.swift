internal import Model

/// Labelled logits of held-out texts, (texts × classes), and what is fitted on them.
struct HeldOutLogits {
    let classCount: Int
    let labels: [Int]

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

    /// The rows of `softmax(a·first + b·second)`.
    func probabilities(_ first: [Float], _ a: Float, _ second: [Float], _ b: Float) -> [Float] {
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
    /// in [0.05, 3].
    func bestMix(recurrent: [Float], linear: [Float]) -> (recurrent: Float, linear: Float) {
        let ratio = (3 / 0.05 as Double).naturalLogarithm / 19
        let grid = [0] + (0..<20).map { Float(0.05 * (ratio * Double($0)).exponential) }
        var best = (loss: Double.infinity, mix: (recurrent: Float(0), linear: Float(1)))
        for a in grid {
            for b in grid where a > 0 || b > 0 {
                let loss = crossEntropy(recurrent, a, linear, b)
                if loss < best.loss { best = (loss, (a, b)) }
            }
        }
        return best.mix
    }
}
