public import Model

/// Scored rows: how sure the model was of each answer, and whether it was right.
public struct Confidence: Sendable, Equatable {
    /// The probability of the answer, row by row.
    public var scores: [Float] = []
    /// Whether the answer was the row's label.
    public var isRight: [Bool] = []

    /// Creates an empty list.
    public init() {}

    /// Adds a row.
    public mutating func append(score: Float, isRight right: Bool) {
        scores.append(score)
        isRight.append(right)
    }

    /// The expected calibration error, from 0 to 1.
    ///
    /// The mean gap between confidence and accuracy over 15 bins of equal width, weighted by rows
    /// (Guo et al. 2017, "On Calibration of Modern Neural Networks").
    ///
    /// Rounded to six digits; 0 without rows.
    public var expectedCalibrationError: Double {
        let bins = 15
        var confidence = [Double](repeating: 0, count: bins)
        var right = [Double](repeating: 0, count: bins)
        for (score, isRight) in zip(scores, isRight) {
            let bin = min(Int(score * Float(bins)), bins - 1)
            confidence[bin] += Double(score)
            right[bin] += isRight ? 1 : 0
        }
        let gap = zip(confidence, right).reduce(0) { $0 + abs($1.0 - $1.1) }
        return rounded(gap / Double(max(scores.count, 1)))
    }

    /// The least threshold at which the accepted rows are right as often as `accuracy` asks.
    ///
    /// - Returns: The threshold and the share of rows at or above it; nil if even the surest rows
    ///   are not right often enough.
    public func threshold(for accuracy: Double) -> (threshold: Float, coverage: Double)? {
        let order = scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
        var right = 0
        var best: (threshold: Float, coverage: Double)?
        for (rank, row) in order.enumerated() {
            right += isRight[row] ? 1 : 0
            // Rows with the same score are accepted together.
            let isLastOfScore = rank + 1 == order.count || scores[order[rank + 1]] < scores[row]
            if isLastOfScore && Double(right) >= accuracy * Double(rank + 1) {
                best = (scores[row], Double(rank + 1) / Double(order.count))
            }
        }
        return best
    }
}

extension Confidence {
    /// Rows whose scores lie between two bounds.
    public struct Bin: Sendable, Equatable {
        /// The least score.
        public let lowerBound: Double
        /// The score that is too high; 1 belongs to the last bin.
        public let upperBound: Double
        /// The number of rows.
        public let rows: Int
        /// Their mean score, rounded to six digits.
        public let meanScore: Double
        /// The share of them that is right, rounded to six digits.
        public let accuracy: Double
    }

    /// How scores and accuracy go together, in ten bins of equal width; those without rows are left
    /// out.
    public var reliability: [Bin] {
        let count = 10
        let rows = Dictionary(grouping: scores.indices) { row in
            min(Int(scores[row] * Float(count)), count - 1)
        }
        return rows.sorted { $0.key < $1.key }.map { bin, rows in
            let size = Double(rows.count)
            return Bin(
                lowerBound: Double(bin) / Double(count),
                upperBound: Double(bin + 1) / Double(count),
                rows: rows.count,
                meanScore: rounded(rows.reduce(0) { $0 + Double(scores[$1]) } / size),
                accuracy: rounded(Double(rows.count { isRight[$0] }) / size)
            )
        }
    }

    /// The thresholds for the accuracies that a version's card tells: 90, 95 and 99 %; without those
    /// that no threshold reaches.
    public var coverage: [TrainingRecord.Coverage] {
        [0.9, 0.95, 0.99].compactMap { accuracy in
            threshold(for: accuracy).map {
                TrainingRecord.Coverage(
                    accuracy: accuracy,
                    threshold: Double($0.threshold),
                    coverage: rounded($0.coverage)
                )
            }
        }
    }
}
