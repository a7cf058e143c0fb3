public import Model

/// Scored rows: how sure the model was of each answer, and whether it was right.
public struct Confidence: Sendable, Equatable {
    /// The probability of the answer, row by row.
    public var scores: [Float] = []
    /// Whether the answer was the row's label.
    public var isRight: [Bool] = []
    /// How sure the model was that the row has one of its labels at all; see
    /// `TextClassifier.certainty`.
    public var certainties: [Float] = []

    /// Creates an empty list.
    public init() {}

    /// Adds a row; without another certainty its score is that too.
    public mutating func append(score: Float, isRight right: Bool, certainty: Float? = nil) {
        scores.append(score)
        isRight.append(right)
        certainties.append(certainty ?? score)
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

    /// The error that a threshold may have: in one of so many reports it promises too much.
    private static let doubt = 0.05

    /// The least threshold above which answers are right as often as `accuracy` asks, beyond doubt.
    ///
    /// Rows are taken from the surest down, in steps of a twentieth, as long as the share of right
    /// ones would be seen in at most 5 % of such samples if the answers were right less often (the
    /// limit of Clopper and Pearson 1934; testing in a fixed order keeps the 5 % for the whole).
    /// The first step has so many rows that two wrong ones are forgiven, or one or none where rows
    /// are few.
    ///
    /// - Parameter accuracy: above 0 and below 1.
    /// - Returns: The threshold and the share of rows at or above it; nil if too few rows, or too
    ///   few right ones, leave it in doubt.
    public func threshold(for accuracy: Double) -> (threshold: Float, coverage: Double)? {
        let order = scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
        guard var step = Confidence.firstStep(for: accuracy, rows: order.count) else { return nil }
        var (right, taken) = (0, 0)
        var best: (threshold: Float, coverage: Double)?
        while taken < order.count {
            // Rows with the same score are accepted together.
            while taken < order.count
                && (taken < step || scores[order[taken]] == scores[order[taken - 1]])
            {
                right += isRight[order[taken]] ? 1 : 0
                taken += 1
            }
            let tail = binomialTail(successes: right, trials: taken, chance: accuracy)
            guard tail <= Confidence.doubt else { break }
            best = (scores[order[taken - 1]], Double(taken) / Double(order.count))
            step = min(taken + max(taken / 20, 1), order.count)
        }
        return best
    }

    /// The least number of rows that can prove an accuracy with two wrong ones among them, with
    /// one, or with none; nil if there are fewer rows than that.
    private static func firstStep(for accuracy: Double, rows: Int) -> Int? {
        for wrong in [2, 1, 0] where rows > wrong {
            // The tail falls with every further right row.
            var (low, high) = (wrong + 1, rows + 1)
            while low < high {
                let middle = (low + high) / 2
                let tail = binomialTail(
                    successes: middle - wrong,
                    trials: middle,
                    chance: accuracy
                )
                if tail <= doubt { high = middle } else { low = middle + 1 }
            }
            if low <= rows { return low }
        }
        return nil
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

    /// The thresholds for the accuracies that a version's card tells: 90, 95 and 99 %; without
    /// those that no threshold proves.
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
