internal import Digest
internal import HTTPServer
internal import Logging
internal import Tracing

/// Counts answers, and logs and traces them where the operator wants that.
struct RequestJournal: Sendable {
    let metrics: RequestMetrics
    let log: Logger
    let logsRequests: Bool
    /// Takes spans; nil if none are exported.
    var tracer: Tracer?
    /// Whether requests belong to traces at all.
    var continuesTraces = true

    /// What will be said of a request; nil if it is neither logged nor in a trace.
    func facts(_ request: borrowing HTTPRequest, _ match: OperationTable.Match?) -> AccessFacts? {
        let trace = continuesTraces ? RequestTrace.of(request, tracer) : nil
        return logsRequests || trace != nil ? AccessFacts(request, match?.values, trace) : nil
    }

    /// What the line of a request that the transport refuses will say, likewise.
    func facts(_ request: borrowing HTTPRequest, _ refusal: HTTPRefusal) -> AccessFacts? {
        guard logsRequests else { return nil }
        if refusal.status == 413 { return AccessFacts(request, nil, nil) }
        // What was answered later may be about to lose its connection.
        let wasDeferred = ["answer_overdue", "answer_missing", "stopping"].contains(refusal.code)
        return AccessFacts(client: wasDeferred ? nil : request.remoteAddress)
    }

    /// Takes note of an answer.
    ///
    /// - Parameters:
    ///   - answer: the answer.
    ///   - path: nil for what matches none.
    ///   - requestID: the name of the request; nil if none was made.
    ///   - facts: what is logged of the request; nil if nothing is.
    ///   - start: when the request was complete, on the monotonic clock.
    func note(
        _ answer: Answer,
        of path: OperationTable.Path?,
        _ requestID: String?,
        _ facts: AccessFacts?,
        start: Int
    ) {
        let duration = monotonicNanoseconds() - start
        (path?.metrics ?? metrics.elsewhere).record(status: answer.status, nanoseconds: duration)
        guard let facts else { return }
        facts.trace?.end(status: answer.status, route: path?.template.text)
        if logsRequests { write(answer, of: path, requestID, facts, nanoseconds: duration) }
    }

    /// Takes note of a refusal by the transport, which has told nobody how long it took.
    func noteRefusal(
        _ answer: Answer,
        of path: OperationTable.Path?,
        _ requestID: String,
        _ facts: AccessFacts?
    ) {
        metrics.elsewhere.record(status: answer.status, nanoseconds: 0)
        if let facts { write(answer, of: path, requestID, facts, nanoseconds: 0) }
    }

    private func write(
        _ answer: Answer,
        of path: OperationTable.Path?,
        _ requestID: String?,
        _ facts: AccessFacts,
        nanoseconds: Int
    ) {
        var line: Logger.Metadata = [
            "route": "\(path?.template.text ?? "none")",
            "status": .stringConvertible(answer.status),
            "microseconds": .stringConvertible(nanoseconds / 1000),
            "bytes_in": .stringConvertible(facts.bytesIn),
            "bytes_out": .stringConvertible(facts.method == .head ? 0 : answer.body.count),
            "request_id": "\(requestID ?? RandomIdentifier.make(prefix: "req-"))",
        ]
        let words = [
            ("method", facts.method?.rawValue), ("token", facts.token),
            ("model", facts.model ?? answer.model), ("client", facts.client),
            ("traceparent", facts.traceparent),
        ]
        for (name, word) in words where word != nil { line[name] = .string(word ?? "") }
        log.info("request", metadata: line)
    }
}
