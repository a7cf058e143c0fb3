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
    /// How clients reach the server, `http` or `https`; spans say so.
    var scheme = "http"
    /// Whether requests belong to traces at all.
    var continuesTraces = true
    /// The pages that may read answers; nil for those of this server alone.
    var origins: AllowedOrigins?
    /// Where clients see this server.
    var prefix = PathPrefix.none

    /// What will be said of a request; nil if it is neither logged nor in a trace.
    func facts(_ request: borrowing HTTPRequest, _ match: OperationTable.Match?) -> AccessFacts? {
        let trace = continuesTraces ? RequestTrace.of(request, tracer, scheme: scheme) : nil
        let crossOrigin = origins?.fields(for: request)
        guard logsRequests || trace != nil || crossOrigin != nil else { return nil }
        return AccessFacts(request, match?.values, trace, crossOrigin: crossOrigin ?? [])
    }

    /// What the line of a request that the transport refuses will say, likewise.
    func facts(_ request: borrowing HTTPRequest, _ refusal: HTTPRefusal) -> AccessFacts? {
        let crossOrigin = origins?.fields(for: request)
        guard logsRequests || crossOrigin != nil else { return nil }
        if refusal.status == 413 {
            return AccessFacts(request, nil, nil, crossOrigin: crossOrigin ?? [])
        }
        // What was answered later may be about to lose its connection.
        let wasDeferred = ["answer_overdue", "answer_missing", "stopping"].contains(refusal.code)
        return AccessFacts(
            client: wasDeferred ? nil : request.remoteAddress,
            crossOrigin: crossOrigin ?? []
        )
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
        if let facts, logsRequests { write(answer, of: path, requestID, facts, nanoseconds: 0) }
    }

    /// An answer as it is sent: with what all answers to this request carry, and places as clients
    /// see them.
    func response(_ answer: Answer, _ requestID: String?, _ facts: AccessFacts?) -> HTTPResponse {
        var answer = answer
        if !prefix.bytes.isEmpty {
            for index in answer.headers.indices where answer.headers[index].name == "Location" {
                answer.headers[index].value = prefix.outside(answer.headers[index].value)
            }
        }
        if let crossOrigin = facts?.crossOrigin, !crossOrigin.isEmpty {
            for field in crossOrigin {
                if let same = answer.headers.firstIndex(where: { $0.name == field.name }) {
                    answer.headers[same].value += ", " + field.value
                } else {
                    answer.headers.append(field)
                }
            }
        }
        return answer.response(requestID: requestID, traceparent: facts?.trace?.traceparent)
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
