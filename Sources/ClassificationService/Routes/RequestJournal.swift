internal import Digest
internal import Logging

/// Counts answers, and logs them where the operator wants that.
struct RequestJournal: Sendable {
    let metrics: RequestMetrics
    let log: Logger
    let logsRequests: Bool

    /// Takes note of an answer.
    ///
    /// - Parameters:
    ///   - status: that of the answer.
    ///   - path: nil for what matches none.
    ///   - requestID: the name of the request; nil if none was made.
    ///   - start: when the request was complete, on the monotonic clock.
    func note(
        _ status: Int,
        of path: OperationTable.Path?,
        _ requestID: String?,
        start: Int
    ) {
        let duration = monotonicNanoseconds() - start
        (path?.metrics ?? metrics.elsewhere).record(status: status, nanoseconds: duration)
        guard logsRequests else { return }
        log.info(
            "request",
            metadata: [
                "route": "\(path?.template.text ?? "none")", "status": "\(status)",
                "microseconds": "\(duration / 1000)",
                "request_id": "\(requestID ?? RandomIdentifier.make(prefix: "req-"))",
            ]
        )
    }
}
