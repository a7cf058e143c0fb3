import Dispatch
import Glibc
import HTTPServer
import HTTPTestClient
import Synchronization
import Testing

@Suite struct StopTests {
    @Test("answers what is deferred before it stops")
    func answersDeferred() throws {
        let service = EchoService()
        let server = try startServer(service)
        let waiting = try (0..<20).map { index in
            let connection = try TestConnection(port: server.port)
            try connection.send("GET /later/\(index) HTTP/1.1\r\nHost: a\r\n\r\n")
            return connection
        }
        #expect(eventually { service.deferredCount == 20 })
        server.stop()
        for connection in waiting {
            let answer = try connection.readResponse()
            #expect(answer.description == #"503 {"code":"stopping"}"#)
            #expect(answer.header("Connection") == "close")
            try connection.readToEnd()
        }
        // An answer that comes after the server is gone is dropped.
        while let responder = service.nextDeferred() {
            #expect(responder.isCancelled)
            responder.respond(HTTPResponse(status: 200))
        }
    }

    @Test("refuses connections once it no longer accepts, and serves the open ones")
    func drains() throws {
        let service = EchoService()
        let server = try startServer(service)
        let deferred = try TestConnection(port: server.port)
        try deferred.send("GET /later/x HTTP/1.1\r\nHost: a\r\n\r\n")
        let idle = try TestConnection(port: server.port)
        #expect(try idle.exchange("GET /x HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
        #expect(eventually { service.deferredCount == 1 })

        server.stopAccepting()
        server.stopAccepting()
        #expect(throws: TestClientError.self) { try TestConnection(port: server.port) }
        #expect(eventually { server.inFlight == 1 })
        let answer = try idle.exchange("GET /y HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.text == "GET /y body=0<>")
        #expect(answer.header("Connection") == "close")
        try idle.readToEnd()
        service.nextDeferred()?.respond(HTTPResponse(status: 201))
        #expect(try deferred.readResponse().status == 201)
        #expect(eventually { server.inFlight == 0 })
    }

    // A connection may be on its way from the acceptor to its thread at that moment.
    @Test("stops accepting at any moment of a busy thread")
    func stopsAcceptingWhenBusy() throws {
        for round in 0..<150 {
            let server = try startServer(EchoService())
            let port = server.port
            let clients = DispatchGroup()
            for _ in 0..<2 {
                DispatchQueue.global().async(group: clients) {
                    guard let connection = try? TestConnection(port: port) else { return }
                    while let answer = try? connection.exchange(
                        "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
                    ),
                        answer.header("Connection") == nil
                    {}
                }
            }
            usleep(UInt32(500 + round * 7))
            server.stopAccepting()
            clients.wait()
            server.stop()
        }
    }

    @Test("stops under load, each answer whole or not begun", arguments: 0..<5)
    func stopsUnderLoad(round: Int) throws {
        let service = EchoService(deadline: .milliseconds(50))
        let server = try startServer(service)
        let port = server.port
        let answers = Atomic(0)
        let broken = Atomic(0)
        let clients = DispatchGroup()
        for client in 0..<4 {
            DispatchQueue.global().async(group: clients) {
                guard let connection = try? TestConnection(port: port) else { return }
                for index in 0..<100_000 {
                    let target = index % 10 == client ? "/later/x" : "/x"
                    do {
                        let answer = try connection.exchange(
                            "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n"
                        )
                        answers.add(1, ordering: .relaxed)
                        if answer.status != 200 && answer.status != 503 {
                            broken.add(1, ordering: .relaxed)
                        }
                    } catch TestClientError.closed(let received) {
                        if !received.isEmpty { broken.add(1, ordering: .relaxed) }
                        return
                    } catch {
                        return
                    }
                }
            }
        }
        #expect(eventually { answers.load(ordering: .relaxed) > 20 })
        server.stop()
        #expect(clients.wait(timeout: .now() + 60) == .success)
        #expect(broken.load(ordering: .relaxed) == 0)
        #expect(try eventually { try openServerSockets(port: port) == 0 })
    }

    @Test("frees the port when it stops")
    func freesPort() throws {
        var port: UInt16 = 0
        for _ in 0..<10 {
            let server = try startServer(EchoService()) { $0.port = port }
            port = server.port
            let connection = try TestConnection(port: port)
            #expect(try connection.exchange("GET /x HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
            server.stop()
        }
    }
}
