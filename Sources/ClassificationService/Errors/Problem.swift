internal import HTTPServer
internal import JSON

/// An answer that says what went wrong (RFC 9457).
struct Problem: Sendable {
    let status: Int
    /// Stable, for programs; the last part of `type`.
    let code: String
    /// A sentence for people, without anything that the client sent but the host.
    let detail: String
    var errors: [FieldError] = []
    /// Further members, as JSON.
    var members: [(name: String, value: [UInt8])] = []
    var headers: [(name: String, value: String)] = []

    init(
        _ status: Int,
        _ code: String,
        _ detail: String,
        errors: [FieldError] = [],
        members: [(name: String, value: [UInt8])] = [],
        headers: [(name: String, value: String)] = [],
        retryAfterSeconds: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.members = members
        self.headers = headers
        if let retryAfterSeconds {
            self.headers.append(("Retry-After", String(retryAfterSeconds)))
        }
    }

    func response(requestID: RequestID) -> HTTPResponse {
        var json = JSONWriter()
        json.beginObject()
        json.key("type")
        json.string("urn:elman:problem:" + code)
        json.key("title")
        json.string(Self.title(status))
        json.key("status")
        json.int(status)
        json.key("detail")
        json.string(detail)
        json.key("code")
        json.string(code)
        json.key("request_id")
        json.string(requestID.text)
        if !errors.isEmpty {
            json.key("errors")
            json.beginArray()
            for error in errors {
                json.beginObject()
                json.key("pointer")
                json.string(error.pointer)
                json.key("detail")
                json.string(error.detail)
                if let line = error.line { json.member("line", int: line) }
                json.endObject()
            }
            json.endArray()
        }
        for member in members { json.member(member.name, raw: member.value) }
        json.endObject()
        return HTTPResponse(
            status: status,
            contentType: "application/problem+json",
            headers: Answer.headers(requestID: requestID.text) + headers,
            body: json.finish()
        )
    }

    /// The phrase of RFC 9110 for a status that the service or the transport uses.
    static func title(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        case 507: "Insufficient Storage"
        default: "Internal Server Error"
        }
    }
}
