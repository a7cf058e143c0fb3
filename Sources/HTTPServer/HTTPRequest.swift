internal import CMicroHTTPD

/// One request, borrowed from the server for the length of a call.
///
/// Nothing is copied until it is asked for: fields are looked up in the connection's buffer, and
/// `body` points to the bytes that came in.
public struct HTTPRequest: ~Copyable {
    private let request: OpaquePointer
    private let isOwned: Bool

    init(borrowing request: OpaquePointer) {
        self.request = request
        isOwned = false
    }

    /// Makes a request without a socket, to test a service with.
    ///
    /// - Parameters:
    ///   - method: its method.
    ///   - target: path and query as they stand in a request line, percent-encoded.
    ///   - headers: its fields, in order.
    ///   - body: its body.
    public init(
        method: HTTPMethod,
        target: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        var target = target
        var isComplete = true
        let request = target.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                characters.baseAddress.flatMap {
                    mhd_request_create_detached(method.transportMethod, $0, characters.count)
                }
            }
        }
        guard let request else { preconditionFailure("a request needs a target and memory") }
        for (name, value) in headers {
            isComplete =
                isComplete
                && mhd_request_add_field(request, name, name.utf8.count, value, value.utf8.count)
        }
        body.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            isComplete = isComplete && mhd_request_append_body(request, start, bytes.count)
        }
        precondition(isComplete, "a request needs memory")
        self.request = request
        isOwned = true
    }

    deinit {
        if isOwned { mhd_request_release(request) }
    }

    /// The method.
    public var method: HTTPMethod { HTTPMethod(mhd_request_method(request)) }

    /// Path and query as they were sent: visible ASCII that starts with `/`.
    public var target: String {
        String(decoding: bytes(of: mhd_request_target(request)), as: UTF8.self)
    }

    /// The path as it was sent, without the query.
    public var rawPath: String { String(decoding: splitTarget().path, as: UTF8.self) }

    /// Looks at the path as it was sent, without the query and without copying it.
    ///
    /// - Parameter look: gets the bytes; they live as long as the call.
    /// - Returns: what `look` returns.
    public func withRawPath<Result>(_ look: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        look(UnsafeBufferPointer(rebasing: splitTarget().path))
    }

    /// The path, percent-decoded once.
    ///
    /// Bytes that are not UTF-8 become U+FFFD.
    public var path: String { percentDecoded(splitTarget().path, plusIsBlank: false) }

    /// Whether there is a query that is not empty.
    public var hasQuery: Bool { !splitTarget().query.isEmpty }

    /// Name and value of each part of the query, percent-decoded once, in order.
    public var queryItems: [(name: String, value: String)] {
        splitTarget().query.split(separator: UInt8(ascii: "&")).map { item in
            let name = item.prefix { $0 != UInt8(ascii: "=") }
            let value = item.dropFirst(name.count + 1)
            return (
                percentDecoded(name, plusIsBlank: true), percentDecoded(value, plusIsBlank: true)
            )
        }
    }

    /// The value of the first query part of that name.
    ///
    /// - Parameter name: the decoded name.
    /// - Returns: the decoded value, empty if there is no `=`, or nil if there is no such part.
    public func query(_ name: String) -> String? {
        splitTarget().query.isEmpty ? nil : queryItems.first { $0.name == name }?.value
    }

    /// The value of a header field; values of repeated fields are joined by `, ` (RFC 9110, 5.3).
    ///
    /// - Parameter name: the field's name in lower case.
    /// - Returns: the value without surrounding blanks, or nil if the field is not there.
    public func header(_ name: StaticString) -> String? {
        var index = 0
        guard let first = field(name, from: &index) else { return nil }
        var value = String(decoding: first, as: UTF8.self)
        while let next = field(name, from: &index) {
            value += ", " + String(decoding: next, as: UTF8.self)
        }
        return value
    }

    /// Looks at the first value of a header field without copying it.
    ///
    /// - Parameters:
    ///   - name: the field's name in lower case.
    ///   - look: gets the bytes without surrounding blanks; they live as long as the call.
    /// - Returns: what `look` returns, or nil if the field is not there.
    public func withHeader<Result>(
        _ name: StaticString,
        _ look: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result? {
        var index = 0
        return field(name, from: &index).map(look)
    }

    /// The body; empty while the service is asked to admit the request.
    ///
    /// The bytes live as long as the call that lends the request.
    public var body: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(bytes(of: mhd_request_body(request)))
    }

    /// The file that the body has gone into; nil if it is in memory.
    public var spool: HTTPSpool? {
        mhd_request_spool_owner(request).map {
            Unmanaged<HTTPSpool>.fromOpaque($0).takeUnretainedValue()
        }
    }

    /// The client's numeric address, or nil without a socket.
    public var remoteAddress: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress,
                mhd_request_client_address(request, start, buffer.count)
            else { return nil }
            return String(cString: start)
        }
    }

    private func bytes(of slice: mhd_slice) -> UnsafeBufferPointer<UInt8> {
        let raw = UnsafeRawBufferPointer(start: slice.bytes, count: slice.count)
        return raw.assumingMemoryBound(to: UInt8.self)
    }

    private func field(_ name: StaticString, from index: inout Int) -> UnsafeBufferPointer<UInt8>? {
        let characters = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        let value = mhd_request_field(request, characters, name.utf8CodeUnitCount, &index)
        return value.bytes == nil ? nil : bytes(of: value)
    }

    private func splitTarget() -> (
        path: Slice<UnsafeBufferPointer<UInt8>>, query: Slice<UnsafeBufferPointer<UInt8>>
    ) {
        let target = bytes(of: mhd_request_target(request))
        let end = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        return (target[..<end], target[end...].dropFirst())
    }
}

private func percentDecoded(
    _ encoded: Slice<UnsafeBufferPointer<UInt8>>,
    plusIsBlank: Bool
) -> String {
    guard encoded.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
        return String(decoding: encoded, as: UTF8.self)
    }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(encoded.count)
    var rest = encoded
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), let high = rest.first?.hexadecimalValue,
            let low = rest.dropFirst().first?.hexadecimalValue
        {
            decoded.append(high << 4 | low)
            rest = rest.dropFirst(2)
        } else {
            decoded.append(plusIsBlank && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
        }
    }
    return String(decoding: decoded, as: UTF8.self)
}

extension UInt8 {
    fileprivate var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
