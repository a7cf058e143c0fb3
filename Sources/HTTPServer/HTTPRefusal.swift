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

    init(_ reason: mhd_refusal) {
        (status, code) = Self.code(of: reason)
        detail = Self.detail(of: reason)
    }

    /// The one table from the transport's reasons to what programs see.
    private static func code(of reason: mhd_refusal) -> (status: Int, code: String) {
        switch reason {
        case .malformed_head: (400, "malformed_request")
        case .malformed_chunk: (400, "malformed_chunk")
        case .target_too_long: (414, "target_too_long")
        case .head_too_large: (431, "header_too_large")
        case .unsupported_version: (505, "unsupported_version")
        case .unsupported_method: (501, "unsupported_method")
        case .bad_target: (400, "bad_target")
        case .bad_field: (400, "bad_header")
        case .bad_host: (400, "bad_host")
        case .repeated_field: (400, "repeated_header")
        case .bad_content_length: (400, "bad_content_length")
        case .conflicting_length: (400, "conflicting_length")
        case .unsupported_transfer_coding: (501, "unsupported_transfer_coding")
        case .length_required: (411, "length_required")
        case .unexpected_body: (400, "unexpected_body")
        case .unsupported_content_coding: (415, "unsupported_content_coding")
        case .unsupported_expectation: (417, "unsupported_expectation")
        case .body_too_large: (413, "body_too_large")
        case .out_of_memory: (503, "out_of_memory")
        case .storage_full: (507, "storage_full")
        case .answer_overdue: (503, "answer_overdue")
        case .stopping: (503, "stopping")
        case .connections_full: (503, "connections_full")
        case .address_connections_full: (503, "address_connections_full")
        case .none, .answer_missing: (500, "answer_missing")
        @unknown default: (500, "answer_missing")
        }
    }

    /// The same table for people.
    private static func detail(of reason: mhd_refusal) -> String {
        switch reason {
        case .malformed_head:
            "The request line or a header line is not well formed: lines end with CR LF, are not "
                + "folded and hold no NUL."
        case .malformed_chunk: "A line of the chunked body is not well formed."
        case .target_too_long:
            "The request line is longer than this server reads: send texts in a body."
        case .head_too_large:
            "The header is larger than this server reads: send fewer or shorter fields."
        case .unsupported_version: "Only HTTP/1.1 and HTTP/1.0 are spoken."
        case .unsupported_method: "The method is not known here."
        case .bad_target:
            "The target must start with '/' and be visible ASCII with valid percent-encoding."
        case .bad_field: "A header field has a byte that is not allowed."
        case .bad_host: "Exactly one valid Host field is needed."
        case .repeated_field: "A header field that may stand once stands twice."
        case .bad_content_length: "Content-Length must be one blank and then decimal digits."
        case .conflicting_length:
            "The length of the body is given twice, or in a way that can be misread."
        case .unsupported_transfer_coding: "The only Transfer-Encoding taken is 'chunked'."
        case .length_required: "A request with this method needs Content-Length or chunked coding."
        case .unexpected_body: "A request with this method has no body."
        case .unsupported_content_coding: "Bodies are taken uncompressed only."
        case .unsupported_expectation: "The only expectation met is '100-continue'."
        case .body_too_large: "The body is larger than this route takes; send it in parts."
        case .out_of_memory: "There is no memory for this request now."
        case .storage_full: "The disk has no room for a body of this size."
        case .answer_overdue: "The answer was not ready in time."
        case .stopping: "The server is stopping."
        case .connections_full:
            "As many connections are open as the server takes (--connections)."
        case .address_connections_full:
            "Your address has as many connections open as one may have (--connections-per-address)."
        case .none, .answer_missing: "The request was not answered."
        @unknown default: "The request was not answered."
        }
    }
}
