/// Rows that a model learns from, and held-out rows, which it answers.
package struct RowSplit: Sendable, Equatable {
    /// The numbers of the rows to learn from.
    package var training: [Int]
    /// The numbers of the rows to answer.
    package var heldOut: [Int]

    /// Parts rows.
    package init(training: [Int], heldOut: [Int]) {
        self.training = training
        self.heldOut = heldOut
    }
}
