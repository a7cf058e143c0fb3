import Dispatch
import Foundation
import HTTPServer
import HTTPTestClient
import Testing

private let request = "GET /later/x HTTP/1.1\r\nHost: a\r\n\r\n"

extension EchoServer {
    /// Connects a client whose request waits to be answered by the stream.
    fileprivate func follow(_ text: String = request) throws -> (TestConnection, HTTPStream) {
        let connection = try TestConnection(port: port)
        try connection.send(text)
        guard eventually({ service.deferredCount > 0 }), let next = service.nextDeferred(),
            let stream = next.stream(HTTPResponse(status: 200, contentType: "text/plain"))
        else { throw TestClientError.timedOut(received: "no stream") }
        return (connection, stream)
    }
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

private func threadCount() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
}

@Suite struct StreamTests {
    @Test("sends each piece when it comes, and closes the connection behind the last")
    func sendsPieces() throws {
        let server = try EchoServer()
        let (connection, stream) = try server.follow()
        let head = try connection.read(until: "\r\n\r\n")
        #expect(head.contains("200 OK"))
        #expect(head.contains("Transfer-Encoding: chunked"))
        #expect(head.contains("Connection: close"))
        for index in 0..<50 {
            #expect(stream.send(bytes("piece \(index).")))
            try connection.read(until: "piece \(index).\r\n", timeout: .seconds(5))
            #expect(eventually { stream.pendingBytes == 0 })
        }
        #expect(!stream.isOver)
        stream.finish()
        #expect(!stream.send(bytes("late")))
        let rest = try connection.readToEnd()
        #expect(String(decoding: rest, as: UTF8.self) == "0\r\n\r\n")
        #expect(eventually { stream.isOver })
        #expect(try eventually(server.isDeserted))
    }

    @Test("what is sent at once arrives in order; the head's body comes first")
    func sendsAtOnce() throws {
        let server = try EchoServer()
        let connection = try TestConnection(port: server.port)
        try connection.send("GET /later/x HTTP/1.0\r\n\r\n")
        #expect(eventually { server.service.deferredCount == 1 })
        let responder = try #require(server.service.nextDeferred())
        let head = HTTPResponse(status: 200, headers: [("X-A", "b")], body: bytes("first,"))
        var stream = responder.stream(head)
        for index in 0..<1000 { #expect(stream?.send(bytes("\(index),")) == true) }
        #expect(responder.stream(head) == nil)
        // Letting go of it ends the body.
        stream = nil
        let text = String(decoding: try connection.readToEnd(), as: UTF8.self)
        #expect(text.contains("X-A: b\r\n"))
        #expect(!text.contains("chunked"))
        #expect(text.hasSuffix("\r\n\r\nfirst," + (0..<1000).map { "\($0)," }.joined()))
    }

    @Test("a stream for HEAD has no body")
    func head() throws {
        let server = try EchoServer()
        let (connection, stream) = try server.follow("HEAD /later/x HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(eventually { stream.isOver })
        let text = String(decoding: try connection.readToEnd(), as: UTF8.self)
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test("a silent stream outlives every timeout")
    func outlivesTimeouts() throws {
        let server = try EchoServer(EchoService(deadline: .milliseconds(200))) {
            $0.idleTimeout = .seconds(1)
            $0.responseDeadline = .milliseconds(500)
        }
        let (connection, stream) = try server.follow()
        #expect(stream.send(bytes("a")))
        Thread.sleep(forTimeInterval: 2.5)
        #expect(stream.send(bytes("b")))
        try connection.read(until: "b\r\n")
        #expect(!stream.isOver)
    }

    @Test(
        "200 clients that vanish leave no descriptor, no thread and no memory",
        arguments: [0, 1, 2]
    )
    func forgets(leaving: Int) throws {
        let server = try EchoServer()
        let threads = try threadCount()
        for _ in 0..<2 {
            var followers: [(connection: TestConnection, stream: HTTPStream)] = []
            for _ in 0..<200 { followers.append(try server.follow()) }
            for (connection, stream) in followers {
                #expect(stream.send(bytes("event")))
                try connection.read(until: "event")
            }
            #expect(try threadCount() <= threads + 8)  // Dispatch's, of this test.
            #expect(server.http.connectionCount == 200)
            for (connection, _) in followers {
                switch leaving {
                case 0: break
                case 1: connection.resetOnClose()
                default: connection.halfClose()
                }
            }
            let streams = followers.map(\.stream)
            let halfClosed = leaving == 2 ? followers.map(\.connection) : []
            followers = []
            #expect(eventually { streams.allSatisfy(\.isOver) })
            #expect(streams.allSatisfy { !$0.send(bytes("late")) })
            #expect(eventually { streams.allSatisfy { $0.pendingBytes == 0 } })
            for connection in halfClosed { try connection.readToEnd() }
            #expect(try eventually(server.isDeserted))
        }
    }

    @Test("a client that does not read holds 64 KiB and no thread, and is cut off in time")
    func cutsSlow() throws {
        let server = try EchoServer {
            $0.threads = 1
            $0.responseDeadline = .seconds(1)
        }
        let (connection, stream) = try server.follow()
        connection.setReceiveBuffer(bytes: 4096)
        let piece = bytes(String(repeating: "x", count: 1000))
        var sent = 0
        // The kernel takes some megabytes first.
        while stream.send(piece) || eventually(within: .milliseconds(200), { stream.send(piece) }) {
            sent += 1
            try #require(sent < 100_000)
        }
        #expect(stream.pendingBytes <= 64 * 1024)
        let other = try TestConnection(port: server.port)
        let answer = try other.exchange(
            "GET /y HTTP/1.1\r\nHost: a\r\n\r\n",
            timeout: .milliseconds(900)
        )
        #expect(answer.status == 200)
        #expect(eventually(within: .seconds(5)) { stream.isOver })
        #expect(stream.pendingBytes == 0)
    }

    @Test("stopping ends every stream, those of slow clients too")
    func stops() throws {
        let service = EchoService()
        let server = try startServer(service)
        var followers: [(connection: TestConnection, stream: HTTPStream)] = []
        for _ in 0..<100 {
            let connection = try TestConnection(port: server.port)
            try connection.send(request)
            #expect(eventually { service.deferredCount == 1 })
            let stream = service.nextDeferred()?.stream(HTTPResponse(status: 200))
            followers.append((connection, try #require(stream)))
        }
        let slow = followers.removeLast()
        let piece = bytes(String(repeating: "x", count: 10_000))
        while slow.stream.send(piece)
            || eventually(within: .milliseconds(50), { slow.stream.send(piece) })
        {}
        for (_, stream) in followers { #expect(stream.send(bytes("last"))) }
        server.stop()
        for (connection, stream) in followers {
            let text = String(decoding: try connection.readToEnd(), as: UTF8.self)
            #expect(text.hasSuffix("4\r\nlast\r\n0\r\n\r\n"))
            #expect(stream.isOver)
            #expect(!stream.send(bytes("late")))
        }
        #expect(slow.stream.isOver)
    }

    /// How a body that had begun ends.
    enum End: CaseIterable { case finished, letGo, stopped }

    @Test(
        "a part of a body that must be sent whole is not taken for all of it",
        arguments: End.allCases
    )
    func breaksOff(end: End) throws {
        let service = EchoService()
        let server = try startServer(service)
        let connection = try TestConnection(port: server.port)
        try connection.send(request)
        #expect(eventually { service.deferredCount == 1 })
        var responder = service.nextDeferred()
        var stream = responder?.stream(HTTPResponse(status: 200), isWhole: true)
        responder = nil
        #expect(stream?.send(bytes("part")) == true)
        try connection.read(until: "part\r\n", timeout: .seconds(5))
        switch end {
        case .finished: stream?.finish()
        case .letGo: stream = nil
        case .stopped: server.stop()
        }
        let rest = String(decoding: try connection.readToEnd(), as: UTF8.self)
        #expect((rest == "0\r\n\r\n") == (end == .finished), "\(rest)")
    }

    @Test("sending, leaving and finishing at the same moments harms nobody")
    func survivesRaces() throws {
        let server = try EchoServer()
        let senders = DispatchGroup()
        for round in 0..<200 {
            let (connection, stream) = try server.follow()
            if round.isMultiple(of: 2) { connection.resetOnClose() }
            for _ in 0..<2 {
                DispatchQueue.global().async(group: senders) {
                    for index in 0..<20 { _ = stream.send(bytes("\(index)")) }
                    stream.finish()
                }
            }
            _ = stream.send(bytes("x"))
        }
        senders.wait()
        #expect(try eventually(server.isDeserted))
    }
}
