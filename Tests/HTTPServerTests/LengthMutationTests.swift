import HTTPServer
import HTTPTestClient
import Testing

/// Every way to place an odd byte around the two fields that frame a body.
///
/// Each mutated request carries five bytes of body, `0 CR LF CR LF`, which are also an empty
/// chunked body, and a second request behind them. A parser that is led astray runs the second
/// request although the first was not canonical.
private struct Mutation {
    let line: [UInt8]
    let hasLengthOfItsOwn: Bool
    let comesFirst: Bool

    var request: [UInt8] {
        let length = Array("Content-Length: 5\r\n".utf8)
        let mutated = line + Array("\r\n".utf8)
        var fields = comesFirst ? mutated + length : length + mutated
        if hasLengthOfItsOwn && comesFirst { fields = mutated }
        return Array("POST /first HTTP/1.1\r\nHost: a\r\n".utf8) + fields
            + Array("\r\n0\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    }

    /// Canonical in the strictest sense: names are tokens, one blank after the colon, no control
    /// character but a tab inside a value, exactly one length and no coding.
    var isCanonical: Bool {
        var rest = request[...]
        var lengths = 0
        var isFirstLine = true
        while let end = rest.firstRange(of: [13, 10]) {
            let line = rest[..<end.lowerBound]
            rest = rest[end.upperBound...]
            if line.isEmpty { break }
            defer { isFirstLine = false }
            if isFirstLine { continue }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return false }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0 == "-") })
            else { return false }
            let value = line[(colon + 1)...]
            guard value.first == UInt8(ascii: " "),
                value.allSatisfy({ $0 == 9 || ($0 >= 32 && $0 != 127) })
            else { return false }
            if name == "transfer-encoding" { return false }
            if name == "content-length" {
                lengths += 1
                if !value.elementsEqual(" 5".utf8) { return false }
            }
        }
        return lengths == 1
    }
}

/// `base` with `byte` put in each of some places, or in place of a byte.
private func mutations(with byte: UInt8) -> [[UInt8]] {
    let templates: [(String, String)] = [
        ("Transfer-Encoding:", "chunked"), ("Transfer-Encoding", ": chunked"),
        ("", "Transfer-Encoding: chunked"), ("Transfer-Encoding: chunked", ""),
        ("X: x", "Transfer-Encoding: chunked"), ("Transfer-Encoding: chunked", "X: x"),
        ("X: x\r", "Transfer-Encoding: chunked"), ("X: x", "\nTransfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked\r", "X: x"), ("Transfer-Encoding: chunked", "\nX: x"),
        ("Content-Length: 5", ""), ("Content-Length:", "5"), ("Content-Length", ": 5"),
        ("", "Content-Length: 5"), ("Content-Length: ", "5"), ("Content-Length: 5", "0"),
        ("X: x", "Content-Length: 0"),
    ]
    return templates.map { Array($0.0.utf8) + [byte] + Array($0.1.utf8) }
}

@Suite struct LengthMutationTests {
    @Test(
        "never runs a request that hides behind a mutated length or coding",
        arguments: Transport.allCases
    )
    func hidesNothing(transport: Transport) throws {
        let bytes: [UInt8] = [
            0, 1, 4, 8, 9, 10, 11, 12, 13, 0x1f, 0x20, 0x7f, 0xa0, 0xff,
        ]
        let lines =
            [
                " Transfer-Encoding: chunked", "Transfer-Encoding:\tchunked",
                "Transfer-Encoding\t:\tchunked", "Transfer-Encoding : chunked",
            ].map { Array($0.utf8) } + bytes.flatMap(mutations)
        let all = lines.flatMap { line in
            [false, true].map { comesFirst in
                Mutation(
                    line: line,
                    hasLengthOfItsOwn: line.starts(with: Array("Content-Length: 5".utf8)),
                    comesFirst: comesFirst
                )
            }
        }
        #expect(all.count == 484)
        let canonical = all.filter(\.isCanonical)
        #expect(canonical.count == 17)

        let service = EchoService()
        let server = try EchoServer(service, over: transport) {
            $0.headerDeadline = .seconds(2)
            $0.bodyDeadline = .seconds(2)
        }
        let refused = try Conversation.hold(
            all.filter { !$0.isCanonical }.map { Conversation.Script($0.request, answers: .max) },
            port: server.port
        )
        #expect(service.targets.isEmpty)
        #expect(refused.allSatisfy { $0.isClosed && !$0.statuses.contains(200) })

        let answered = try Conversation.hold(
            canonical.map { Conversation.Script($0.request, answers: 2) },
            port: server.port
        )
        #expect(answered.allSatisfy { $0.statuses == [200, 200] })
    }
}
