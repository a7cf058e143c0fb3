import HTTPServer
import HTTPTestClient
import Testing

private let limit = 100_000

@Suite struct BodyLimitTests {
    private let server: Result<EchoServer, any Error> = Result {
        try EchoServer(EchoService(bodyLimit: limit))
    }

    @Test("takes a body of exactly the limit", arguments: [false, true])
    func takesLimit(isChunked: Bool) throws {
        let connection = try TestConnection(port: server.get().port)
        try connection.send(post(count: limit, isChunked: isChunked))
        let answer = try connection.readResponse()
        #expect(answer.status == 200)
        #expect(answer.text.hasPrefix("POST /p body=\(limit)<bbb"))
    }

    @Test("refuses an announced body that is too long before it is sent")
    func refusesBeforeBody() throws {
        let connection = try TestConnection(port: server.get().port)
        let answer = try connection.exchange(
            "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: \(limit + 1)\r\n\r\n"
        )
        #expect(answer.status == 413)
        #expect(answer.text == #"{"code":"body_too_large"}"#)
        #expect(try connection.readToEnd().isEmpty)
    }

    @Test("tells a client that sends too much without asking", arguments: [false, true])
    func tellsBlindSenders(isChunked: Bool) throws {
        let script = Conversation.Script(
            post(count: 10 * limit, isChunked: isChunked),
            answers: .max
        )
        let said = try Conversation.hold(
            Array(repeating: script, count: 100),
            port: server.get().port,
            batch: 10
        )
        #expect(said.count { $0.statuses == [413] } == 100)
        #expect(try server.get().service.targets.isEmpty)
    }

    @Test("takes no more than the announced length as the body")
    func keepsToLength() throws {
        let connection = try TestConnection(port: server.get().port)
        try connection.send(
            "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcdef\r\n\r\n"
        )
        #expect(try connection.readResponse().text == "POST /p body=3<abc>")
        try connection.readToEnd()
        #expect(try server.get().service.targets == ["/p"])
    }

    @Test("takes a large body in many pieces whole")
    func takesManyPieces() throws {
        let connection = try TestConnection(port: server.get().port)
        let body = (0..<limit).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        try connection.send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: \(limit)\r\n\r\n")
        try connection.send(
            pieces: stride(from: 0, to: limit, by: 9_999).map {
                Array(body[$0..<min($0 + 9_999, limit)])
            }
        )
        #expect(
            try connection.readResponse().text.hasSuffix(
                "<\(String(decoding: body, as: UTF8.self))>"
            )
        )
    }

    private func post(count: Int, isChunked: Bool) -> [UInt8] {
        let body = Array(repeating: UInt8(ascii: "b"), count: count)
        let head = "POST /p HTTP/1.1\r\nHost: a\r\n"
        return isChunked
            ? Array(
                (head + "Transfer-Encoding: chunked\r\n\r\n\(String(count, radix: 16))\r\n").utf8
            )
                + body + Array("\r\n0\r\n\r\n".utf8)
            : Array((head + "Content-Length: \(count)\r\n\r\n").utf8) + body
    }
}
