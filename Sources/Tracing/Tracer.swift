/// Takes finished spans and brings them to a collector.
public final class Tracer: Sendable {
    private let sampler: Sampler
    private let queue: SpanQueue

    /// - Parameters:
    ///   - settings: where spans go, and which.
    ///   - version: the version of the program.
    ///   - tell: hears when the collector does not answer, and when it does again.
    public init(
        _ settings: TracingSettings,
        version: String,
        tell: @escaping @Sendable (TracingNews) -> Void
    ) {
        sampler = settings.sampler
        let client = CollectorClient(settings)
        let resource = settings.resource
        queue = SpanQueue(
            length: settings.queueLength,
            batchLength: settings.batchLength,
            delay: settings.delay,
            tell: tell
        ) { spans in
            let body = OTLPDocument.bytes(spans, resource: resource, version: version)
            return client.post(body)
        }
    }

    /// Spans that were dropped since the start: the queue was full, or the collector took none.
    public var droppedSpans: Int { queue.dropped }

    /// Spans that the collector has taken.
    public var exportedSpans: Int { queue.sent }

    /// Begins a piece of work.
    ///
    /// - Parameter parent: where its trace comes from; nil if it begins here.
    /// - Returns: its place in a trace, which says whether it is recorded.
    public func begin(_ parent: TraceContext?) -> TraceContext {
        let trace = parent?.trace ?? .random()
        return TraceContext(
            trace: trace,
            span: .random(in: 1 ... .max),
            isSampled: sampler.records(trace, parent: parent)
        )
    }

    /// Takes the spans of one request; never waits.
    public func export(_ spans: [Span]) { queue.append(spans) }

    /// Sends what waits, but does not wait longer than that.
    public func flush(within limit: Duration) { queue.flush(within: limit) }
}
