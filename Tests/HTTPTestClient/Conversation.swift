internal import Glibc

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

    /// What a client says on one connection.
    public struct Script: Sendable {
        /// What to send; each piece in a packet of its own.
        public var pieces: [[UInt8]]
        /// How many answers end the conversation; until then only a close or the timeout does.
        public var answers: Int
        /// Whether the client says after the last piece that no more will come.
        public var halfCloses = false

        /// A script that sends everything at once.
        ///
        /// - Parameters:
        ///   - bytes: what to send.
        ///   - answers: how many answers end the conversation.
        public init(_ bytes: [UInt8], answers: Int = 1) {
            self.init(pieces: [bytes], answers: answers)
        }

        /// A script that sends text at once.
        ///
        /// - Parameters:
        ///   - text: what to send.
        ///   - answers: how many answers end the conversation.
        public init(_ text: String, answers: Int = 1) {
            self.init(pieces: [Array(text.utf8)], answers: answers)
        }

        /// A script that sends piece by piece.
        ///
        /// - Parameters:
        ///   - pieces: what to send, in order.
        ///   - answers: how many answers end the conversation.
        public init(pieces: [[UInt8]], answers: Int = 1) {
            self.pieces = pieces
            self.answers = answers
        }
    }

    /// Holds many conversations at once, each on a connection of its own.
    ///
    /// A conversation ends when the server closes it, or when all answers of its script have come
    /// and nothing more came for `quiet`, or when the time is over.
    ///
    /// - Parameters:
    ///   - scripts: what to say.
    ///   - port: the server's port.
    ///   - quiet: silence after the last expected answer in which a further one would be seen.
    ///   - pause: the time between two pieces.
    ///   - timeout: the longest time for one batch.
    ///   - batch: how many connections are open at once.
    /// - Returns: a conversation for each script, in order.
    /// - Throws: `TestClientError` if a socket call fails.
    public static func hold(
        _ scripts: [Script],
        port: UInt16,
        quiet: Duration = .milliseconds(100),
        pause: Duration = .milliseconds(2),
        timeout: Duration = .seconds(20),
        batch: Int = 128
    ) throws -> [Conversation] {
        var all: [Conversation] = []
        for start in stride(from: 0, to: scripts.count, by: batch) {
            var some = try scripts[start..<min(start + batch, scripts.count)].map {
                try OpenConversation($0, port: port)
            }
            defer { for conversation in some { close(conversation.socket) } }
            sendPieces(of: some, pause: pause)
            try listen(to: &some, quiet: quiet, timeout: timeout)
            all += some.map(\.said)
        }
        return all
    }
}

private struct OpenConversation {
    let script: Conversation.Script
    let socket: Int32
    let isHead: Bool
    var said = Conversation()
    var lastInput = ContinuousClock.now

    init(_ script: Conversation.Script, port: UInt16) throws {
        self.script = script
        isHead = script.pieces.joined().starts(with: "HEAD ".utf8)
        socket = try connectSocket(port: port)
    }

    func isOver(at now: ContinuousClock.Instant, quiet: Duration) -> Bool {
        if said.isClosed { return true }
        return said.responses.count >= script.answers && now - lastInput >= quiet
    }

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
    }
}

/// Sends the first piece of every script, then the second of every script, and so on.
private func sendPieces(of conversations: [OpenConversation], pause: Duration) {
    let rounds = conversations.map(\.script.pieces.count).max() ?? 0
    for round in 0..<rounds {
        if round > 0 { usleep(UInt32(pause.milliseconds) * 1000) }
        for conversation in conversations where round < conversation.script.pieces.count {
            // A server may refuse and close before it has everything: that is an answer too.
            try? sendAll(conversation.script.pieces[round], to: conversation.socket)
        }
    }
    for conversation in conversations where conversation.script.halfCloses {
        shutdown(conversation.socket, Int32(SHUT_WR))
    }
}

private func listen(
    to conversations: inout [OpenConversation],
    quiet: Duration,
    timeout: Duration
) throws {
    let end = ContinuousClock.now + timeout
    while true {
        let now = ContinuousClock.now
        let waiting = conversations.indices.filter {
            !conversations[$0].isOver(at: now, quiet: quiet)
        }
        if waiting.isEmpty || now >= end { return }
        var entries = waiting.map {
            pollfd(fd: conversations[$0].socket, events: Int16(POLLIN), revents: 0)
        }
        poll(&entries, nfds_t(entries.count), 10)
        for (entry, index) in zip(entries, waiting) where entry.revents != 0 {
            try conversations[index].read()
        }
    }
}
