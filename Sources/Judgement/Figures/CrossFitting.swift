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
            parts: splits.enumerated().flatMap { part, split in split.heldOut.map { _ in part } }
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
            for row in split.heldOut { partOfRow[row] = part }
        }
        self.init(parts: rows.map { partOfRow[$0] ?? 0 })
    }

    /// The rows that are not in `part`, ascending.
    package func rows(without part: Int) -> [Int] { parts.indices.filter { parts[$0] != part } }

    /// The answers to all rows, each part answered by what the other parts choose.
    ///
    /// - Parameters:
    ///   - classCount: the number of labels.
    ///   - answer: chooses by the voters, and gives the probabilities of the members, (members ×
    ///     classes).
    /// - Returns: The probabilities of all rows, (rows × classes).
    /// - Throws: What `answer` throws.
    package func answers(
        classCount: Int,
        _ answer: (_ part: Int, _ voters: [Int], _ members: [Int]) throws -> [Float]
    ) rethrows -> [Float] {
        var all = [Float](repeating: 0, count: parts.count * classCount)
        for part in 0..<count {
            let members = rows(of: part)
            let answers = try answer(part, rows(without: part), members)
            precondition(answers.count == members.count * classCount, "A row of each member")
            for (place, row) in members.enumerated() {
                all.replaceSubrange(
                    (row * classCount)..<((row + 1) * classCount),
                    with: answers[(place * classCount)..<((place + 1) * classCount)]
                )
            }
        }
        return all
    }

    /// The rows of `part`, ascending.
    package func rows(of part: Int) -> [Int] { parts.indices.filter { parts[$0] == part } }
}
