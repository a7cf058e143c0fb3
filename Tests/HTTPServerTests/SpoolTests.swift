import Foundation
import HTTPServer
import HTTPTestClient
import Testing

@Suite struct SpoolTests {
    private static func head(_ count: Int) -> String {
        "POST /spool HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(count)\r\n\r\n"
    }

    @Test("a long body goes through a file, and back as the client reads")
    func echoes() throws {
        let server = try EchoServer(EchoService(bodyLimit: 8 << 20))
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let connection = try TestConnection(port: server.port)
        try connection.send(Array(Self.head(body.count).utf8) + body)
        let answer = try connection.readResponse()
        #expect(answer.status == 200)
        #expect(Self.content(answer.body) == body)
        #expect(try eventually(server.isDeserted))
    }

    /// The content of a chunked body.
    private static func content(_ body: [UInt8]) -> [UInt8] {
        var content: [UInt8] = []
        var rest = body[...]
        while let end = rest.firstRange(of: [0x0D, 0x0A]) {
            let digits = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            guard let count = Int(digits, radix: 16), count > 0 else { break }
            content += rest[end.upperBound...].prefix(count)
            rest = rest[end.upperBound...].dropFirst(count + 2)
        }
        return content
    }

    @Test("a spooled body that is too long is refused")
    func tooLong() throws {
        let server = try EchoServer(EchoService(bodyLimit: 1000))
        let connection = try TestConnection(port: server.port)
        #expect(try connection.exchange(Self.head(1001)).status == 413)
    }

    @Test("a body that makes progress outlives the deadline, and one that drips does not")
    func deadlines() throws {
        let server = try EchoServer(EchoService(bodyLimit: 8 << 20)) {
            $0.bodyDeadline = .milliseconds(500)
            $0.idleTimeout = .seconds(60)
        }
        let piece = [UInt8](repeating: 0x61, count: 50_000)
        let start = ContinuousClock.now
        let steady = try TestConnection(port: server.port)
        try steady.send(Self.head(15 * piece.count))
        for _ in 0..<15 {
            try steady.send(piece)
            Thread.sleep(forTimeInterval: 0.1)
        }
        #expect(try steady.readResponse().status == 200)
        #expect(ContinuousClock.now - start > .seconds(1.2))
        let script = Conversation.Script(
            pieces: [Array(Self.head(1000).utf8)]
                + Array(repeating: [UInt8(ascii: "x")], count: 100),
            answers: .max
        )
        let said = try Conversation.hold([script], port: server.port, pause: .milliseconds(20))
        #expect(said[0].isClosed && said[0].statuses.isEmpty)
    }
}
