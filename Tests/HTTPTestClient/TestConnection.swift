internal import Glibc

/// A plain TCP connection to a server on 127.0.0.1, for bytes that no HTTP client would send.
///
/// It belongs to one test on one thread. Every wait has a limit.
public final class TestConnection {
    let socket: Int32
    private var received: [UInt8] = []
    private var isClosed = false

    /// Connects.
    ///
    /// - Parameters:
    ///   - address: the server's IPv4 address as a number.
    ///   - port: the server's port.
    ///   - client: the client's IPv4 address as a number; nil lets the system choose.
    /// - Throws: `TestClientError.system` if nobody listens there.
    public init(address: UInt32 = loopback, port: UInt16, from client: UInt32? = nil) throws {
        socket = try connectSocket(address: address, port: port, from: client)
    }

    deinit { close(socket) }

    /// Sends text.
    ///
    /// - Parameter text: what to send.
    /// - Throws: `TestClientError.system` if the server has closed the connection.
    public func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends bytes.
    ///
    /// - Parameter bytes: what to send.
    /// - Throws: `TestClientError.system` if the server has closed the connection.
    public func send(_ bytes: some Collection<UInt8>) throws {
        try sendAll(Array(bytes), to: socket)
    }

    /// Sends each piece in a packet of its own.
    ///
    /// - Parameters:
    ///   - pieces: what to send, in order.
    ///   - pause: the time between two pieces.
    /// - Throws: `TestClientError.system` if the server has closed the connection.
    public func send(pieces: [[UInt8]], pause: Duration = .milliseconds(1)) throws {
        for piece in pieces {
            try send(piece)
            usleep(UInt32(pause.milliseconds) * 1000)
        }
    }

    /// Says that nothing more will be sent; answers are still read.
    public func halfClose() { shutdown(socket, Int32(SHUT_WR)) }

    /// Breaks the connection with a RST when the object is let go.
    public func resetOnClose() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout.size(ofValue: linger))
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, size)
    }

    /// Keeps the kernel from taking more than a little, to play a client that does not read.
    ///
    /// - Parameter bytes: the size of the receive buffer.
    public func setReceiveBuffer(bytes: Int32) {
        var bytes = bytes
        setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Reads one answer.
    ///
    /// - Parameters:
    ///   - isHead: the answer is to a HEAD request.
    ///   - timeout: the longest time to wait.
    /// - Returns: the answer.
    /// - Throws: `TestClientError` if none comes.
    public func readResponse(
        isHead: Bool = false,
        timeout: Duration = .seconds(20)
    ) throws -> TestResponse {
        let end = ContinuousClock.now + timeout
        while true {
            if let response = try TestResponse.take(
                from: &received,
                isHead: isHead,
                isClosed: isClosed
            ) {
                return response
            }
            if isClosed { throw TestClientError.closed(received: receivedText) }
            try receive(until: end)
        }
    }

    /// Waits for text in what comes.
    ///
    /// - Parameters:
    ///   - text: what to wait for.
    ///   - timeout: the longest time to wait.
    /// - Returns: what came, up to and with the text.
    /// - Throws: `TestClientError` if it does not come.
    @discardableResult
    public func read(until text: String, timeout: Duration = .seconds(20)) throws -> String {
        let end = ContinuousClock.now + timeout
        while true {
            if let found = received.firstRange(of: Array(text.utf8)) {
                defer { received.removeSubrange(..<found.upperBound) }
                return String(decoding: received[..<found.upperBound], as: UTF8.self)
            }
            if isClosed { throw TestClientError.closed(received: receivedText) }
            try receive(until: end)
        }
    }

    /// Waits for the server to close the connection.
    ///
    /// - Parameter timeout: the longest time to wait.
    /// - Returns: every byte that came and was not read yet.
    /// - Throws: `TestClientError.timedOut` if the connection stays open.
    @discardableResult
    public func readToEnd(timeout: Duration = .seconds(20)) throws -> [UInt8] {
        let end = ContinuousClock.now + timeout
        while !isClosed { try receive(until: end) }
        defer { received = [] }
        return received
    }

    /// Sends a request and reads its answer.
    ///
    /// - Parameters:
    ///   - request: head and body as they go over the wire.
    ///   - timeout: the longest time to wait.
    /// - Returns: the answer.
    /// - Throws: `TestClientError` if none comes.
    public func exchange(
        _ request: String,
        timeout: Duration = .seconds(20)
    ) throws -> TestResponse {
        try send(request)
        return try readResponse(isHead: request.hasPrefix("HEAD "), timeout: timeout)
    }

    private var receivedText: String { String(decoding: received, as: UTF8.self) }

    private func receive(until end: ContinuousClock.Instant) throws {
        let left = end - .now
        guard left > .zero, waitForInput(socket, milliseconds: Int32(left.milliseconds + 1)) else {
            throw TestClientError.timedOut(received: receivedText)
        }
        isClosed = !receiveAvailable(from: socket, into: &received)
    }
}

extension Duration {
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
