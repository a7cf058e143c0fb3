/// The probabilities of the labels before anything of a text is known.
struct Prior: Sendable {
    private let shares: [Float]

    /// Takes the share of each label in the rows of training; without them all are equally likely.
    ///
    /// - Parameters:
    ///   - labelRows: how many rows each label has.
    ///   - labelCount: the number of labels.
    ///   - count: how many rows there are, where one may count for several labels or none.
    init(labelRows: [Int]?, labelCount: Int, rows count: Int? = nil) {
        let rows = labelRows ?? Array(repeating: 1, count: labelCount)
        let total = Double(count.map { max($0, rows.max() ?? 1) } ?? rows.reduce(0, +))
        shares = rows.map { Float(Double($0) / total) }
    }

    func write(to probabilities: UnsafeMutableBufferPointer<Float>) {
        _ = probabilities.update(fromContentsOf: shares)
    }
}
