/// Held-out rows in parts, so that what is chosen by some is measured on others.
///
/// What all rows choose is what is used. What a row's answer is made with was chosen by the other
/// parts alone, so the answer is as good as that to a text that nobody has seen.
package struct CrossFitting: Sendable {
    /// The part of each row, from 0.
    package let parts: [Int]
    /// How many parts there are.
    package let count: Int

    /// Takes rows with the part of each.
    package init(parts: [Int]) {
        self.parts = parts
        count = (parts.max() ?? -1) + 1
    }

    /// Takes rows that splits answer, in their order: each split is a part.
    package init(_ splits: [RowSplit]) {
        self.init(
            parts: splits.enumerated().flatMap { part, split in split.scored.map { _ in part } }
        )
    }

    /// Cuts rows into parts, like texts in one.
    ///
    /// - Parameters:
    ///   - partition: the rows, each once.
    ///   - rows: their numbers, in the order of the answers.
    package init(_ partition: Partition, rows: [Int]) {
        var partOfRow: [Int: Int] = [:]
        for (part, split) in partition.folds(EvidencePlan.folds).enumerated() {
            for row in split.scored { partOfRow[row] = part }
        }
        self.init(parts: rows.map { partOfRow[$0] ?? 0 })
    }

    /// The rows that are not in `part`, ascending.
    package func rows(without part: Int) -> [Int] { parts.indices.filter { parts[$0] != part } }

    /// The rows of `part`, ascending.
    package func rows(of part: Int) -> [Int] { parts.indices.filter { parts[$0] == part } }
}
