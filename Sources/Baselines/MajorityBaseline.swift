internal import Model

/// Always answers the most frequent label of its rows, with the labels' shares as probabilities.
struct MajorityBaseline: Baseline {
    static let name = "majority"

    private let shares: [Float]

    init(_ texts: TokenizedTexts, labels: [Int], rows: [Int], classCount: Int) {
        var counts = [Int](repeating: 0, count: classCount)
        for row in rows { counts[labels[row]] += 1 }
        shares = counts.map { Float($0) / Float(rows.count) }
    }

    var parameterCount: Int { shares.count }

    func probabilities(_ tokens: ArraySlice<Int32>) -> [Float] { shares }
}
