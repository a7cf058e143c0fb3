internal import Synchronization

/// Answers by path and status, with their durations.
final class RequestMetrics: Sendable {
    /// What matches no path.
    let elsewhere = PathMetrics("none")
    private let known = Mutex<[PathMetrics]>([])

    /// Shows the answers of paths from now on.
    func show(_ paths: [PathMetrics]) { known.withLock { $0 += paths } }

    func write(to text: inout String) {
        let paths = known.withLock { $0 } + [elsewhere]
        text += "# HELP elman_http_requests_total Answers by route and status.\n"
        text += "# TYPE elman_http_requests_total counter\n"
        for path in paths { path.writeCounts(to: &text) }
        let histogram = "elman_http_request_duration_seconds"
        text += "# HELP \(histogram) From the complete request to its answer, without waits that "
        text += "Prefer asks for.\n"
        text += "# TYPE \(histogram) histogram\n"
        for path in paths {
            path.durations.write(histogram, labels: "route=\"\(path.name)\"", to: &text)
        }
    }
}

/// The answers of one path.
final class PathMetrics: Sendable {
    /// The statuses that have a counter of their own; others share the last.
    ///
    /// All that the contract names and that the transport answers; a test compares them.
    static let statuses = [
        200, 201, 202, 204, 304, 308, 400, 401, 403, 404, 405, 408, 409, 410, 411, 413, 414, 415,
        417,
        421,
        422, 429, 431, 500, 501, 503, 505, 507,
    ]

    let name: String
    private let counts = Counters(count: statuses.count + 1)
    fileprivate let durations = LatencyHistogram()

    /// - Parameter name: the path, in metrics.
    init(_ name: String) { self.name = name }

    /// Counts one answer.
    ///
    /// - Parameters:
    ///   - status: that of the answer.
    ///   - nanoseconds: from the complete request to the answer.
    func record(status: Int, nanoseconds: Int) {
        let column =
            status == 200 ? 0 : Self.statuses.firstIndex(of: status) ?? Self.statuses.count
        counts.add(at: column)
        durations.record(nanoseconds: nanoseconds)
    }

    fileprivate func writeCounts(to text: inout String) {
        for column in 0..<counts.count where counts[column] > 0 {
            let code = column < Self.statuses.count ? "\(Self.statuses[column])" : "other"
            text += "elman_http_requests_total{route=\"\(name)\",code=\"\(code)\"} "
            text += "\(counts[column])\n"
        }
    }
}
