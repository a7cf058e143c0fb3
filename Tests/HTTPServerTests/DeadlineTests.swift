import HTTPServer
import HTTPTestClient
import Testing

/// Where a slow client stands when it slows down.
private enum Phase: CaseIterable {
    case requestLine
    case head
    case body

    var sent: String {
        switch self {
        case .requestLine: "GET /"
        case .head: "GET / HTTP/1.1\r\nHost: a\r\nX: "
        case .body: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
        }
    }
}

@Suite struct DeadlineTests {
    @Test("closes on a client that sends a byte now and then", arguments: Phase.allCases)
    private func closesDrips(phase: Phase) throws {
        let server = try EchoServer {
            $0.idleTimeout = .seconds(60)
            $0.headerDeadline = .milliseconds(400)
            $0.bodyDeadline = .milliseconds(400)
        }
        let start = ContinuousClock.now
        // 60 bytes 20 ms apart take 1.2 s, which is past the deadline and never silent.
        let script = Conversation.Script(
            pieces: [Array(phase.sent.utf8)] + Array(repeating: [UInt8(ascii: "x")], count: 60),
            answers: .max
        )
        let said = try Conversation.hold(
            Array(repeating: script, count: 3),
            port: server.port,
            pause: .milliseconds(20)
        )
        #expect(said.allSatisfy { $0.isClosed && $0.statuses.isEmpty })
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(try eventually(server.isDeserted))
    }

    @Test("closes on a client that drips its second request")
    func closesLaterDrips() throws {
        let server = try EchoServer {
            $0.idleTimeout = .seconds(1)
            $0.headerDeadline = .milliseconds(300)
        }
        let script = Conversation.Script(
            pieces: [Array("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /".utf8)]
                + Array(repeating: [UInt8(ascii: "x")], count: 100),
            answers: .max
        )
        let said = try Conversation.hold([script], port: server.port, pause: .milliseconds(20))
        #expect(said[0].statuses == [200])
        #expect(said[0].isClosed)
    }

    @Test("closes on a client that does not read its answer")
    func closesOnSlowReaders() throws {
        let server = try EchoServer { $0.responseDeadline = .milliseconds(500) }
        let connection = try TestConnection(port: server.port)
        connection.setReceiveBuffer(bytes: 4096)
        try connection.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(eventually { server.service.targets == ["/large"] })
        #expect(try eventually(server.isDeserted))
    }

    @Test("closes a silent connection")
    func closesIdle() throws {
        let server = try EchoServer { $0.idleTimeout = .seconds(1) }
        let connection = try TestConnection(port: server.port)
        #expect(try connection.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
        #expect(try connection.readToEnd().isEmpty)
    }

    @Test("lets a client that keeps within its deadlines take its time")
    func letsSteadyClientsBe() throws {
        let server = try EchoServer { $0.headerDeadline = .seconds(20) }
        let script = Conversation.Script(
            pieces: Array("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n".utf8).map { [$0] }
        )
        let said = try Conversation.hold([script], port: server.port, pause: .milliseconds(20))
        #expect(said[0].responses.first?.text == "GET /slow body=0<>")
    }
}
