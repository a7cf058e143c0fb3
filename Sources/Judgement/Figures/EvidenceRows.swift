package import Model

/// Rows that are kept apart from what answers them, before they are answered.
package struct EvidenceRows: Sendable {
    /// How the rows are kept apart.
    package let kind: Evidence.Kind
    /// The numbers of the rows, in the order of the answers.
    package let rows: [Int]
    /// The target of each row: the index of its label, or of its set of labels.
    package let labels: [Int]
    /// The number of labels.
    package let classCount: Int
    /// The head of what answers; of several labels it knows the sets that are targets.
    package let head: Head
    /// Which rows the answering networks learn, and which they answer.
    package let splits: [RowSplit]
    /// Which answers choose for which.
    package let crossFitting: CrossFitting

    /// Describes rows that are answered in the order of `splits`.
    ///
    /// - Parameters:
    ///   - kind: how the rows are kept apart.
    ///   - splits: which rows are learnt, and which answered.
    ///   - crossFitting: which answers choose for which; without it, each split is a part.
    ///   - labels: the target of every row of the data set, in its order.
    ///   - classCount: the number of labels.
    ///   - head: the head of what answers.
    package init(
        kind: Evidence.Kind,
        splits: [RowSplit],
        crossFitting: CrossFitting? = nil,
        labels: [Int],
        classCount: Int,
        head: Head = .softmax
    ) {
        self.head = head
        self.kind = kind
        self.splits = splits
        rows = splits.flatMap(\.heldOut)
        self.labels = rows.map { labels[$0] }
        self.classCount = classCount
        self.crossFitting = crossFitting ?? CrossFitting(splits)
        precondition(self.crossFitting.parts.count == rows.count, "Every row is in a part")
    }
}
