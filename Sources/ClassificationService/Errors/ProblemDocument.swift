internal import Evaluation
internal import JSON

/// Makes an answer of what went wrong: the shape of errors.
protocol ErrorWriter: Sendable {
    /// Makes the answer.
    ///
    /// - Parameters:
    ///   - problem: what went wrong.
    ///   - requestID: the name of the request.
    /// - Returns: an answer with the status and the fields of the problem.
    func answer(to problem: Problem, requestID: String) -> Answer
}

/// Problem documents (RFC 9457).
struct ProblemDocument: ErrorWriter {
    func answer(to problem: Problem, requestID: String) -> Answer {
        var json = JSONWriter()
        json.beginObject()
        json.member("type", string: "urn:elman:problem:" + problem.code)
        json.member("title", string: Self.title(problem.status))
        json.member("status", int: problem.status)
        json.member("detail", string: problem.detail)
        json.member("code", string: problem.code)
        json.member("request_id", string: requestID)
        if !problem.errors.isEmpty { json.member("errors", problem.errors) }
        for fact in problem.facts {
            json.key(fact.name)
            switch fact.value {
            case .count(let count): json.int(count)
            case .check(let check): check.encode(to: &json)
            }
        }
        json.endObject()
        return Answer(
            status: problem.status,
            contentType: "application/problem+json",
            headers: problem.headers,
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

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ errors: [FieldError]) {
        key(name)
        beginArray()
        for error in errors {
            beginObject()
            member("pointer", string: error.pointer)
            member("detail", string: error.detail)
            if let line = error.line { member("line", int: line) }
            if let part = error.part { member("part", string: part) }
            endObject()
        }
        endArray()
    }
}
