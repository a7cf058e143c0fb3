import HTTPServer
import HTTPTestClient
import Testing

/// What a client has sent when it leaves.
private let phases = [
    "",
    "GE",
    "GET /x",
    "GET /x HTTP/1.1\r\n",
    "GET /x HTTP/1.1\r\nHost: a\r\nX: ",
    "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n",
    "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello",
    "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    "GET /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /large HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /later/x HTTP/1.1\r\nHost: a\r\n\r\n",
]

/// How it leaves.
private enum Leaving: CaseIterable {
    case halfClose
    case reset
    case close
}

@Suite struct DisconnectTests {
    @Test("keeps nothing of clients that leave in any phase", arguments: Leaving.allCases)
    private func forgets(leaving: Leaving) throws {
        let server = try EchoServer(EchoService(deadline: .milliseconds(500))) {
            $0.idleTimeout = .seconds(1)
            $0.bodyDeadline = .seconds(1)
            $0.headerDeadline = .seconds(1)
            $0.responseDeadline = .seconds(1)
        }
        // A half-closed connection stays until the server ends it.
        var halfClosed: [TestConnection] = []
        for _ in 0..<20 {
            for phase in phases {
                let connection = try TestConnection(port: server.port)
                try connection.send(phase)
                switch leaving {
                case .halfClose:
                    connection.halfClose()
                    halfClosed.append(connection)
                case .reset: connection.resetOnClose()
                case .close: break
                }
            }
        }
        for connection in halfClosed { try connection.readToEnd() }
        #expect(try eventually(server.isDeserted))
        let connection = try TestConnection(port: server.port)
        #expect(try connection.exchange("GET /after HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
    }

    @Test("answers a client that half-closes after its request")
    func answersHalfClosed() throws {
        let server = try EchoServer()
        var now = Conversation.Script("GET /x HTTP/1.1\r\nHost: a\r\n\r\n", answers: .max)
        now.halfCloses = true
        let said = try Conversation.hold(Array(repeating: now, count: 20), port: server.port)
        #expect(said.allSatisfy { $0.statuses == [200] && $0.isClosed })
    }
}
