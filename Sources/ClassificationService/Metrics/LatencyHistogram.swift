/// How long things took, in buckets that begin at 10 µs: a classification takes a few.
final class LatencyHistogram: Sendable {
    /// The inclusive upper bounds of the buckets in nanoseconds; one more bucket has none.
    static let bounds: [Int] = [
        10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
        10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000,
        2_500_000_000, 5_000_000_000, 10_000_000_000, 60_000_000_000,
    ]
    /// The bounds in seconds, as metrics write them.
    static let boundTexts = [
        "1e-05", "2.5e-05", "5e-05", "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005",
        "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "60",
    ]

    private let buckets = Counters(count: LatencyHistogram.bounds.count + 1)
    private let sum = Counters(count: 1)

    func record(nanoseconds: Int) {
        var bucket = 0
        while bucket < Self.bounds.count && nanoseconds > Self.bounds[bucket] { bucket += 1 }
        buckets.add(at: bucket)
        sum.add(nanoseconds, at: 0)
    }

    /// Appends bucket, sum and count lines; nothing if nothing was recorded.
    func write(_ name: String, labels: String, to text: inout String) {
        let counts = (0..<buckets.count).map { buckets[$0] }
        let total = counts.reduce(0, +)
        guard total > 0 else { return }
        var cumulative = 0
        for (count, bound) in zip(counts, Self.boundTexts + ["+Inf"]) {
            cumulative += count
            text += "\(name)_bucket{\(labels),le=\"\(bound)\"} \(cumulative)\n"
        }
        text += "\(name)_sum{\(labels)} \(Double(sum[0]) / 1e9)\n"
        text += "\(name)_count{\(labels)} \(total)\n"
    }
}
