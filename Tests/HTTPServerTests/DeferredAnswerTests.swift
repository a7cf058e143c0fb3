import Dispatch
import HTTPServer
import HTTPTestClient
import Testing

private func later(_ name: String) -> String { "GET /later/\(name) HTTP/1.1\r\nHost: a\r\n\r\n" }

@Suite struct DeferredAnswerTests {
    @Test("sends an answer that another thread gives later")
    func answersLater() throws {
        let server = try EchoServer()
        let connection = try TestConnection(port: server.port)
        for index in 0..<5 {
            try connection.send(later("\(index)"))
            #expect(eventually { server.service.deferredCount == 1 })
            let responder = try #require(server.service.nextDeferred())
            #expect(server.http.inFlight == 1)
            #expect(!responder.isCancelled)
            DispatchQueue.global().async {
                responder.respond(HTTPResponse(status: 201, body: Array("\(index)".utf8)))
            }
            #expect(try connection.readResponse().description == "201 \(index)")
        }
        #expect(eventually { server.http.inFlight == 0 })
    }

    @Test("sends the first of several answers")
    func answersOnce() throws {
        let server = try EchoServer()
        let connection = try TestConnection(port: server.port)
        try connection.send(later("x"))
        #expect(eventually { server.service.deferredCount == 1 })
        let responder = try #require(server.service.nextDeferred())
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            responder.respond(HTTPResponse(status: 202))
        }
        #expect(responder.isCancelled)
        #expect(try connection.readResponse().status == 202)
        #expect(try connection.exchange("GET /y HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
    }

    @Test("answers 500 when the responder is let go")
    func answersForDropped() throws {
        let server = try EchoServer()
        let connection = try TestConnection(port: server.port)
        try connection.send(later("x"))
        #expect(eventually { server.service.deferredCount == 1 })
        _ = server.service.nextDeferred()
        let answer = try connection.readResponse()
        #expect(answer.description == #"500 {"code":"answer_missing"}"#)
    }

    @Test("answers 503 at the deadline, and drops what comes later")
    func answersOverdue() throws {
        let server = try EchoServer(EchoService(deadline: .milliseconds(200)))
        let connection = try TestConnection(port: server.port)
        let answer = try connection.exchange(later("x"))
        #expect(answer.description == #"503 {"code":"answer_overdue"}"#)
        let responder = try #require(server.service.nextDeferred())
        #expect(responder.isCancelled)
        responder.respond(HTTPResponse(status: 200))
        #expect(try connection.exchange("GET /y HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
    }

    @Test("knows that the client has left")
    func noticesDeparture() throws {
        let server = try EchoServer()
        do {
            let connection = try TestConnection(port: server.port)
            try connection.send(later("x"))
            #expect(eventually { server.service.deferredCount == 1 })
        }
        let responder = try #require(server.service.nextDeferred())
        #expect(eventually { responder.isCancelled })
        responder.respond(HTTPResponse(status: 200))
        #expect(try eventually(server.isDeserted))
    }

    @Test("answers pipelined requests in order although the first is answered later")
    func keepsOrder() throws {
        let server = try EchoServer()
        let connection = try TestConnection(port: server.port)
        try connection.send(later("x") + "GET /y HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(eventually { server.service.deferredCount == 1 })
        server.service.nextDeferred()?.respond(HTTPResponse(status: 201))
        #expect(try connection.readResponse().status == 201)
        #expect(try connection.readResponse().text == "GET /y body=0<>")
    }

    @Test("serves ready requests within a second while 100 others wait for their answers")
    func starvesNobody() throws {
        let server = try EchoServer()
        let waiting = try (0..<100).map { index in
            let connection = try TestConnection(port: server.port)
            try connection.send(later("\(index)"))
            return connection
        }
        #expect(eventually { server.service.deferredCount == 100 })
        let ready = try (0..<16).map { _ in try TestConnection(port: server.port) }
        for round in 0..<50 {
            for connection in ready {
                try connection.send("GET /\(round) HTTP/1.1\r\nHost: a\r\n\r\n")
            }
            for connection in ready {
                let answer = try connection.readResponse(timeout: .seconds(1))
                #expect(answer.text == "GET /\(round) body=0<>")
            }
            // Some wake up in between, so that the lists inside libmicrohttpd keep changing.
            server.service.nextDeferred()?.respond(HTTPResponse(status: 201))
        }
        while let responder = server.service.nextDeferred() {
            responder.respond(HTTPResponse(status: 201))
        }
        for connection in waiting { #expect(try connection.readResponse().status == 201) }
    }
}
