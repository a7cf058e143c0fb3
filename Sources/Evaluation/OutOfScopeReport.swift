public import JSON

/// How well a model's certainty tells rows that it should know from rows that it cannot.
public struct OutOfScopeReport: Sendable, Equatable {
    /// The chance that a row in scope has more certainty than one out of scope; ties count half.
    public let auroc: Double
    /// The bounds of its 95 % confidence interval.
    public let aurocBounds: ClosedRange<Double>
    /// The highest certainty at which 95 % of the rows in scope, at least, are accepted.
    public let threshold: Float
    /// The share of rows out of scope that have that certainty or a higher one; less is better.
    public let acceptedAt95: Double
    /// The number of rows out of scope.
    public let rows: Int
    /// What the threshold does that the model's record proposes; nil if it proposes none.
    public private(set) var proposed: Proposed?

    /// What becomes of rows at a threshold that was chosen on others.
    public struct Proposed: Sendable, Equatable {
        /// The threshold.
        public let threshold: Float
        /// How many rows out of scope have less certainty.
        public let caught: Int
        /// How many rows in scope were answered right.
        public let rightAnswers: Int
        /// How many of these have less certainty.
        public let lost: Int
    }

    /// Compares rows in scope with rows out of scope; nil if either are missing.
    ///
    /// - Parameters:
    ///   - confidence: how sure the model was of rows that do have one of its labels.
    ///   - outOfScope: its certainties of texts that have none of them.
    ///   - proposed: the threshold that its record proposes, if it does.
    public init?(inScope confidence: Confidence, outOfScope: [Float], proposed: Float?) {
        self.init(inScope: confidence.certainties, outOfScope: outOfScope)
        self.proposed = proposed.map { threshold in
            let right = zip(confidence.certainties, confidence.isRight).filter(\.1)
            return Proposed(
                threshold: threshold,
                caught: outOfScope.count { $0 < threshold },
                rightAnswers: right.count,
                lost: right.count { $0.0 < threshold }
            )
        }
    }

    /// Compares the certainties of both kinds of rows; nil if either is empty.
    ///
    /// AUROC is the Mann-Whitney statistic by mean ranks, divided by the number of pairs; its
    /// interval is that of DeLong et al. (1988).
    ///
    /// - Complexity: O(n log n) for n rows in all.
    public init?(inScope: [Float], outOfScope: [Float]) {
        guard !inScope.isEmpty, !outOfScope.isEmpty else { return nil }
        // For each row the share of the other kind that it beats.
        let (above, below) = OutOfScopeReport.placements(inScope, outOfScope)
        let mean = above.reduce(0, +) / Double(above.count)
        let variance =
            OutOfScopeReport.variance(above, mean) / Double(above.count)
            + OutOfScopeReport.variance(below, mean) / Double(below.count)
        let deviation = 1.959964 * variance.squareRoot()
        auroc = rounded(mean)
        aurocBounds = rounded(max(mean - deviation, 0))...rounded(min(mean + deviation, 1))
        // One row in twenty may be lost, rounded down.
        threshold = inScope.sorted()[inScope.count / 20]
        rows = outOfScope.count
        let limit = threshold
        acceptedAt95 = rounded(
            Double(outOfScope.count { $0 >= limit }) / Double(outOfScope.count)
        )
    }

    /// For each row in scope the share of the others that score lower, and for each of the others
    /// the share of rows in scope that score higher; ties count half.
    private static func placements(
        _ inScope: [Float],
        _ outOfScope: [Float]
    ) -> (above: [Double], below: [Double]) {
        let all = (inScope.map { ($0, true) } + outOfScope.map { ($0, false) })
            .sorted { $0.0 < $1.0 }
        var above: [Double] = []
        var below: [Double] = []
        var (insideBefore, outsideBefore, start) = (0, 0, 0)
        while start < all.count {
            var end = start
            while end < all.count && all[end].0 == all[start].0 { end += 1 }
            let inside = all[start..<end].count { $0.1 }
            let outside = end - start - inside
            let share = (Double(outsideBefore) + Double(outside) / 2) / Double(outOfScope.count)
            let rest = inScope.count - insideBefore - inside
            let other = (Double(rest) + Double(inside) / 2) / Double(inScope.count)
            above.append(contentsOf: repeatElement(share, count: inside))
            below.append(contentsOf: repeatElement(other, count: outside))
            (insideBefore, outsideBefore) = (insideBefore + inside, outsideBefore + outside)
            start = end
        }
        return (above, below)
    }

    /// The variance of a sample; 0 of a single value.
    private static func variance(_ values: [Double], _ mean: Double) -> Double {
        guard values.count > 1 else { return 0 }
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }

    /// Writes an object: `rows`, `auroc`, `auroc_low` and `auroc_high` (95 % interval),
    /// `threshold`, `accepted_at_95`; where the model proposes a threshold also
    /// `proposed_threshold`, `caught`, `right_answers` and `lost`.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("rows", int: rows)
        writer.member("auroc", double: auroc)
        writer.member("auroc_low", double: aurocBounds.lowerBound)
        writer.member("auroc_high", double: aurocBounds.upperBound)
        writer.member("threshold", float: threshold)
        writer.member("accepted_at_95", double: acceptedAt95)
        if let proposed {
            writer.member("proposed_threshold", float: proposed.threshold)
            writer.member("caught", int: proposed.caught)
            writer.member("right_answers", int: proposed.rightAnswers)
            writer.member("lost", int: proposed.lost)
        }
        writer.endObject()
    }
}
