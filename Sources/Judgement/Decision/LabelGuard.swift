internal import Evaluation

/// Which labels a new version loses, though it may win others.
///
/// A label collapses if it loses at least 3 rows and a tenth of its rows, and more than luck
/// explains: the more labels there are and the more answers differ, the more of them lose three or
/// four rows by chance.
struct LabelGuard {
    /// The share of comparisons between equal versions that may name a label.
    private static let falseAlarms = 0.025
    /// With more rows than this, a tenth of them is never lost by luck.
    private static let mostRowsToCount = 1000

    /// How often a row is lost, and how often won, by versions that are equal.
    private let share: Double
    private let labelCount: Int

    /// Takes the rows of all labels, and how many labels these are.
    init(_ all: PairedAnswers, labelCount: Int) {
        share = Double(all.differing) / Double(2 * max(all.rows, 1))
        self.labelCount = labelCount
    }

    /// Whether the label of these rows collapses.
    func collapses(_ rows: PairedAnswers) -> Bool {
        let loss = rows.incumbentOnly - rows.candidateOnly
        guard Double(loss) >= 3 + Double(rows.rows) / 10 else { return false }
        guard rows.rows <= LabelGuard.mostRowsToCount else { return true }
        return chance(ofLosing: loss, rows: rows.rows)
            <= LabelGuard.falseAlarms / Double(max(labelCount, 1))
    }

    /// The probability that luck alone loses so many rows on balance, or more: the exact sum over
    /// rows that are each lost, won or neither.
    ///
    /// - Complexity: O(rows²).
    func chance(ofLosing loss: Int, rows: Int) -> Double {
        // By balance, the greatest gain first.
        var shares = [1.0]
        for _ in 0..<rows {
            var next = [Double](repeating: 0, count: shares.count + 2)
            for (place, probability) in shares.enumerated() {
                next[place] += probability * share
                next[place + 1] += probability * (1 - 2 * share)
                next[place + 2] += probability * share
            }
            shares = next
        }
        return shares.dropFirst(rows + loss).reduce(0, +)
    }
}
