import HTTPServer
import HTTPTestClient
import Testing

private let request = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite struct ConnectionLimitTests {
    @Test("closes connections beyond the limit of one address")
    func limitsAddress() throws {
        let server = try EchoServer { $0.perAddressConnectionLimit = 3 }
        let allowed = try (0..<3).map { _ in try TestConnection(port: server.port) }
        for connection in allowed { #expect(try connection.exchange(request).status == 200) }
        let refused = try TestConnection(port: server.port)
        #expect(try refused.readToEnd().isEmpty)
        for connection in allowed { #expect(try connection.exchange(request).status == 200) }
    }

    @Test("lets connections beyond the limit wait until one closes")
    func limitsConnections() throws {
        let server = try EchoServer {
            $0.threads = 2
            $0.connectionLimit = 4
        }
        var allowed: [TestConnection] = []
        for _ in 0..<4 {
            let connection = try TestConnection(port: server.port)
            #expect(try connection.exchange(request).status == 200)
            allowed.append(connection)
        }
        let waiting = try TestConnection(port: server.port)
        try waiting.send(request)
        #expect(throws: TestClientError.self) {
            try waiting.readResponse(timeout: .milliseconds(100))
        }
        allowed.removeAll()
        #expect(try waiting.readResponse().status == 200)
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
