/// The probabilities of the labels before anything of a text is known.
struct Prior: Sendable {
    private let shares: [Float]

    /// Takes the share of each label in the rows of training; without them all are equally likely.
    init(labelRows: [Int]?, labelCount: Int) {
        let rows = labelRows ?? Array(repeating: 1, count: labelCount)
        let total = Double(rows.reduce(0, +))
        shares = rows.map { Float(Double($0) / total) }
    }

    func write(to probabilities: UnsafeMutableBufferPointer<Float>) {
        _ = probabilities.update(fromContentsOf: shares)
    }
}
