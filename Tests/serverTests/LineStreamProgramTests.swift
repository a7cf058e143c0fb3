import Foundation
import HTTPTestClient
import Testing

@Suite struct LineStreamProgramTests {
    private static func resident(_ server: TestServer) throws -> Int {
        let statm = try String(contentsOfFile: "/proc/\(server.pid)/statm", encoding: .utf8)
        return (Int(statm.split(separator: " ")[1]) ?? 0) * Int(getpagesize())
    }

    private static func head(_ length: String) -> String {
        "POST /classify?model=mood HTTP/1.1\r\nHost: localhost\r\n"
            + "Connection: close\r\nContent-Type: application/x-ndjson\r\n\(length)\r\n\r\n"
    }

    /// The content of a chunked body.
    private static func content(_ body: [UInt8]) -> String {
        var content: [UInt8] = []
        var rest = body[...]
        while let end = rest.firstRange(of: Array("\r\n".utf8)) {
            let digits = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            guard let count = Int(digits, radix: 16), count > 0 else { break }
            rest = rest[end.upperBound...]
            content += rest.prefix(count)
            rest = rest.dropFirst(count + 2)
        }
        return String(decoding: content, as: UTF8.self)
    }

    private static func server() throws -> TestServer {
        let directory = try TestDirectory()
        let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "models/mood.json")
        try FileManager.default.copyItem(
            at: shipped,
            to: URL(fileURLWithPath: directory.path + "/models/mood.json")
        )
        return try TestServer(directory, ["--trainer", "off"])
    }

    @Test("20,000 lines go through one request in constant memory", arguments: [false, true])
    func streams(isChunked: Bool) throws {
        let server = try Self.server()
        let before = try Self.resident(server)
        let count = 20_000
        let body = (0..<count).map { $0 % 1000 == 7 ? "broken\n" : "{\"text\":\"i am happy\"}\n" }
            .joined()
        let connection = try TestConnection(port: server.port)
        if isChunked {
            try connection.send(Self.head("Transfer-Encoding: chunked"))
            let size = String(body.utf8.count, radix: 16)
            try connection.send(size + "\r\n" + body + "\r\n0\r\n\r\n")
        } else {
            try connection.send(Self.head("Content-Length: \(body.utf8.count)") + body)
        }
        let answer = try connection.readResponse(timeout: .seconds(60))
        #expect(answer.status == 200)
        let lines = Self.content(answer.body).split(separator: "\n")
        #expect(lines.count == count)
        #expect(lines.count { $0.hasPrefix("{\"error\":") } == count / 1000)
        #expect(lines.count { $0.contains("\"label\":\"") } == count - count / 1000)
        let growth = try Self.resident(server) - before
        #expect(growth < 8_000_000, "\(growth) bytes")
        // Nothing of it is left on the disk.
        let files = try FileManager.default.contentsOfDirectory(
            atPath: server.directory.path + "/state"
        )
        #expect(!files.contains { $0.hasPrefix("spool") })
    }

    @Test("a client that goes in the middle leaves nothing behind")
    func leaves() throws {
        let server = try Self.server()
        for number in 0..<20 {
            let connection = try TestConnection(port: server.port)
            let lines = String(repeating: "\"so sad\"\n", count: 5000)
            // Half of them leave before the end of the body, half without reading the answer.
            let announced = number % 2 == 0 ? lines.utf8.count * 2 : lines.utf8.count
            try connection.send(Self.head("Content-Length: \(announced)") + lines)
        }
        #expect(
            eventually {
                let files = try? FileManager.default.contentsOfDirectory(
                    atPath: "/proc/\(server.pid)/fd"
                )
                let open = (files ?? []).filter { file in
                    let target = try? FileManager.default.destinationOfSymbolicLink(
                        atPath: "/proc/\(server.pid)/fd/\(file)"
                    )
                    return target?.hasSuffix("(deleted)") ?? false
                }
                return open.isEmpty
            }
        )
        let after = try TestConnection(port: server.port)
        let body = "\"so sad\"\n"
        let answer = try after.exchange(Self.head("Content-Length: \(body.utf8.count)") + body)
        #expect(answer.status == 200)
    }
}
