import Foundation
import HTTPTestClient
import Testing

@testable import server

@Suite struct SlowReaderProgramTests {
    @Test("200 slow readers of a checkpoint cost 30 MB at most, and others no time")
    func slowReaders() throws {
        let directory = try TestDirectory()
        let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "models/retail-banking.json")
        let bytes = try Data(contentsOf: shipped)
        try bytes.write(to: URL(fileURLWithPath: directory.path + "/models/retail-banking.json"))
        let server = try TestServer(directory, ["--trainer", "off"])
        let before = try Self.resident(server)
        let path = "/models/retail-banking/versions/1/checkpoint"
        let readers = try (0..<200).map { number in
            let reader = try TestConnection(port: server.port)
            // The first will read on.
            if number > 0 { reader.setReceiveBuffer(bytes: 4096) }
            try reader.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return reader
        }
        var worst = Duration.zero
        let clock = ContinuousClock()
        let end = clock.now + .seconds(3)
        let other = try TestConnection(port: server.port)
        while clock.now < end {
            let took = try clock.measure {
                let body = #"{"text":"where is my card"}"#
                let answer = try other.exchange(
                    "POST /classify HTTP/1.1\r\nHost: localhost\r\n"
                        + "Content-Type: application/json\r\n"
                        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                #expect(answer.status == 200)
            }
            worst = max(worst, took)
            Thread.sleep(forTimeInterval: 0.01)
        }
        let growth = try Self.resident(server) - before
        #expect(growth < 30_000_000, "\(growth) bytes")
        // The bar is 50 ms; a machine that runs other tests meanwhile is slower.
        #expect(worst < .milliseconds(500), "\(worst)")
        let whole = try? readers[0].readResponse(timeout: .seconds(20))
        #expect(whole?.status == 200)
        #expect(whole.map { Data($0.body) == bytes } ?? false, "all of it arrives")
    }

    private static func resident(_ server: TestServer) throws -> Int {
        let statm = try String(contentsOfFile: "/proc/\(server.pid)/statm", encoding: .utf8)
        return (Int(statm.split(separator: " ")[1]) ?? 0) * Int(getpagesize())
    }

    @Test(
        "bytes are read as people write them",
        arguments: [
            ("1048576", 1_048_576), ("512M", 536_870_912), ("2g", 2_147_483_648),
            ("128MiB", 134_217_728), ("64kB", 65_536), ("", nil), ("M", nil), ("1.5G", nil),
            ("-1", nil), ("1X", nil), ("99999999999999T", nil),
        ] as [(String, Int?)]
    )
    func byteCounts(text: String, bytes: Int?) {
        #expect(ByteCount(argument: text)?.bytes == bytes)
    }
}
