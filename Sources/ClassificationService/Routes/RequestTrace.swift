internal import Glibc
internal import HTTPServer
internal import Store
internal import Synchronization
internal import Tracing

/// The place of one request in a trace, and what was done for it.
///
/// It is made where a request brings a `traceparent`, or where spans are exported. Its spans are
/// kept together and handed over with the answer.
final class RequestTrace: Sendable {
    /// The trace of the request that this thread works on, if spans of it are exported.
    @TaskLocal static var current: RequestTrace?
    /// Parts of one request that are kept; the rest is left out.
    private static let maximumParts = 64

    private let context: TraceContext
    private let parent: TraceContext?
    private let state: String
    private let method: String
    private let target: String
    private let tracer: Tracer?
    private let scheme: String
    private let startTime: Int
    private let startClock: Int
    private let parts = Mutex<[Span]>([])

    /// The trace of a request.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - tracer: takes spans.
    ///   - scheme: `http` or `https`, as the server listens.
    /// - Returns: the trace; nil if the request brings none, and no spans are exported.
    static func of(
        _ request: borrowing HTTPRequest,
        _ tracer: Tracer?,
        scheme: String
    ) -> RequestTrace? {
        let given: TraceContext?? = request.withHeader("traceparent") {
            TraceContext(traceparent: $0)
        }
        // Most requests end here, before anything is allocated.
        if given == nil && tracer == nil { return nil }
        let parent = given ?? nil
        guard let context = tracer?.begin(parent) ?? parent?.continued() else { return nil }
        return RequestTrace(request, context, parent: parent, tracer, scheme)
    }

    private init(
        _ request: borrowing HTTPRequest,
        _ context: TraceContext,
        parent: TraceContext?,
        _ tracer: Tracer?,
        _ scheme: String
    ) {
        self.scheme = scheme
        self.context = context
        self.parent = parent
        self.tracer = context.isSampled ? tracer : nil
        if self.tracer != nil {
            method = request.method.rawValue
            target = request.withRawPath { String(decoding: $0.prefix(256), as: UTF8.self) }
            let states = parent == nil ? nil : request.header("tracestate")
            state = states.flatMap { $0.utf8.count > 512 ? nil : $0 } ?? ""
        } else {
            (method, target, state) = ("", "", "")
        }
        startTime = wallClockNanoseconds()
        startClock = monotonicNanoseconds()
    }

    /// The field that tells the client which span its request was.
    var traceparent: String { context.traceparent }

    /// Runs `work` as this request's, with what the store does for it taken down.
    func working<Result>(_ work: () -> Result) -> Result {
        guard tracer != nil else { return work() }
        return Self.$current.withValue(self) {
            StoreAccess.$observer.withValue({ [self] in observeStore() }, operation: work)
        }
    }

    /// Runs `work` as a part of the request.
    func part<Result>(
        _ name: String,
        _ attributes: [(name: String, value: Span.Value)],
        _ work: () -> Result
    ) -> Result {
        let start = now()
        let result = work()
        add(name, .inside, start: start, attributes, isError: false)
        return result
    }

    /// Ends the request and hands its spans over.
    ///
    /// - Parameters:
    ///   - status: that of the answer.
    ///   - route: the path as the contract writes it; nil for none.
    func end(status: Int, route: String?) {
        guard let tracer else { return }
        var span = Span(
            context,
            parent: parent?.span,
            name: route.map { "\(method) \($0)" } ?? method,
            kind: .server,
            start: startTime,
            end: now()
        )
        span.state = state
        span.attributes = [
            ("http.request.method", .text(method)), ("url.path", .text(target)),
            ("url.scheme", .text(scheme)), ("http.response.status_code", .number(status)),
        ]
        if let route { span.attributes.append(("http.route", .text(route))) }
        if status >= 500 {
            span.isError = true
            span.attributes.append(("error.type", .text("\(status)")))
        }
        let all = parts.withLock { parts in
            defer { parts = [] }
            return [span] + parts
        }
        tracer.export(all)
    }

    private func observeStore() -> @Sendable (StoreAccess) -> Void {
        let start = now()
        return { [self] access in
            let kind = access.kind.rawValue
            var attributes: [(name: String, value: Span.Value)] = [
                ("db.system.name", .text(access.system)), ("db.operation.name", .text(kind)),
            ]
            // What it refuses, such as a full queue, is an answer.
            let isError = access.failure?.isOutage ?? false
            if isError { attributes.append(("error.type", .text("store_unavailable"))) }
            add("store \(kind)", .client, start: start, attributes, isError: isError)
        }
    }

    private func add(
        _ name: String,
        _ kind: Span.Kind,
        start: Int,
        _ attributes: [(name: String, value: Span.Value)],
        isError: Bool
    ) {
        var span = Span(
            context.continued(),
            parent: context.span,
            name: name,
            kind: kind,
            start: start,
            end: now()
        )
        span.attributes = attributes
        span.isError = isError
        parts.withLock { if $0.count < Self.maximumParts { $0.append(span) } }
    }

    /// Nanoseconds since 1970; it does not jump while the request lasts.
    private func now() -> Int { startTime + monotonicNanoseconds() - startClock }
}

private func wallClockNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
