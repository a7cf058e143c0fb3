internal import Model

/// A path of a mixed network, by the name that a record tells.
enum NetworkPath: Int, CaseIterable {
    case recurrent, linear

    /// The name in a record and in a report.
    var name: String { "\(self)" }
    /// What its training is for the forecast.
    var work: RunForecast.Work {
        switch self {
        case .recurrent: .recurrent
        case .linear: .linear
        }
    }
}

extension Array {
    /// What stands for a path among things of both, in the order of `NetworkPath.allCases`.
    subscript(_ path: NetworkPath) -> Element { self[path.rawValue] }
}

/// One of the two paths of a mixed network while it is trained: a pass over the data, a reading of
/// logits, a copy of the weights.
protocol PathTrainer: AnyObject {
    /// Trains one epoch over all texts in an order drawn from the seed and the epoch's number.
    ///
    /// - Returns: What the texts scored, each before the step on it.
    ///
    /// - Throws: whatever `check` throws, which is called before each batch with its share of the
    ///   epoch.
    func trainEpoch(_ epoch: Int, check: (_ share: Double) throws -> Void) throws -> EpochScore

    /// The logits of `texts` under the averaged weights, (texts × classes).
    func logits(_ texts: EncodedTexts) -> [Float]

    /// The averaged weights, flat.
    func averagedParameters() -> [Float]
}

/// What the texts of an epoch scored, each before the step on it.
struct EpochScore {
    /// The sum, then the mean, of the cross-entropies in nats.
    var loss = 0.0
    /// The number, then the share, of texts whose label, or exact set of labels, was found.
    var accuracy = 0.0

    /// Counts a text with these probabilities.
    mutating func add(
        loss: Float,
        _ probabilities: UnsafePointer<Float>,
        classes: Int,
        label: Int,
        head: Head
    ) {
        self.loss += Double(loss)
        if case .sigmoid(let sets) = head {
            var left = sets[label]
            for other in 0..<classes {
                let isTrue = left.first == Int32(other)
                if isTrue { left.removeFirst() }
                if (probabilities[other] >= 0.5) != isTrue { return }
            }
            accuracy += 1
            return
        }
        for other in 0..<classes where probabilities[other] > probabilities[label] { return }
        accuracy += 1
    }

    static func += (left: inout EpochScore, right: EpochScore) {
        left.loss += right.loss
        left.accuracy += right.accuracy
    }

    static func / (sum: EpochScore, count: Int) -> EpochScore {
        EpochScore(loss: sum.loss / Double(count), accuracy: sum.accuracy / Double(count))
    }
}

/// How long a path is trained and how its learning rate falls.
struct Schedule {
    var batchSize: Int
    /// The learning rate falls on a line to 10 % at the end of this epoch.
    var epochs: Int
    /// The recurrent path's rate at the start.
    var learningRate: Double

    /// The rate of a step, counted from 1; a path may have a multiple of it.
    func rate(step: Int, textCount: Int) -> Double {
        let steps = (textCount + batchSize - 1) / batchSize * epochs
        return learningRate * (1 - 0.9 * min(1, Double(step) / Double(steps)))
    }
}
