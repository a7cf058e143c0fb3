#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// What a server said to one payload.
public struct Conversation: Sendable {
    /// The answers, in order; 1xx ones too.
    public var responses: [TestResponse] = []
    /// Bytes that are no complete answer.
    public var remainder: [UInt8] = []
    /// Whether the server closed the connection.
    public var isClosed = false

    /// The status of each answer.
    public var statuses: [Int] { responses.map(\.status) }

    /// Holds many conversations at once, each on a connection of its own.
    ///
    /// A conversation ends when the server closes it, or once `expected` answers have come and the
    /// server has been silent for `quiet`, or when the time is over.
    ///
    /// - Parameters:
    ///   - payloads: what to send, a connection each.
    ///   - port: the server's port.
    ///   - expected: how many answers each payload should get.
    ///   - quiet: silence after the expected answers in which a further one would be seen.
    ///   - timeout: the longest time for all of them.
    ///   - batch: how many connections are open at once.
    /// - Returns: a conversation for each payload, in order.
    /// - Throws: `TestClientError` if a socket call fails.
    public static func hold(
        _ payloads: [[UInt8]],
        port: UInt16,
        expected: Int = 1,
        quiet: Duration = .milliseconds(150),
        timeout: Duration = .seconds(20),
        batch: Int = 128
    ) throws -> [Conversation] {
        var all: [Conversation] = []
        for start in stride(from: 0, to: payloads.count, by: batch) {
            let some = payloads[start..<min(start + batch, payloads.count)]
            all += try holdTogether(
                Array(some),
                port: port,
                expected: expected,
                quiet: quiet,
                timeout: timeout
            )
        }
        return all
    }
}

private struct OpenConversation {
    let socket: Int32
    let isHead: Bool
    var said = Conversation()
    var lastInput = ContinuousClock.now
    var isOver = false

    mutating func read() throws {
        lastInput = .now
        said.isClosed = !receiveAvailable(from: socket, into: &said.remainder)
        while let response = try TestResponse.take(
            from: &said.remainder,
            isHead: isHead,
            isClosed: said.isClosed
        ) {
            said.responses.append(response)
        }
        isOver = said.isClosed
    }
}

private func holdTogether(
    _ payloads: [[UInt8]],
    port: UInt16,
    expected: Int,
    quiet: Duration,
    timeout: Duration
) throws -> [Conversation] {
    var open: [OpenConversation] = []
    defer { for conversation in open { close(conversation.socket) } }
    for payload in payloads {
        let isHead = payload.starts(with: Array("HEAD ".utf8))
        open.append(OpenConversation(socket: try connectSocket(port: port), isHead: isHead))
        // A server may refuse and close before it has everything: that is an answer too.
        try? sendAll(payload, to: open[open.count - 1].socket)
    }
    let end = ContinuousClock.now + timeout
    while ContinuousClock.now < end {
        for index in open.indices where !open[index].isOver {
            let conversation = open[index]
            let isSilent = ContinuousClock.now - conversation.lastInput > quiet
            open[index].isOver = isSilent && conversation.said.responses.count >= expected
        }
        let waiting = open.indices.filter { !open[$0].isOver }
        if waiting.isEmpty { break }
        var entries = waiting.map {
            pollfd(fd: open[$0].socket, events: Int16(POLLIN), revents: 0)
        }
        poll(&entries, nfds_t(entries.count), Int32(quiet.milliseconds))
        for (entry, index) in zip(entries, waiting) where entry.revents != 0 {
            try open[index].read()
        }
    }
    return open.map(\.said)
}
