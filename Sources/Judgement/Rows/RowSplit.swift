/// Rows that a model learns from, and other rows that it answers.
package struct RowSplit: Sendable, Equatable {
    /// The numbers of the rows to learn from.
    package var training: [Int]
    /// The numbers of the rows to answer.
    package var scored: [Int]

    /// Parts rows.
    package init(training: [Int], scored: [Int]) {
        self.training = training
        self.scored = scored
    }
}
