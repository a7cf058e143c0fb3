/// Posts to one address, one connection a request; for a thread that may wait.
///
/// It follows no redirection, so nothing goes anywhere else. Over TLS the certificate must fit the
/// name.
public struct HTTPClient: Sendable {
    /// What came back: all that those who post look at.
    public struct Answer: Sendable, Equatable {
        /// The status, such as 200.
        public let status: Int
        /// The seconds of `Retry-After`; nil without it.
        public let retryAfter: Int?
    }

    private let address: HTTPAddress
    private let certificates: String?
    private let timeout: Int

    /// - Parameters:
    ///   - address: where to post to.
    ///   - certificates: a file of certificates, in PEM, to know the server by; nil for the
    ///     system's.
    ///   - timeout: milliseconds that one request may take.
    public init(_ address: HTTPAddress, certificates: String?, timeout: Int) {
        self.address = address
        self.certificates = certificates
        self.timeout = timeout
    }

    /// Posts JSON once.
    ///
    /// - Parameters:
    ///   - body: the document.
    ///   - headers: further fields; no value may hold a line end.
    /// - Returns: what the server answers.
    /// - Throws: why there is no answer.
    public func post(
        _ body: [UInt8],
        headers: [(name: String, value: String)]
    ) throws(HTTPClientError) -> Answer {
        var head = "POST \(address.path) HTTP/1.1\r\nHost: \(address.authority)\r\n"
        head += "User-Agent: elman\r\nContent-Type: application/json\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        head += "Content-Length: \(body.count)\r\n\r\n"
        return try answer(try exchange(Array(head.utf8) + body))
    }

    /// Sends a request and returns the head of the answer.
    private func exchange(_ request: [UInt8]) throws(HTTPClientError) -> String {
        let socket = try ClientSocket(address, timeout: timeout)
        guard address.usesTLS else {
            return try Self.exchange(request, over: socket, timeout: timeout)
        }
        let session = try ClientSession(socket, address.host, certificates: certificates)
        return try Self.exchange(request, over: session, timeout: timeout)
    }

    private static func exchange(
        _ request: [UInt8],
        over channel: some ClientChannel,
        timeout: Int
    ) throws(HTTPClientError) -> String {
        let deadline = ContinuousClock.now + .milliseconds(timeout)
        var sent = 0
        while sent < request.count {
            guard ContinuousClock.now < deadline else { throw .tooSlow }
            let count = request[sent...].withUnsafeBytes { channel.send($0) }
            guard count > 0 else { throw .closed("it took only \(sent) bytes") }
            sent += count
        }
        // Whatever follows the head is of no use.
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while answer.count < 65_536 {
            guard ContinuousClock.now < deadline else { throw .tooSlow }
            let count = piece.withUnsafeMutableBytes { channel.receive(into: $0) }
            if count <= 0 { break }
            answer += piece[..<count]
            let text = String(decoding: answer, as: UTF8.self)
            if let end = text.firstRange(of: "\r\n\r\n") { return String(text[..<end.lowerBound]) }
        }
        throw .closed("it sent no answer in time")
    }

    private func answer(_ head: String) throws(HTTPClientError) -> Answer {
        let lines = head.split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw .closed("it does not speak HTTP/1.1")
        }
        let field = lines.first { $0.lowercased().hasPrefix("retry-after:") }
        let wanted = field?.split(separator: ":").last?.filter { $0 != " " }
        return Answer(status: status, retryAfter: wanted.flatMap { Int($0) })
    }
}
