import Foundation
import HTTPServer
import HTTPTestClient
import Memory
import Testing

/// Half of it is for bodies.
private let budget = 1 << 20

@Suite struct BodyMemoryTests {
    private let memory = MemoryBudget(limit: budget)
    private let server: EchoServer

    init() throws {
        let memory = memory
        server = try EchoServer(EchoService(bodyLimit: 8 << 20)) { $0.memory = memory }
    }

    private func post(_ count: Int, isChunked: Bool = false) -> [UInt8] {
        let body = String(repeating: "b", count: count)
        let head = "POST /p HTTP/1.1\r\nHost: a\r\n"
        return Array(
            isChunked
                ? (head + "Transfer-Encoding: chunked\r\n\r\n"
                    + String(count, radix: 16) + "\r\n" + body + "\r\n0\r\n\r\n").utf8
                : (head + "Content-Length: \(count)\r\n\r\n" + body).utf8
        )
    }

    @Test(
        "refuses a body for which there is no memory, and takes small ones",
        arguments: [false, true]
    )
    func refuses(isChunked: Bool) throws {
        let connection = try TestConnection(port: server.port)
        try connection.send(post(budget, isChunked: isChunked))
        let answer = try connection.readResponse()
        #expect(answer.status == 503)
        #expect(answer.text == #"{"code":"out_of_memory"}"#)
        #expect(memory.reserved(for: .body) == 0)
        let taken = memory.reserve(budget, for: .work)
        let small = try TestConnection(port: server.port)
        try small.send(post(60_000, isChunked: isChunked))
        #expect(try small.readResponse().status == 200)
        #expect(taken != nil)
    }

    @Test("gives the memory of a body back, whatever becomes of the request")
    func givesBack() throws {
        for target in ["/p", "/later/p"] {
            let connection = try TestConnection(port: server.port)
            let text = String(decoding: post(300_000), as: UTF8.self)
            try connection.send(text.replacingOccurrences(of: "/p", with: target))
            if target == "/p" { #expect(try connection.readResponse().status == 200) }
            #expect(eventually { memory.reserved(for: .body) == 0 })
        }
        do {
            let broken = try TestConnection(port: server.port)
            try broken.send(post(300_000).dropLast(10))
            #expect(eventually { memory.reserved(for: .body) > 0 })
        }
        #expect(eventually { memory.reserved(for: .body) == 0 })
    }

    @Test("keeps what an answer holds until it is sent, and lets it go once")
    func keepsContent() throws {
        final class Kept: Sendable {
            let gone: @Sendable () -> Void
            init(_ gone: @escaping @Sendable () -> Void) { self.gone = gone }
            deinit { gone() }
        }
        let count = Guarded(0)
        let connection = try TestConnection(port: server.port)
        try connection.send("GET /later/x HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(eventually { server.service.deferredCount == 1 })
        let body = Array(repeating: UInt8(ascii: "x"), count: 3 << 20)
        let responder = server.service.nextDeferred()
        responder?.respond(
            HTTPResponse(
                status: 200,
                body: body,
                keeping: Kept { count.withLock { $0 += 1 } }
            )
        )
        Thread.sleep(forTimeInterval: 0.1)
        #expect(count.withLock { $0 } == 0)
        #expect(try connection.readResponse().body == body)
        #expect(eventually { count.withLock { $0 } == 1 })
    }
}
