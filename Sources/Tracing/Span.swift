/// One piece of work of a trace, with its beginning and its end.
public struct Span: Sendable {
    /// What a span has to do with others, as OTLP numbers it.
    public enum Kind: Int, Sendable {
        /// Work inside the process.
        case inside = 1
        /// A request that another process sent.
        case server = 2
        /// A request to another process or a database.
        case client = 3
    }

    /// What is said of a span.
    public enum Value: Sendable, Equatable {
        case text(String)
        case number(Int)
    }

    /// Which span it is, and of which trace.
    public let context: TraceContext
    /// The span that it belongs to; nil for the first of a trace.
    public let parent: UInt64?
    /// The `tracestate` of the trace, empty for none.
    public var state = ""
    /// What was done, in few different words.
    public let name: String
    /// What it has to do with others.
    public let kind: Kind
    /// Nanoseconds since 1970.
    public let start: Int
    /// Likewise.
    public let end: Int
    /// Names and values, by OpenTelemetry's conventions where those have one.
    public var attributes: [(name: String, value: Value)] = []
    /// Whether it failed.
    public var isError = false

    /// - Parameters:
    ///   - context: which span it is.
    ///   - parent: the span that it belongs to.
    ///   - name: what was done.
    ///   - kind: what it has to do with others.
    ///   - start: nanoseconds since 1970.
    ///   - end: likewise.
    public init(
        _ context: TraceContext,
        parent: UInt64?,
        name: String,
        kind: Kind,
        start: Int,
        end: Int
    ) {
        self.context = context
        self.parent = parent
        self.name = name
        self.kind = kind
        self.start = start
        self.end = end
    }
}
