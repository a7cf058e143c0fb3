/// Requests by route and status, with their durations.
final class RequestMetrics: Sendable {
    /// The statuses that have a counter of their own; others share the last.
    private static let statuses = [
        200, 202, 204, 304, 400, 401, 403, 404, 405, 411, 413, 415, 417, 421, 422, 429, 500, 501,
        503,
        505, 507,
    ]
    private static let width = statuses.count + 1
    private static let rows = Route.allCases.count + 1

    private let counts = Counters(count: rows * width)
    private let durations = (0..<rows).map { _ in LatencyHistogram() }

    /// Counts one answer.
    ///
    /// - Parameters:
    ///   - route: nil for what matches none.
    ///   - status: that of the answer.
    ///   - nanoseconds: from the complete request to the answer.
    func record(_ route: Route?, status: Int, nanoseconds: Int) {
        let row = route?.rawValue ?? Self.rows - 1
        let column =
            status == 200 ? 0 : Self.statuses.firstIndex(of: status) ?? Self.statuses.count
        counts.add(at: row * Self.width + column)
        durations[row].record(nanoseconds: nanoseconds)
    }

    func write(to text: inout String) {
        text += "# HELP elman_http_requests_total Answers by route and status.\n"
        text += "# TYPE elman_http_requests_total counter\n"
        for row in 0..<Self.rows {
            for column in 0..<Self.width where counts[row * Self.width + column] > 0 {
                let code = column < Self.statuses.count ? "\(Self.statuses[column])" : "other"
                text += "elman_http_requests_total{route=\"\(name(row))\",code=\"\(code)\"} "
                text += "\(counts[row * Self.width + column])\n"
            }
        }
        let histogram = "elman_http_request_duration_seconds"
        text += "# HELP \(histogram) From the complete request to its answer.\n"
        text += "# TYPE \(histogram) histogram\n"
        for row in 0..<Self.rows {
            durations[row].write(histogram, labels: "route=\"\(name(row))\"", to: &text)
        }
    }

    private func name(_ row: Int) -> String { Route(rawValue: row)?.template ?? "none" }
}
