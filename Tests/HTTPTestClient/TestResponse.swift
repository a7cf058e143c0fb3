/// One answer as it came over the wire.
public struct TestResponse: Sendable, CustomStringConvertible {
    /// The status code.
    public let status: Int
    /// Its fields, in order.
    public let headers: [(name: String, value: String)]
    /// Its content.
    public let body: [UInt8]

    /// Its content as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// Status and content.
    public var description: String { "\(status) \(text)" }

    /// The first value of a field.
    ///
    /// - Parameter name: the field's name, in any case.
    /// - Returns: the value, or nil if there is no such field.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// Takes one complete answer from the front of what was received.
    ///
    /// - Parameters:
    ///   - bytes: what was received; an answer that is found is removed.
    ///   - isHead: the answer is to a HEAD request, so it has a length but no content.
    ///   - isClosed: nothing more will come.
    /// - Returns: the answer, or nil if it is not complete yet.
    /// - Throws: `TestClientError.malformed` for bytes that are no answer.
    public static func take(
        from bytes: inout [UInt8],
        isHead: Bool = false,
        isClosed: Bool = false
    ) throws -> TestResponse? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: false)
        let start = lines[0].split(separator: " ", maxSplits: 2)
        guard start.count >= 2, start[0].hasPrefix("HTTP/1."), let status = Int(start[1]) else {
            throw TestClientError.malformed(String(decoding: bytes, as: UTF8.self))
        }
        let headers = lines.dropFirst().map { line in
            let name = line.prefix { $0 != ":" }
            let value = line.dropFirst(name.count + 1).drop { $0 == " " }
            return (name: String(name), value: String(value))
        }
        let length = headers.first { $0.name.lowercased() == "content-length" }
            .flatMap { Int($0.value) }
        let hasBody = !isHead && status >= 200 && status != 204 && status != 304
        var rest = bytes[end.upperBound...]
        var body: [UInt8] = []
        if hasBody, let length {
            guard rest.count >= length else { return nil }
            body = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
        } else if hasBody {
            guard isClosed else { return nil }
            body = Array(rest)
            rest = []
        }
        bytes = Array(rest)
        return TestResponse(status: status, headers: headers, body: body)
    }
}

/// What can go wrong between a test and a server.
public enum TestClientError: Error {
    /// A socket call failed.
    case system(call: String, number: Int32)
    /// Nothing came in time; these bytes had come before.
    case timedOut(received: String)
    /// The server closed the connection; these bytes had come before.
    case closed(received: String)
    /// These bytes are no HTTP answer.
    case malformed(String)
}
