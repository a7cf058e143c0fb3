internal import HTTPServer
internal import JSON

/// What a handler or a writer answers: a value, without the fields that all answers carry.
struct Answer: Sendable {
    var status = 200
    var contentType: String?
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// What makes the body as it is read, instead of `body`.
    var source: (any HTTPBodySource)?
    /// What is kept until the body has been sent: the memory that was taken for it.
    var keeping: (any AnyObject & Sendable)?
    /// Whether a cache may keep it, if it asks each time whether it still holds.
    var isRevalidated = false
    /// The model that it is about, where the path does not say it; for the log.
    var model: String?

    private static let common: [(name: String, value: String)] = [
        ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"),
    ]
    private static let revalidated: [(name: String, value: String)] = [
        ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-cache"),
    ]

    /// JSON that `write` writes.
    static func json(
        _ status: Int = 200,
        headers: [(name: String, value: String)] = [],
        _ write: (inout JSONWriter) -> Void
    ) -> Answer {
        var writer = JSONWriter()
        write(&writer)
        return Answer(
            status: status,
            contentType: "application/json",
            headers: headers,
            body: writer.finish()
        )
    }

    /// An answer without content.
    static func empty(
        _ status: Int,
        headers: [(name: String, value: String)] = []
    ) -> Answer { Answer(status: status, headers: headers) }

    /// The answer as it is sent: with the common fields, and the request's name if there is one to
    /// give back, and the span that it was, if it is in a trace.
    func response(requestID: String?, traceparent: String? = nil) -> HTTPResponse {
        var fields = isRevalidated ? Self.revalidated : Self.common
        if let requestID { fields.append(("X-Request-Id", requestID)) }
        if let traceparent { fields.append(("traceparent", traceparent)) }
        if !headers.isEmpty { fields += headers }
        return HTTPResponse(
            status: status,
            contentType: contentType,
            headers: fields,
            body: body,
            source: source,
            keeping: keeping
        )
    }
}
