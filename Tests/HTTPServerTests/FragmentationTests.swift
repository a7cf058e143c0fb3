import HTTPServer
import HTTPTestClient
import Testing

/// Fifty requests of every shape that is let through.
private let validRequests: [[UInt8]] = {
    var requests: [String] = []
    for index in 0..<10 {
        let body = String(repeating: "b", count: index)
        let field = String(repeating: "v", count: index * 3)
        requests += [
            "GET /g\(index)?q=\(index) HTTP/1.1\r\nHost: a\r\nX: \(field)\r\n\r\n",
            "HEAD /h\(index) HTTP/1.1\r\nHost: a\r\nY:\(field)\r\n\r\n",
            "POST /p\(index) HTTP/1.1\r\nHost: a\r\nContent-Length: \(index)\r\n\r\n\(body)",
            "POST /c\(index) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + (index == 0 ? "" : "\(index)\r\n\(body)\r\n") + "1;x=y\r\nz\r\n0\r\n\r\n",
            "DELETE /d\(index) HTTP/1.0\r\n\r\n",
        ]
    }
    return requests.map { Array($0.utf8) }
}()

@Suite struct FragmentationTests {
    private let server: Result<EchoServer, any Error> = Result { try EchoServer() }

    @Test(
        "answers a request split after any byte as it answers the whole",
        arguments: Transport.allCases
    )
    func splitsAnywhere(transport: Transport) throws {
        let server = try EchoServer(over: transport)
        let port = server.port
        let whole = try answers(to: validRequests.map { [$0] }, port: port)
        #expect(whole.allSatisfy { $0?.hasPrefix("200 ") == true })
        var scripts: [[[UInt8]]] = []
        var expected: [String?] = []
        for (request, answer) in zip(validRequests, whole) {
            for offset in 1..<request.count {
                scripts.append([Array(request[..<offset]), Array(request[offset...])])
                expected.append(answer)
            }
        }
        let said = try answers(to: scripts, port: port)
        for (index, answer) in said.enumerated() where answer != expected[index] {
            let pieces = scripts[index].map { String(decoding: $0, as: UTF8.self) }
            Issue.record("\(String(describing: answer)) to \(pieces)")
        }
        #expect(said.count > 2500)
    }

    @Test("answers a request that comes byte by byte as it answers the whole")
    func takesSingleBytes() throws {
        let port = try server.get().port
        let whole = try answers(to: validRequests.map { [$0] }, port: port)
        let bytewise = try answers(to: validRequests.map { $0.map { [$0] } }, port: port)
        #expect(bytewise == whole)
    }

    @Test("takes heads of any size up to the limit, however they are cut", arguments: 1...12)
    func takesLargeHeads(kilobytes: Int) throws {
        let port = try server.get().port
        let field = String(repeating: "x", count: kilobytes * 1000)
        let head = Array("GET /p HTTP/1.1\r\nHost: a\r\nX: \(field)\r\nY: 1\r\n\r\n".utf8)
        let pieces = stride(from: 0, to: head.count, by: 700).map {
            Array(head[$0..<min($0 + 700, head.count)])
        }
        #expect(
            try answers(to: [[head], pieces], port: port).allSatisfy { $0 == "200 GET /p body=0<>" }
        )
    }

    private func answers(to scripts: [[[UInt8]]], port: UInt16) throws -> [String?] {
        try Conversation.hold(
            scripts.map { Conversation.Script(pieces: $0) },
            port: port,
            quiet: .zero
        ).map { $0.responses.first?.description }
    }
}
