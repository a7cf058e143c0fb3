import HTTPServer
import HTTPTestClient
import Testing

private let request = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"

/// A server with as many connections as it takes, each of which has had an answer.
private struct FullServer {
    let server: EchoServer
    private(set) var served: [TestConnection]

    init(_ limit: Int = 4) throws {
        server = try EchoServer {
            $0.threads = 2
            $0.connectionLimit = limit
        }
        let port = server.port
        served = try (0..<limit).map { _ in try TestConnection(port: port) }
        for connection in served { #expect(try connection.exchange(request).status == 200) }
    }

    /// Closes a connection and waits until a new one is served in its place.
    mutating func replaceOne() throws {
        served.removeFirst()
        let port = server.port
        var new: TestConnection?
        let isServed = try eventually {
            new = try TestConnection(port: port)
            return try new?.exchange(request).status == 200
        }
        #expect(isServed)
        if let new { served.append(new) }
    }
}

private enum UnwantedRequest: CaseIterable {
    case withoutBody
    case shortBody
    case longBody
    case chunkedBody
    case invitedBody

    var text: String {
        let head = "POST /x HTTP/1.1\r\nHost: a\r\n"
        let chunk = "1000\r\n" + String(repeating: "c", count: 4096) + "\r\n"
        switch self {
        case .withoutBody: return request
        case .shortBody: return head + "Content-Length: 3\r\n\r\nabc"
        case .longBody:
            let body = String(repeating: "b", count: 1_000_000)
            return head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
        case .chunkedBody:
            let body = String(repeating: chunk, count: 99) + "0\r\n\r\n"
            return head + "Transfer-Encoding: chunked\r\n\r\n" + body
        case .invitedBody: return head + "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n"
        }
    }
}

@Suite struct ConnectionLimitTests {
    @Test("answers every request of one address, however many connections", arguments: [256, 1000])
    func servesProxy(count: Int) throws {
        let server = try EchoServer()
        let proxy = try (0..<count).map { _ in try TestConnection(port: server.port) }
        for _ in 0..<5 {
            for connection in proxy { try connection.send(request) }
            for connection in proxy { #expect(try connection.readResponse().status == 200) }
        }
        #expect(server.service.targets.count == 5 * count)
        #expect(server.service.turnedAway.isEmpty)
    }

    @Test(
        "answers a new connection 503 when every place is taken, also one that sends a body",
        arguments: UnwantedRequest.allCases
    )
    fileprivate func refusesWhenFull(unwanted: UnwantedRequest) throws {
        let full = try FullServer()
        let refused = try TestConnection(port: full.server.port)
        // Fails with EPIPE or ECONNRESET if the server closes before it has read everything.
        let answer = try refused.exchange(unwanted.text)
        #expect(answer.status == 503)
        #expect(answer.text == #"{"code":"connections_full"}"#)
        #expect(answer.header("connection") == "close")
        #expect(try refused.readToEnd().isEmpty)
        #expect(full.server.service.turnedAway == [.connectionsFull])
        for connection in full.served { #expect(try connection.exchange(request).status == 200) }
    }

    @Test("gives a place that becomes free to the next connection")
    func reusesPlaces() throws {
        var full = try FullServer()
        for _ in 0..<20 { try full.replaceOne() }
        for connection in full.served { #expect(try connection.exchange(request).status == 200) }
    }

    @Test("ends the oldest connection without a complete head when there are too many")
    func endsHeadless() throws {
        let server = try EchoServer {
            $0.threads = 2
            $0.connectionLimit = 4
        }
        let served = try TestConnection(port: server.port)
        #expect(try served.exchange(request).status == 200)
        let silent = try TestConnection(port: server.port)
        #expect(eventually { server.http.connectionCount == 2 })
        let slow = try TestConnection(port: server.port)
        try slow.send("GET /slow-head HTTP/1.1\r\nHo")
        #expect(eventually { server.http.connectionCount == 3 })
        let late = try TestConnection(port: server.port)
        #expect(eventually { server.http.connectionCount == 4 })

        let new = try TestConnection(port: server.port)
        #expect(try new.exchange(request).status == 200)
        #expect(try silent.readToEnd().isEmpty)
        let next = try TestConnection(port: server.port)
        #expect(try next.exchange(request).status == 200)
        #expect(try slow.readToEnd().isEmpty)
        // The client may see the end before the service is told.
        #expect(eventually { server.service.turnedAway == [.withoutHead, .withoutHead] })
        for connection in [served, late, new, next] {
            #expect(try connection.exchange(request).status == 200)
        }
        // Now all four have had a head.
        #expect(try TestConnection(port: server.port).exchange(request).status == 503)
    }

    @Test("answers 503 though hundreds of silent connections came before, and ends those")
    func survivesSilentFlood() throws {
        let full = try FullServer()
        let silent = try (0..<300).map { _ in try TestConnection(port: full.server.port) }
        #expect(try TestConnection(port: full.server.port).exchange(request).status == 503)
        for connection in full.served { #expect(try connection.exchange(request).status == 200) }
        for connection in silent { #expect(try connection.readToEnd().isEmpty) }
        #expect(eventually { full.server.http.connectionCount == 4 })
    }

    @Test("answers everybody in a storm of new connections, 200 or 503")
    func answersStorm() throws {
        let server = try EchoServer {
            $0.threads = 2
            $0.connectionLimit = 8
        }
        let storm = try (0..<400).map { _ in
            let connection = try TestConnection(port: server.port)
            try connection.send(request)
            return connection
        }
        let statuses = storm.map { try? $0.readResponse().status }
        #expect(statuses.count { $0 == 200 } >= 8)
        // One that waited for this thread between connecting and sending may have been ended.
        let ended = server.service.turnedAway.count { $0 == .withoutHead }
        #expect(statuses.count { $0 == nil } <= ended)
        #expect(statuses.count { $0 == 200 || $0 == 503 } >= 400 - ended)
        #expect(server.service.turnedAway.count { $0 == .connectionsFull } > 300)
    }

    @Test("counts the connections of each address where a limit is asked for")
    func limitsAddress() throws {
        let server = try EchoServer { $0.perAddressConnectionLimit = 3 }
        let other: UInt32 = 0x7f00_0002
        var places = try (0..<3).map { _ in try TestConnection(port: server.port) }
        for connection in places { #expect(try connection.exchange(request).status == 200) }
        let refused = try TestConnection(port: server.port).exchange(request)
        #expect(refused.status == 503)
        #expect(refused.text == #"{"code":"address_connections_full"}"#)
        let others = try (0..<3).map { _ in try TestConnection(port: server.port, from: other) }
        for connection in others + places {
            #expect(try connection.exchange(request).status == 200)
        }
        let more = try TestConnection(port: server.port, from: other)
        #expect(try more.exchange(request).status == 503)
        #expect(server.service.turnedAway == [.addressFull, .addressFull])
        places.removeLast()
        let isServed = try eventually {
            try TestConnection(port: server.port).exchange(request).status == 200
        }
        #expect(isServed)
    }

    @Test("serves any number of connections that become ready at once", arguments: 126...129)
    func servesManyReady(count: Int) throws {
        let server = try EchoServer {
            $0.threads = 1
            $0.connectionLimit = 400
        }
        let slow = try TestConnection(port: server.port)
        let ready = try (0..<count).map { _ in try TestConnection(port: server.port) }
        for connection in ready { #expect(try connection.exchange(request).status == 200) }
        // While the thread is kept, requests pile up; then epoll reports them together.
        try slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(eventually { server.service.targets.contains("/slow") })
        for connection in ready { try connection.send(request) }
        for connection in ready {
            // Less than the idle timeout, after which libmicrohttpd would wake up by itself.
            #expect(try connection.readResponse(timeout: .seconds(8)).status == 200)
        }
        #expect(try slow.readResponse().status == 200)
    }
}
