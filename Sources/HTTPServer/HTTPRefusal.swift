internal import CMicroHTTPD

/// Why the server refuses a request by itself.
public struct HTTPRefusal: Sendable, Equatable {
    /// The status of the answer.
    public let status: Int
    /// A stable name for programs.
    public let code: String
    /// A sentence for people.
    ///
    /// It repeats nothing that the client sent.
    public let detail: String

    /// Every refusal that a server may utter, for documents and tests.
    public static let all: [HTTPRefusal] = (1...mhd_refusal.address_connections_full.rawValue)
        .compactMap {
            mhd_refusal(rawValue: $0).map(HTTPRefusal.init)
        }

    private init(_ status: Int, _ code: String, _ detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }

    /// The one table from the transport's reasons to what clients see.
    init(_ reason: mhd_refusal) {
        self =
            switch reason {
            case .malformed_head:
                HTTPRefusal(
                    400,
                    "malformed_request",
                    "The request line or a header line is not well formed: lines end with CR LF, "
                        + "are not folded and hold no NUL."
                )
            case .unsupported_version:
                HTTPRefusal(505, "unsupported_version", "Only HTTP/1.1 and HTTP/1.0 are spoken.")
            case .unsupported_method:
                HTTPRefusal(501, "unsupported_method", "The method is not known here.")
            case .bad_target:
                HTTPRefusal(
                    400,
                    "bad_target",
                    "The target must start with '/' and be visible ASCII with valid "
                        + "percent-encoding."
                )
            case .bad_field:
                HTTPRefusal(400, "bad_header", "A header field has a byte that is not allowed.")
            case .bad_host:
                HTTPRefusal(400, "bad_host", "Exactly one valid Host field is needed.")
            case .repeated_field:
                HTTPRefusal(
                    400,
                    "repeated_header",
                    "A header field that may stand once stands twice."
                )
            case .bad_content_length:
                HTTPRefusal(
                    400,
                    "bad_content_length",
                    "Content-Length must be one blank and then decimal digits."
                )
            case .conflicting_length:
                HTTPRefusal(
                    400,
                    "conflicting_length",
                    "The length of the body is given twice, or in a way that can be misread."
                )
            case .unsupported_transfer_coding:
                HTTPRefusal(
                    501,
                    "unsupported_transfer_coding",
                    "The only Transfer-Encoding taken is 'chunked'."
                )
            case .length_required:
                HTTPRefusal(
                    411,
                    "length_required",
                    "A request with this method needs Content-Length or chunked coding."
                )
            case .unexpected_body:
                HTTPRefusal(400, "unexpected_body", "A request with this method has no body.")
            case .unsupported_content_coding:
                HTTPRefusal(
                    415,
                    "unsupported_content_coding",
                    "Bodies are taken uncompressed only."
                )
            case .unsupported_expectation:
                HTTPRefusal(
                    417,
                    "unsupported_expectation",
                    "The only expectation met is '100-continue'."
                )
            case .body_too_large:
                HTTPRefusal(
                    413,
                    "body_too_large",
                    "The body is larger than this route takes; send it in parts."
                )
            case .out_of_memory:
                HTTPRefusal(503, "out_of_memory", "There is no memory for this request now.")
            case .answer_overdue:
                HTTPRefusal(503, "answer_overdue", "The answer was not ready in time.")
            case .none, .answer_missing:
                HTTPRefusal(500, "answer_missing", "The request was not answered.")
            case .stopping:
                HTTPRefusal(503, "stopping", "The server is stopping.")
            case .connections_full:
                HTTPRefusal(
                    503,
                    "connections_full",
                    "As many connections are open as the server takes (--connections)."
                )
            case .address_connections_full:
                HTTPRefusal(
                    503,
                    "address_connections_full",
                    "Your address has as many connections open as one may have "
                        + "(--connections-per-address)."
                )
            @unknown default:
                HTTPRefusal(500, "answer_missing", "The request was not answered.")
            }
    }
}
