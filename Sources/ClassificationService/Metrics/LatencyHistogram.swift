/// How long things took.
final class LatencyHistogram: Sendable {
    /// Where one bucket ends and the next begins.
    struct Scale: Sendable {
        /// The inclusive upper bounds in nanoseconds; one more bucket has none.
        let bounds: [Int]
        /// The bounds in seconds, as metrics write them.
        let texts: [String]

        /// - Parameter seconds: the upper bounds, growing.
        init(seconds: [Double]) {
            bounds = seconds.map { Int(($0 * 1e9).rounded()) }
            texts = seconds.map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" }
        }

        /// From 10 µs on, because a classification takes a few.
        static let requests = Scale(
            seconds: [
                0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60,
            ]
        )
    }

    private let scale: Scale
    private let buckets: Counters
    private let sum = Counters(count: 1)

    init(_ scale: Scale = .requests) {
        self.scale = scale
        buckets = Counters(count: scale.bounds.count + 1)
    }

    func record(nanoseconds: Int) {
        var bucket = 0
        while bucket < scale.bounds.count && nanoseconds > scale.bounds[bucket] { bucket += 1 }
        buckets.add(at: bucket)
        sum.add(nanoseconds, at: 0)
    }

    /// Appends bucket, sum and count lines; nothing if nothing was recorded.
    func write(_ name: String, labels: String, to text: inout String) {
        let counts = (0..<buckets.count).map { buckets[$0] }
        let total = counts.reduce(0, +)
        guard total > 0 else { return }
        var cumulative = 0
        for (count, bound) in zip(counts, scale.texts + ["+Inf"]) {
            cumulative += count
            text += "\(name)_bucket{\(labels),le=\"\(bound)\"} \(cumulative)\n"
        }
        text += "\(name)_sum{\(labels)} \(Double(sum[0]) / 1e9)\n"
        text += "\(name)_count{\(labels)} \(total)\n"
    }
}
