import HTTPServer
import Testing

/// What every route with a JSON body does with bytes that are not what they should be.
@Suite struct StrictBodyTests {
    let service: TestService

    init() throws { service = try TestService() }

    /// Every route that takes JSON.
    static let routes: [(HTTPMethod, String)] = [
        (.post, "/classify"), (.post, "/train"), (.put, "/models/mood/live"),
    ]

    func statuses(_ body: [UInt8]) -> [Int] {
        Self.routes.map { method, target in
            let type = [(name: "Content-Type", value: "application/json")]
            return service.send(method, target, headers: type, body: body).status
        }
    }

    @Test(
        "malformed JSON is a 400 everywhere",
        arguments: [
            "", " ", "{", "}", "[", "]", "{]", "nul", "tru", "NaN", "Infinity", "+1", "01", "1.",
            ".5", "1e", "--1", "0x1", "'a'", "\"", "\"\\\"", "\"\\u12\"", "\"\\ud800\"",
            "\"\\udc00\\ud800\"", "\"\t\"", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "[1,]",
            "[,1]", "[1 2]", "{\"a\":1 \"b\":2}", "{a:1}", "{\"a\":1}x", "{} {}", "// a\n{}",
            "{\"text\":\"a\",\"text\":\"b\"}", "{\"x\":{\"a\":1,\"\\u0061\":2}}", "\u{FEFF}{}",
            "1e400", "-1e400", "18446744073709551616", "{\"text\":1e999}",
        ]
    )
    func malformed(body: String) {
        #expect(statuses(Array(body.utf8)) == [400, 400, 400], "\(body)")
    }

    @Test("bytes that are not UTF-8 are a 400 everywhere")
    func notUTF8() {
        let samples: [[UInt8]] = [
            [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
        ]
        for sample in samples {
            let body = Array("{\"text\":\"".utf8) + sample + Array("\"}".utf8)
            #expect(statuses(body) == [400, 400, 400], "\(sample)")
        }
        let utf16 = Array("{\"text\":\"a\"}".utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(statuses(utf16) == [400, 400, 400])
        #expect(statuses([0xFF, 0xFE] + utf16) == [400, 400, 400])
    }

    @Test("32 levels are read, more are a 400 at once")
    func depth() {
        func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
            let text =
                String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            return Array(text.utf8)
        }
        #expect(statuses(nested(32, "[", "]")) == [422, 422, 422])
        for depth in [33, 511, 512, 513] {
            #expect(statuses(nested(depth, "[", "]")) == [400, 400, 400], "\(depth)")
            #expect(statuses(nested(depth, "{\"a\":", "}")) == [400, 400, 400], "\(depth)")
        }
        let open = Array(String(repeating: "[", count: 100_000).utf8)
        #expect(service.post("/classify", String(decoding: open, as: UTF8.self)).status == 400)
    }

    @Test("well-formed JSON of any kind is a 422, never a crash")
    func wellFormed() {
        let bodies = [
            "0e1", "-0", "0", "-0.0", "1e-400", "9223372036854775808", "true", "false", "null",
            "\"\"", "[]", "[null]", "{}", "{\"a\":[{}]}", "\"\\ud83d\\ude00\"", "\"\\u0000\"",
            " \n\t{} \r\n", String(repeating: "9", count: 18),
        ]
        for body in bodies { #expect(statuses(Array(body.utf8)) == [422, 422, 422], "\(body)") }
    }

    @Test("10,000 unknown members name the first twenty")
    func manyMembers() {
        let members = (0..<10_000).map { "\"k\($0)\":0" }.joined(separator: ",")
        let answer = service.post("/classify", "{\"text\":\"a\",\(members)}")
        #expect(answer.status == 422)
        #expect(answer.pointers.count == 20)
        #expect(answer.pointers.first == "/k0")
    }

    @Test("no answer repeats what a value held")
    func repeatsNothing() {
        let secret = "canary-7f3a"
        let bodies = [
            "{\"text\":[\"\(secret)\"]}", "{\"model\":\"\(secret)\",\"text\":\"a\"}", secret,
            "{\"model\":\"\(secret)\",\"examples\":[{\"text\":\"\(secret)\",\"label\":7}]}",
        ]
        for body in bodies {
            for target in ["/classify", "/train"] {
                let answer = service.post(target, body)
                #expect(answer.status >= 400)
                #expect(!answer.text.contains(secret), "\(answer)")
            }
        }
        #expect(!service.get("/metrics").text.contains(secret))
        #expect(!service.get("/models/\(secret)").text.contains(secret))
    }
}
