public import Model

/// How well a model's confidence tells rows that it should know from rows that it cannot.
public struct OutOfScopeReport: Sendable, Equatable {
    /// The probability that a row in scope scores above one out of scope; ties count half.
    public let auroc: Double
    /// The highest score at which 95 % of the rows in scope, at least, are accepted.
    public let threshold: Float
    /// The share of rows out of scope that have that score or a higher one; less is better.
    public let acceptedAt95: Double
    /// The number of rows out of scope.
    public let rows: Int

    /// Classifies texts that belong to none of the labels; nil if either kind of rows is empty.
    ///
    /// - Parameters:
    ///   - classifier: the model.
    ///   - inScope: how sure the model was of rows that do have one of its labels.
    ///   - texts: texts out of scope.
    public init?(_ classifier: TextClassifier, inScope: Confidence, texts: [String]) {
        let scratch = classifier.makeScratch()
        let scores = texts.map { text in
            var text = text
            return text.withUTF8 { classifier.classify(utf8: $0, scratch: scratch).score }
        }
        self.init(inScope: inScope.scores, outOfScope: scores)
    }

    /// Compares the scores of both kinds of rows; nil if either is empty.
    ///
    /// AUROC is the Mann-Whitney statistic by mean ranks, divided by the number of pairs.
    ///
    /// - Complexity: O(n log n) for n rows in all.
    public init?(inScope: [Float], outOfScope: [Float]) {
        guard !inScope.isEmpty, !outOfScope.isEmpty else { return nil }
        let all = (inScope.map { ($0, true) } + outOfScope.map { ($0, false) })
            .sorted { $0.0 < $1.0 }
        var rankSum = 0.0
        var start = 0
        while start < all.count {
            var end = start
            while end < all.count && all[end].0 == all[start].0 { end += 1 }
            let rank = Double(start + end + 1) / 2
            rankSum += rank * Double(all[start..<end].count { $0.1 })
            start = end
        }
        let (inside, outside) = (Double(inScope.count), Double(outOfScope.count))
        auroc = rounded((rankSum - inside * (inside + 1) / 2) / (inside * outside))
        // One row in twenty may be lost, rounded down.
        threshold = inScope.sorted()[inScope.count / 20]
        rows = outOfScope.count
        let limit = threshold
        acceptedAt95 = rounded(Double(outOfScope.count { $0 >= limit }) / outside)
    }
}
