import Glibc
import HTTPServer
import HTTPTestClient
import Testing

/// Answers with the thread that serves.
private struct ThreadService: HTTPService {
    func admit(_ head: borrowing HTTPRequest) -> HTTPAdmission { .accept(maximumBodyBytes: 0) }

    func respond(to request: borrowing HTTPRequest) -> HTTPReply {
        .now(HTTPResponse(status: 200, body: Array("\(pthread_self())".utf8)))
    }

    func refusal(_ refusal: HTTPRefusal, of request: borrowing HTTPRequest) -> HTTPResponse {
        HTTPResponse(status: refusal.status)
    }

    func turnedAway(_ how: HTTPTurnedAway) {}
}

@Suite struct ConnectionSpreadTests {
    private static func start(threads: Int) throws -> HTTPServer {
        var configuration = HTTPServer.Configuration()
        configuration.threads = threads
        return try HTTPServer(configuration, service: ThreadService()) { _ in }
    }

    private static func thread(of connection: TestConnection) throws -> String {
        try connection.exchange("GET /x HTTP/1.1\r\nHost: a\r\n\r\n").text
    }

    @Test("each thread has its share of the connections", arguments: [1, 2, 3, 8])
    func spreads(threads: Int) throws {
        let server = try Self.start(threads: threads)
        let connections = try (0..<(threads * 8)).map { _ in
            try TestConnection(port: server.port)
        }
        let serving = try connections.map(Self.thread)
        let shares = Dictionary(grouping: serving, by: \.self).mapValues(\.count)
        #expect(shares.count == threads)
        #expect(shares.values.allSatisfy { $0 == 8 })
        // A connection stays with its thread.
        #expect(try connections.map(Self.thread) == serving)
    }

    @Test("a thread whose connections have closed gets the next ones")
    func refills() throws {
        let server = try Self.start(threads: 2)
        var connections = try (0..<16).map { _ in try TestConnection(port: server.port) }
        let left = try Self.thread(of: connections[0])
        connections = try connections.filter { try Self.thread(of: $0) != left }
        let port = server.port
        #expect(connections.count == 8)
        while server.connectionCount > 8 { usleep(1000) }
        let next = try (0..<8).map { _ in try TestConnection(port: port) }
        #expect(try next.map(Self.thread).allSatisfy { $0 == left })
    }
}
