import Foundation
import HTTPServer
import HTTPTestClient
import Testing

private let request = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite struct TLSTests {
    @Test(
        "speaks TLS 1.2 and 1.3 with forward secrecy, and nothing older or weaker",
        arguments: [
            ("NORMAL:-VERS-ALL:+VERS-TLS1.3", "TLS1.3"),
            ("NORMAL:-VERS-ALL:+VERS-TLS1.2", "TLS1.2"),
            ("NORMAL:-VERS-ALL:+VERS-TLS1.1", nil), ("NORMAL:-VERS-ALL:+VERS-TLS1.0", nil),
            ("NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC", nil),
            ("NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA", nil),
        ]
    )
    func speaks(priorities: String, version: String?) throws {
        let server = try EchoServer(over: .tls)
        let client = try? TLSClient(port: server.http.port, priorities: priorities)
        #expect(client?.version == version)
        if let client { #expect(try client.exchange(request).text == "GET /x body=0<>") }
    }

    @Test("a client that wants to shake hands once more is refused")
    func refusesRenegotiation() throws {
        let server = try EchoServer(over: .tls)
        let client = try TLSClient(
            port: server.http.port,
            priorities: "NORMAL:-VERS-ALL:+VERS-TLS1.2"
        )
        #expect(try client.exchange(request).status == 200)
        let noRenegotiation: UInt32 = 100
        #expect(client.renegotiate() == noRenegotiation)
        #expect(try eventually(server.isDeserted))
    }

    @Test("a new certificate is for new connections, and no request is lost over it")
    func replaces() throws {
        let (old, new) = (sharedCertificate, TestCertificate("new"))
        let identity = try TLSIdentity(old)
        let server = try EchoServer { $0.tls = identity }
        let port = server.http.port
        let early = try TLSClient(port: port)
        let before = early.certificate
        let isOver = Guarded(false)
        let answers = Guarded(0)
        let clients = DispatchGroup()
        for _ in 0..<4 {
            DispatchQueue.global().async(group: clients) {
                while !isOver.withLock({ $0 }) {
                    for _ in 0..<3 {
                        guard let client = try? TLSClient(port: port),
                            (try? client.exchange(request).status) == 200
                        else { return answers.withLock { $0 = -1_000_000 } }
                    }
                    answers.withLock { $0 += 1 }
                }
            }
        }
        var round = 0
        // Goes on until all have been answered, on a busy machine too.
        while round < 200 || (round < 20_000 && answers.withLock { (0..<4).contains($0) }) {
            let pair = round.isMultiple(of: 2) ? new : old
            try identity.replace(certificate: pair.certificate, key: pair.key)
            round += 1
            usleep(1000)
        }
        try identity.replace(certificate: new.certificate, key: new.key)
        isOver.withLock { $0 = true }
        clients.wait()
        #expect(answers.withLock { $0 } >= 4)
        #expect(try TLSClient(port: port).certificate != before)
        #expect(try early.exchange(request).status == 200)
    }

    @Test("a certificate or a key that cannot be used is named, and the ones in use stay")
    func refuses() throws {
        let good = sharedCertificate
        let other = TestCertificate("other")
        let late = TestCertificate("late", from: -7200, to: -3600)
        let early = TestCertificate("early", from: 3600, to: 7200)
        let identity = try TLSIdentity(good)
        let server = try EchoServer { $0.tls = identity }
        let before = try TLSClient(port: server.http.port).certificate
        let no: [UInt8] = []
        let cases: [([UInt8], [UInt8], TLSIdentityError)] = [
            (no, good.key, .badCertificate), (good.key, good.key, .badCertificate),
            (Array(good.certificate.prefix(300)), good.key, .badCertificate),
            (good.certificate, no, .badKey), (good.certificate, good.certificate, .badKey),
            (good.certificate, good.encryptedKey, .encryptedKey),
            (good.certificate, other.key, .mismatch), (late.certificate, late.key, .expired),
            (early.certificate, early.key, .notYetValid),
        ]
        for (certificate, key, error) in cases {
            #expect(throws: error) { try identity.replace(certificate: certificate, key: key) }
            #expect(throws: error) { try TLSIdentity(certificate: certificate, key: key) }
        }
        #expect(try TLSClient(port: server.http.port).certificate == before)
    }

    @Test("a client that does not shake hands in time, or speaks in the clear, is let go")
    func limitsHandshake() throws {
        let server = try EchoServer(over: .tls) { $0.headerDeadline = .milliseconds(500) }
        let silent = try TestConnection(port: server.http.port)
        let slow = try TestConnection(port: server.http.port)
        // The start of a client hello.
        try slow.send([22, 3, 1])
        let plain = try TestConnection(port: server.http.port)
        try plain.send(request)
        for client in [silent, slow, plain] {
            try client.readToEnd(timeout: .seconds(10))
        }
        #expect(try eventually(server.isDeserted))
    }

    @Test("handshakes that are broken off leave nothing behind")
    func forgetsHandshakes() throws {
        let server = try EchoServer(over: .tls)
        for index in 0..<500 {
            let client = try TestConnection(port: server.http.port)
            if index.isMultiple(of: 2) { client.resetOnClose() }
            try client.send([22, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3])
        }
        #expect(try TLSClient(port: server.http.port).exchange(request).status == 200)
        #expect(try eventually(server.isDeserted))
    }

    @Test("a deferred answer, a stream and a large answer arrive over TLS")
    func sendsEveryAnswer() throws {
        let server = try EchoServer(over: .tls)
        let large = try TestConnection(port: server.port)
        let answer = try large.exchange("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.body.count == 4 << 20)
        for isStream in [false, true] {
            let client = try TestConnection(port: server.port)
            try client.send("GET /later/x HTTP/1.0\r\n\r\n")
            #expect(eventually { server.service.deferredCount == 1 })
            let responder = try #require(server.service.nextDeferred())
            if isStream {
                let stream = try #require(responder.stream(HTTPResponse(status: 200)))
                for _ in 0..<1000 {
                    let isSent = eventually { stream.send(Array(repeating: 0x61, count: 1000)) }
                    #expect(isSent)
                }
                stream.finish()
                #expect(try client.readResponse().body.count == 1_000_000)
            } else {
                responder.respond(HTTPResponse(status: 201))
                #expect(try client.readResponse().status == 201)
            }
        }
        #expect(try eventually(server.isDeserted))
    }

    @Test("a stream notices that its client has left over TLS")
    func noticesDeparture() throws {
        let server = try EchoServer(over: .tls)
        var client: TestConnection? = try TestConnection(port: server.port)
        try client?.send("GET /later/x HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(eventually { server.service.deferredCount == 1 })
        let responder = try #require(server.service.nextDeferred())
        let stream = try #require(responder.stream(HTTPResponse(status: 200)))
        client = nil
        #expect(eventually { stream.isOver })
        #expect(try eventually(server.isDeserted))
    }
}
