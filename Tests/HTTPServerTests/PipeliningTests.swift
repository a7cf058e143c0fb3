import HTTPServer
import HTTPTestClient
import Testing

@Suite struct PipeliningTests {
    @Test("answers 2 to 100 requests sent at once in their order", arguments: Transport.allCases)
    func keepsOrder(transport: Transport) throws {
        let server = try EchoServer(over: transport)
        let counts = (0..<200).map { 2 + $0 % 99 }
        let scripts = counts.enumerated().map { connection, count in
            Conversation.Script(
                (0..<count).map { request(connection: connection, index: $0) }.joined(),
                answers: count
            )
        }
        let said = try Conversation.hold(scripts, port: server.port, quiet: .zero)
        for (connection, (count, conversation)) in zip(counts, said).enumerated() {
            let expected = (0..<count).map { "200 POST /\(connection)/\($0) body=1<\($0 % 10)>" }
            #expect(conversation.responses.map(\.description) == expected)
        }
    }

    @Test(
        "lets go of everything when a client leaves amid pipelined requests",
        arguments: Transport.allCases
    )
    func forgetsClientsThatLeave(transport: Transport) throws {
        let server = try EchoServer(over: transport)
        for connection in 0..<50 {
            let all = (0..<20).map { request(connection: connection, index: $0) }.joined()
            let client = try TestConnection(port: server.port)
            try client.send(Array(all.utf8.prefix(all.utf8.count / 2 + connection)))
        }
        #expect(try eventually(server.isDeserted))
    }

    private func request(connection: Int, index: Int) -> String {
        "POST /\(connection)/\(index) HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n\(index % 10)"
    }
}
