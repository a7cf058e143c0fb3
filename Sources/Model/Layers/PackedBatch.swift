/// The order in which texts of different lengths walk through a recurrent layer together.
///
/// Texts stand longest first, so that the texts still alive at a step are a prefix. Row
/// `stepOffsets[s] + i` belongs to step `s` of text `i`; the rows of a step are adjacent.
package struct PackedBatch {
    /// Tokens of each text, at least 1, descending.
    private(set) package var lengths: [Int] = []
    /// The first row of each step, and behind the last step the number of rows.
    private(set) package var stepOffsets: [Int] = [0]

    package init() {}

    /// Lays out texts with these lengths.
    ///
    /// - Precondition: `lengths` is descending and each is at least 1.
    package mutating func layOut(lengths: some Sequence<Int>) {
        self.lengths.removeAll(keepingCapacity: true)
        self.lengths.append(contentsOf: lengths)
        stepOffsets.removeAll(keepingCapacity: true)
        stepOffsets.append(0)
        var alive = self.lengths.count
        for step in 0..<(self.lengths.first ?? 0) {
            while self.lengths[alive - 1] <= step { alive -= 1 }
            stepOffsets.append(stepOffsets[step] + alive)
        }
    }

    package var textCount: Int { lengths.count }
    package var stepCount: Int { stepOffsets.count - 1 }
    package var rowCount: Int { stepOffsets[stepOffsets.count - 1] }

    /// How many texts are alive at `step`.
    package func alive(at step: Int) -> Int { stepOffsets[step + 1] - stepOffsets[step] }

    /// The row of `text` at `step`.
    package func row(text: Int, step: Int) -> Int { stepOffsets[step] + text }
}
