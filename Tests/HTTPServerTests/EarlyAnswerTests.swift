import HTTPServer
import HTTPTestClient
import Testing

private let head = "POST /p HTTP/1.1\r\nHost: a\r\n"
private let chunked = head + "Transfer-Encoding: chunked\r\n\r\n"
private let tooLarge = #"{"code":"body_too_large"}"#

/// A chunk that is larger than the echo service's limit.
private let largeChunk = "11000\r\n" + String(repeating: "c", count: 0x11000) + "\r\n"

private let earlyRefusals: [(fields: String, status: Int)] = [
    ("POST /refused HTTP/1.1\r\nHost: a\r\n", 401), ("GET /p HTTP/1.1\r\nHost: a\r\n", 400),
    (head + "Content-Encoding: gzip\r\n", 415), (head + "Host: b\r\n", 400),
    (head + "Expect: 100-continue\r\n", 413), (head + "No colon\r\n", 400),
    ("POST /p HTTP/3.0\r\nHost: a\r\n", 505),
    (head + "X: LONG\r\n", 431),
]

@Suite struct EarlyAnswerTests {
    @Test(
        "a client that sends its whole body before it reads gets the refusal",
        arguments: [
            (1, 50, .plain), (10, 8, .plain), (100, 2, .plain), (1, 10, .tls), (10, 2, .tls),
        ] as [(Int, Int, Transport)],
        [false, true]
    )
    func reachesBlindClient(
        size: (megabytes: Int, rounds: Int, transport: Transport),
        isChunked: Bool
    ) throws {
        let server = try EchoServer(over: size.transport)
        let megabyte = Array(repeating: UInt8(ascii: "b"), count: 1_000_000)
        let count = size.megabytes * megabyte.count
        for _ in 0..<size.rounds {
            let client = try TestConnection(port: server.port)
            try client.send(
                isChunked
                    ? chunked + String(count, radix: 16) + "\r\n"
                    : head + "Content-Length: \(count)\r\n\r\n"
            )
            // Throws if the connection is reset meanwhile.
            for _ in 0..<size.megabytes { try client.send(megabyte) }
            if isChunked { try client.send("\r\n0\r\n\r\n") }
            let answer = try client.readResponse()
            #expect(answer.description == "413 " + tooLarge)
            #expect(answer.header("Content-Type") == "application/problem+json")
            #expect(answer.header("Connection") == "close")
            #expect(answer.header("Date")?.hasSuffix(" GMT") == true)
            #expect(try client.readToEnd().isEmpty)
        }
        #expect(server.service.targets.isEmpty)
    }

    @Test(
        "whatever is refused amid a body reaches its client",
        arguments: earlyRefusals,
        Transport.allCases
    )
    func reachesEveryClient(
        refusal: (fields: String, status: Int),
        transport: Transport
    ) throws {
        let server = try EchoServer(over: transport)
        let body = String(repeating: "b", count: 2_000_000)
        // Spelled out it would be the test's name.
        let fields = refusal.fields.replacing("LONG", with: String(repeating: "x", count: 40_000))
        for _ in 0..<10 {
            let client = try TestConnection(port: server.port)
            try client.send(fields + "Content-Length: \(body.utf8.count)\r\n\r\n" + body)
            #expect(try client.readResponse().status == refusal.status)
            #expect(try client.readToEnd().isEmpty)
        }
    }

    @Test(
        "a body that has no end is answered when it is too large",
        arguments: Transport.allCases
    )
    func answersEndlessBody(transport: Transport) throws {
        let server = try EchoServer(over: transport)
        let client = try TestConnection(port: server.port)
        try client.send(chunked + largeChunk)
        #expect(try client.readResponse(timeout: .seconds(5)).description == "413 " + tooLarge)
        for _ in 0..<100 { try client.send(largeChunk) }
    }

    @Test("a refused client that says no more is let go, and so is one that says little for ever")
    func endsLingering() throws {
        let server = try EchoServer { $0.lingerDeadline = .seconds(3) }
        let silent = try TestConnection(port: server.port)
        let slow = try TestConnection(port: server.port)
        for client in [silent, slow] {
            try client.send(head + "Content-Length: 9000000\r\n\r\n")
            #expect(try client.readResponse().status == 413)
        }
        #expect(eventually { server.http.connectionCount == 0 })
        let isOver = try eventually(within: .seconds(15)) {
            // Fails once the server has let go.
            try? slow.send("b")
            return try openServerSockets(port: server.http.port) == 0
        }
        #expect(isOver)
    }

    @Test("few refused clients are waited for at once, and nobody else waits for them")
    func boundsLingering() throws {
        let server = try EchoServer {
            $0.threads = 2
            $0.connectionLimit = 8
        }
        let refused = try (0..<60).map { _ in
            let client = try TestConnection(port: server.port)
            try client.send(head + "Content-Length: 9000000\r\n\r\n")
            #expect(try client.readResponse().status == 413)
            return client
        }
        // A half of the 32 sockets that are accepted beyond the limit.
        #expect(try eventually { try openServerSockets(port: server.http.port) <= 16 })
        let other = try TestConnection(port: server.port)
        #expect(try other.exchange("GET /p HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
        #expect(refused.count == 60)
    }

    @Test("a request behind the last one of a connection does not take its answer away")
    func keepsLastAnswer() throws {
        let server = try EchoServer()
        let more = String(repeating: "GET /more HTTP/1.1\r\nHost: a\r\n\r\n", count: 10_000)
        for _ in 0..<20 {
            let client = try TestConnection(port: server.port)
            try client.send(chunked + "2\r\nhi\r\n0\r\n\r\n" + more)
            #expect(try client.readResponse().description == "200 POST /p body=2<hi>")
            #expect(try client.readToEnd().isEmpty)
        }
        #expect(!server.service.targets.contains("/more"))
    }

    @Test("a server that stops amid requests that cannot be parsed ends")
    func stopsAmidPages() throws {
        for _ in 0..<40 {
            let server = try EchoServer()
            let clients = try (0..<60).map { _ in try TestConnection(port: server.port) }
            for client in clients { try client.send("GET /p HTTP/9.9\r\n\r\n") }
        }
    }
}
