import ClassificationService
import Foundation
import HTTPServer
import Testing

/// Names that are meant to lead somewhere else, and requests of other sites' pages.
@Suite struct HostileNameTests {
    let service: TestService

    init() throws { service = try TestService() }

    private static let atoms = [
        "..", ".", "...", ".hidden", "-rf", "con", "nul.json", "a/../b", "../../etc/passwd",
        "/etc/passwd", "..\\..\\x", "C:\\x", "file:///etc/passwd", "....//", "..;", "~", "~root",
        "a b", "a\u{0}b", "mood\u{0}", "mood\n", "mood\r\nX: y", "mood\t", "\u{1b}[31m",
        "\u{2024}\u{2024}", "\u{FF0E}\u{FF0E}", "\u{3002}", "\u{202E}doom", "MOOD", "m\u{F6}od",
        "mood'", "mood\"", "mood;--", "mood' OR 1=1", "$(id)", "`id`", "{{7*7}}", "%s%n",
        String(repeating: "a", count: 65), String(repeating: "../", count: 100),
    ]

    /// Each in six spellings: plain where a target can hold it, encoded once, twice, in capitals,
    /// as overlong UTF-8, and behind a real name.
    private static let pathPieces: [String] = atoms.flatMap { atom -> [String] in
        let once = atom.utf8.map { "%" + String(format: "%02x", $0) }.joined()
        let twice = once.replacing("%", with: "%25")
        let isPlain = atom.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !atom.contains("%")
        return [
            once, twice, once.uppercased(), once.replacing("%2e", with: "%c0%ae"), "mood%2f" + once,
        ] + (isPlain ? [atom] : [])
    }

    @Test(
        "no spelling of a hostile name finds anything",
        arguments: [
            "/models/NAME", "/models/mood/versions/NAME", "/models/NAME/versions/1/checkpoint",
            "/models/NAME/examples", "/train/NAME", "/train/NAME/events",
        ]
    )
    func paths(template: String) {
        #expect(Self.pathPieces.count >= 200)
        for piece in Self.pathPieces {
            let answer = service.get(template.replacing("NAME", with: piece))
            #expect([400, 404].contains(answer.status), "\(template) \(piece): \(answer.status)")
            #expect(answer.contentType == "application/problem+json")
        }
    }

    @Test("a hostile name in a body is refused, and nothing is made by that name")
    func bodies() throws {
        for atom in Self.atoms {
            let data = try JSONSerialization.data(withJSONObject: [atom])
            let text = String(decoding: data, as: UTF8.self).dropFirst().dropLast()
            let train = service.post(
                "/train",
                "{\"model\":\(text),\"examples\":\(TrainTests.rows)}"
            )
            // These are harmless names of files that nobody opens.
            if ["con", "nul.json"].contains(atom) {
                #expect(train.status == 202)
                continue
            }
            #expect(train.pointers == ["/model"], "\(atom): \(train)")
            let classify = service.post("/classify", "{\"text\":\"a\",\"model\":\(text)}")
            #expect([404, 422].contains(classify.status), "\(atom): \(classify)")
            for target in ["examples", "golden"] {
                let piece = atom.utf8.map { "%" + String(format: "%02x", $0) }.joined()
                let method: HTTPMethod = target == "golden" ? .put : .post
                let member = target == "golden" ? "cases" : "examples"
                let answer = service.send(
                    method,
                    "/models/\(piece)/\(target)",
                    headers: [("Content-Type", "application/json")],
                    body: Array("{\"\(member)\":\(TrainTests.rows)}".utf8)
                )
                #expect(answer.status == 404, "\(atom) \(target): \(answer)")
            }
        }
        #expect(service.get("/models").text.contains("mood"))
        let files = try FileManager.default.subpathsOfDirectory(atPath: service.directory)
        #expect(
            Set(files.map { $0.prefix { $0 != "-" } }).isSubset(of: [
                "models", "models/mood.json", "elman.sqlite",
            ]),
            "\(files)"
        )
    }

    @Test("no page of another site is let in: there is no CORS")
    func crossOrigin() {
        let origins = [
            "http://evil.example", "https://localhost", "http://localhost:8080", "null", "*",
            "http://127.0.0.1", "http://127.0.0.1.evil.example", "HTTP://LOCALHOST",
            "file://", "chrome-extension://x",
        ]
        for origin in origins {
            for (method, target) in [
                (HTTPMethod.options, "/classify"), (.options, "/train"), (.get, "/models"),
                (.post, "/classify"), (.get, "/livez"), (.get, "/nothing"),
            ] {
                let answer = service.send(
                    method,
                    target,
                    headers: [
                        ("Origin", origin), ("Access-Control-Request-Method", "POST"),
                        ("Access-Control-Request-Headers", "content-type"),
                    ]
                )
                #expect(
                    !answer.headers.keys.contains { $0.lowercased().hasPrefix("access-control") }
                )
            }
        }
    }
}
