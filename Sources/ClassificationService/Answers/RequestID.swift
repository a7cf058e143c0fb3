internal import Digest
internal import HTTPServer

/// The name of one request in answers and logs.
struct RequestID: Sendable {
    /// What the client named it, or a made name.
    let text: String
    /// What the client named it; only that is given back by a successful answer.
    let given: String?

    /// The request's `X-Request-Id` if it has 1 to 64 letters, digits, `.`, `_`, `:` or `-`.
    static func given(in request: borrowing HTTPRequest) -> String? {
        let bytes: String?? = request.withHeader("x-request-id") { bytes in
            guard (1...64).contains(bytes.count), bytes.allSatisfy(isAllowed) else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
        return bytes ?? nil
    }

    init(of request: borrowing HTTPRequest) {
        self.init(given: Self.given(in: request))
    }

    /// What the client named it, or a made name.
    init(given: String? = nil) {
        self.given = given
        text = given ?? RandomIdentifier.make(prefix: "req-")
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
