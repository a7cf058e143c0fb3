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
    /// The content; when it is large, answers of one array share it while they are sent.
    public var body: [UInt8]
    /// What makes the content as the client reads it, instead of `body`.
    public var source: (any HTTPBodySource)?
    /// What is kept until the content has been sent, such as memory that was taken for it.
    public var keeping: (any AnyObject & Sendable)?

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - status: the status code.
    ///   - contentType: the media type of `body`.
    ///   - headers: further fields.
    ///   - body: the content.
    ///   - source: what makes the content instead.
    ///   - keeping: what is kept until the content has been sent.
    public init(
        status: Int,
        contentType: String? = nil,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        source: (any HTTPBodySource)? = nil,
        keeping: (any AnyObject & Sendable)? = nil
    ) {
        self.source = source
        self.keeping = keeping
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
        guard let response = transportForm(for: request) else {
            return mhd_request_answer(request, UInt32(clamping: status), nil)
        }
        return answer(request, with: response)
    }

    /// Copying less costs less than keeping it.
    private static let copiedBytes = 16 << 10

    /// nil if there is no memory.
    private func transportForm(for request: OpaquePointer) -> OpaquePointer? {
        if let source { return source.transportForm(for: request) }
        if body.count <= Self.copiedBytes {
            return body.withUnsafeBytes { mhd_response_create($0.baseAddress, $0.count) }
        }
        let content = SentContent(body, keeping)
        guard let start = content.start else { return nil }
        let owner = Unmanaged.passRetained(content)
        let response = mhd_response_create_borrowing(start, body.count, owner.toOpaque()) { owner in
            if let owner { Unmanaged<SentContent>.fromOpaque(owner).release() }
        }
        if response == nil { owner.release() }
        return response
    }

    /// Answers a request with the status and fields of this and the body of `response`.
    func answer(_ request: OpaquePointer, with response: OpaquePointer) -> Bool {
        if let contentType { Self.add("Content-Type", contentType, to: response) }
        for (name, value) in headers { Self.add(name, value, to: response) }
        return mhd_request_answer(request, UInt32(clamping: status), response)
    }

    private static func add(_ name: String, _ value: String, to response: OpaquePointer) {
        var (name, value) = (name, value)
        name.withUTF8 { name in
            value.withUTF8 { value in
                _ = mhd_response_add_field(
                    response,
                    name.baseAddress,
                    name.count,
                    value.baseAddress,
                    value.count
                )
            }
        }
    }
}

/// Content that libmicrohttpd sends from where it lies.
///
/// `@unchecked Sendable`: nothing in it changes. An array that nobody changes keeps its elements
/// where they are, and this is one of its owners.
private final class SentContent: @unchecked Sendable {
    let start: UnsafeRawPointer?
    private let bytes: [UInt8]
    private let kept: (any AnyObject & Sendable)?

    init(_ bytes: [UInt8], _ kept: (any AnyObject & Sendable)?) {
        self.bytes = bytes
        self.kept = kept
        start = bytes.withUnsafeBytes { $0.baseAddress }
    }
}
