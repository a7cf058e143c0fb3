package import Model

/// Rows that a model learns from, and other rows that it is scored on.
package struct RowSplit: Sendable, Equatable {
    package var training: [Int]
    package var scored: [Int]

    package init(training: [Int], scored: [Int]) {
        self.training = training
        self.scored = scored
    }
}

/// Several splits of the same rows, each row scored at most once.
package struct CrossValidation: Sendable, Equatable {
    package let splits: [RowSplit]

    /// Cuts `rows` into `folds` parts with about the same share of every label.
    ///
    /// Equal texts stay together, so that no row is scored by a model that has learnt it by heart. A
    /// text with a label that no row outside its part has is never scored: nobody could know that
    /// label, so the answer would say nothing. All models learn from it instead.
    ///
    /// - Parameters:
    ///   - texts: all texts.
    ///   - labels: the label of each text.
    ///   - rows: the numbers of the texts to cut up.
    ///   - folds: the number of parts.
    ///   - seed: where the random numbers start.
    package init(texts: TokenizedTexts, labels: [Int], rows: [Int], folds: Int, seed: UInt64) {
        let groups = CrossValidation.shuffledGroups(texts, rows: rows, seed: seed)
        let byLabel = groups.enumerated()
            .sorted { (labels[$0.element[0]], $0.offset) < (labels[$1.element[0]], $1.offset) }
            .map(\.element)
        var parts = [[[Int]]](repeating: [], count: folds)
        for (index, group) in byLabel.enumerated() { parts[index % folds].append(group) }
        let partLabels = parts.map { Set($0.joined().map { labels[$0] }) }
        splits = parts.indices.map { index in
            let others = parts.indices.filter { $0 != index }
            let known = others.reduce(into: Set<Int>()) { $0.formUnion(partLabels[$1]) }
            let scored = parts[index].filter { $0.allSatisfy { known.contains(labels[$0]) } }
            let kept = parts[index].filter { !$0.allSatisfy { known.contains(labels[$0]) } }
            return RowSplit(
                training: others.flatMap { parts[$0].joined() } + kept.joined(),
                scored: Array(scored.joined())
            )
        }
    }

    /// The rows in random order, each followed by the later ones with the same text.
    private static func shuffledGroups(
        _ texts: TokenizedTexts,
        rows: [Int],
        seed: UInt64
    ) -> [[Int]] {
        var groups: [[Int]] = []
        var groupOfText: [ArraySlice<Int32>: Int] = [:]
        for index in shuffledOrder(count: rows.count, seed: seed, epoch: 0) {
            let row = rows[index]
            if let group = groupOfText[texts[row]] {
                groups[group].append(row)
            } else {
                groupOfText[texts[row]] = groups.count
                groups.append([row])
            }
        }
        return groups
    }
}
