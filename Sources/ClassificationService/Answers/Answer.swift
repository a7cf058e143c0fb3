internal import HTTPServer
internal import JSON

/// Makes answers with the fields that all of them carry.
enum Answer {
    private static let common: [(name: String, value: String)] = [
        ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"),
    ]

    /// The common fields, and the request's name if there is one to give back.
    static func headers(requestID: String?) -> [(name: String, value: String)] {
        guard let requestID else { return common }
        return common + [("X-Request-Id", requestID)]
    }

    /// JSON that `write` writes.
    static func json(
        _ status: Int = 200,
        requestID: RequestID,
        headers: [(name: String, value: String)] = [],
        _ write: (inout JSONWriter) -> Void
    ) -> HTTPResponse {
        var writer = JSONWriter()
        write(&writer)
        return bytes(
            "application/json",
            writer.finish(),
            status: status,
            requestID: requestID,
            headers: headers
        )
    }

    /// Any content.
    static func bytes(
        _ contentType: String?,
        _ body: [UInt8],
        status: Int = 200,
        requestID: RequestID,
        headers: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        HTTPResponse(
            status: status,
            contentType: contentType,
            headers: self.headers(requestID: requestID.isGiven ? requestID.text : nil) + headers,
            body: body
        )
    }
}
