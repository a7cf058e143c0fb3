internal import CMicroHTTPD

/// An answer.
///
/// The server adds `Date`, `Content-Length` and, where it must, `Connection: close`; for `HEAD` it
/// sends the length of `body` and leaves the bytes out.
public struct HTTPResponse: Sendable {
    /// The status code.
    public var status: Int
    /// The media type of `body`, or nil for an answer without a `Content-Type`.
    public var contentType: String?
    /// Further fields.
    ///
    /// One that HTTP cannot carry, such as a value with a line break, is left out.
    public var headers: [(name: String, value: String)]
    /// The content.
    public var body: [UInt8]

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - status: the status code.
    ///   - contentType: the media type of `body`.
    ///   - headers: further fields.
    ///   - body: the content.
    public init(
        status: Int,
        contentType: String? = nil,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// Answers a request with this.
    ///
    /// False if it had been answered before.
    @discardableResult
    func answer(_ request: OpaquePointer) -> Bool {
        let response = body.withUnsafeBytes { mhd_response_create($0.baseAddress, $0.count) }
        guard let response else {
            return mhd_request_answer(request, UInt32(clamping: status), nil)
        }
        return answer(request, with: response)
    }

    /// Answers a request with the status and fields of this and the body of `response`.
    func answer(_ request: OpaquePointer, with response: OpaquePointer) -> Bool {
        if let contentType { Self.add("Content-Type", contentType, to: response) }
        for (name, value) in headers { Self.add(name, value, to: response) }
        return mhd_request_answer(request, UInt32(clamping: status), response)
    }

    /// `withCString` lends a string's own bytes; a plain argument would be copied to the heap.
    private static func add(_ name: String, _ value: String, to response: OpaquePointer) {
        name.withCString { name in
            value.withCString { value in _ = mhd_response_add_field(response, name, value) }
        }
    }
}
