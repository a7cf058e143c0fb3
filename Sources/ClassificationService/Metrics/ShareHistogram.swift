/// How often shares, such as probabilities, fell into each of twenty equal ranges and on zero.
///
/// Recording is two additions: no lock, no memory, no search.
final class ShareHistogram: Sendable {
    private static let ranges = 20
    /// The inclusive upper bounds, as metrics write them.
    private static let bounds = (0...ranges).map { number in
        let hundredths = number * 100 / ranges
        return switch hundredths {
        case 0, 100: "\(hundredths / 100)"
        case ..<10: "0.0\(hundredths)"
        default: hundredths % 10 == 0 ? "0.\(hundredths / 10)" : "0.\(hundredths)"
        }
    }

    /// One for each bound, and the sum in millionths.
    private let cells = Counters(count: ranges + 2)

    /// - Parameter share: from 0 to 1.
    func record(_ share: Float) {
        let range = Int((share * Float(Self.ranges)).rounded(.up))
        cells.add(at: min(max(range, 0), Self.ranges))
        cells.add(Int(share * 1_000_000), at: Self.ranges + 1)
    }

    /// Appends bucket, sum and count lines; nothing if nothing was recorded.
    func write(_ name: String, labels: String, to text: inout String) {
        let counts = (0...Self.ranges).map { cells[$0] }
        let total = counts.reduce(0, +)
        guard total > 0 else { return }
        var cumulative = 0
        for (count, bound) in zip(counts, Self.bounds) {
            cumulative += count
            text += "\(name)_bucket{\(labels),le=\"\(bound)\"} \(cumulative)\n"
        }
        text += "\(name)_bucket{\(labels),le=\"+Inf\"} \(total)\n"
        text += "\(name)_sum{\(labels)} \(Double(cells[Self.ranges + 1]) / 1e6)\n"
        text += "\(name)_count{\(labels)} \(total)\n"
    }
}
