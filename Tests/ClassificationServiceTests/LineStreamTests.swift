import Foundation
import HTTPServer
import Memory
import Testing

@testable import ClassificationService

@Suite struct LineStreamTests {
    private let service: TestService

    init() throws { service = try TestService() }

    private func send(_ body: String, _ query: String = "") -> Received {
        service.send(
            .post,
            "/classify" + query,
            headers: [("Content-Type", "application/x-ndjson")],
            body: Array(body.utf8)
        )
    }

    private func lines(_ answer: Received) throws -> [[String: Any]] {
        #expect(answer.text.hasSuffix("\n"))
        return try answer.text.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return try #require(object as? [String: Any])
        }
    }

    @Test("answers each line with what one text gets, strings and objects alike")
    func answers() throws {
        let answer = send("{\"text\":\"happy\"}\n\"sad\"\r\n {\"text\":\"\"} ")
        #expect(answer.status == 200)
        #expect(answer.contentType == "application/x-ndjson")
        let found = answer.text.split(separator: "\n").map(String.init)
        let single = try ["happy", "sad", ""].map { text in
            let body = try JSONSerialization.data(withJSONObject: ["text": text])
            return service.post("/classify", String(decoding: body, as: UTF8.self)).text
        }
        #expect(found == single)
    }

    private static let wrong: [(line: String, code: String)] = [
        ("", "invalid_json"), ("nonsense", "invalid_json"), ("{\"text\":\"a\"", "invalid_json"),
        ("1", "invalid_request"), ("{}", "invalid_request"), ("[\"a\"]", "invalid_request"),
        ("{\"text\":1}", "invalid_request"), ("{\"text\":\"a\",\"top_k\":1}", "invalid_request"),
        ("{\"texts\":[\"a\"]}", "invalid_request"), ("\"\\ud800\"", "invalid_json"),
        ("\"a\" \"b\"", "invalid_json"),
    ]

    @Test("a line that is wrong is answered by its number, and the others as ever")
    func wrong() throws {
        let body = Self.wrong.map { $0.line + "\n\"happy\"\n" }.joined()
        let answers = try lines(send(body))
        #expect(answers.count == 2 * Self.wrong.count)
        for (index, (line, code)) in Self.wrong.enumerated() {
            let error = try #require(answers[2 * index]["error"] as? [String: Any], "\(line)")
            #expect(error["line"] as? Int == 2 * index + 1)
            #expect(error["code"] as? String == code, "\(line)")
            #expect((error["detail"] as? String)?.hasSuffix(".") == true)
            #expect(answers[2 * index + 1]["label"] as? String == "happy")
        }
    }

    @Test("settings stand in the query, and a bad one is refused as a whole")
    func settings() throws {
        let ranked = try lines(send("\"sad\"\n", "?top_k=1&model=mood&version=1"))
        #expect((ranked[0]["ranking"] as? [Any])?.count == 1)
        let unsure = try lines(send("\"happy sad\"\n", "?min_confidence=1"))
        #expect(unsure[0]["abstained"] as? Bool == true)
        let explained = try lines(send("\"sad\"\n", "?explain=true"))
        #expect((explained[0]["explanation"] as? [Any])?.count == 1)
        let long = String(repeating: "sad ", count: 2000)
        let refused = try lines(send("\"\(long)\"\n\"sad\"\n", "?explain=true"))
        #expect((refused[0]["error"] as? [String: Any])?["code"] as? String == "invalid_request")
        #expect(refused[1]["label"] as? String == "sad")
        #expect(send("\"sad\"\n", "?top_k=0").status == 422)
        #expect(send("\"sad\"\n", "?model=none").status == 404)
        #expect(send("\"sad\"\n", "?version=7").status == 404)
        #expect(send("\"sad\"\n", "?texts=1").status == 400)
        // Large ones are refused before they are read.
        let large = String(repeating: "\"sad\"\n", count: 10_000)
        #expect(send(large, "?top_k=0").status == 422)
        #expect(send(large, "?texts=1").status == 400)
    }

    @Test("an empty body has no lines, and a last line needs no end")
    func ends() throws {
        #expect(send("\n").text.split(separator: "\n").count == 1)
        #expect(try lines(send("\"sad\"")).count == 1)
        #expect(try lines(send("\"sad\"\n")).count == 1)
    }

    @Test("a line that is too long is passed over")
    func longLines() throws {
        let long = "\"" + String(repeating: "a", count: Limits.lineBytes) + "\""
        let body = Array("\"sad\"\n\(long)\n\"happy\"\n\(long)\(long)\(long)\n\"sad\"\n".utf8)
        var lines = BodyLines(.memory(body), longest: Limits.lineBytes)
        var found: [String] = []
        loop: while true {
            switch lines.next() {
            case .line(let line): found.append(String(decoding: line, as: UTF8.self))
            case .longLine: found.append("long \(lines.number)")
            case .partOfLongLine: continue
            case .end: break loop
            case .failure: Issue.record("failure")
            }
        }
        #expect(found == ["\"sad\"", "long 2", "\"happy\"", "long 4", "\"sad\""])
    }

    @Test("lines are found wherever pieces divide them", arguments: [1, 7, 63, 64, 65, 1000])
    func pieces(length: Int) {
        let count = 200_000 / (length + 1)
        let wanted = (0..<count).map { number in
            String(repeating: "x", count: length - 1) + "\(number % 10)"
        }
        var lines = BodyLines(.memory(Array(wanted.joined(separator: "\n").utf8)), longest: 2000)
        var found: [String] = []
        while case .line(let line) = lines.next() {
            found.append(String(decoding: line, as: UTF8.self))
        }
        #expect(found == wanted)
    }

    @Test("8 streams may be under way, and one more is told so")
    func limit() throws {
        let spools = Spools(service.directory, .init(limit: 64 << 20))
        var open = try (0..<Limits.streams).map { _ in try spools.open(announced: 100) }
        #expect(throws: ServiceError.self) { try spools.open(announced: 100) }
        open.removeLast()
        #expect(throws: Never.self) { try spools.open(announced: 100) }
        #expect(throws: ServiceError.storageFull) { try spools.open(announced: 1 << 55) }
    }
}
