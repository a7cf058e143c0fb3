import ClassificationService
import Examples
import Foundation
import HTTPServer
import Model
import Store
import TestStores
import Testing

/// A text or label is the same in every form and on every route.
@Suite struct TextFormTests {
    let service: TestService

    init() throws { service = try TestService() }

    /// What has two forms: composed, and decomposed as a Mac's file names are.
    static let texts = [
        ("caf\u{E9} gesucht", "cafe\u{301} gesucht"),
        (
            "\u{D55C}\u{AD6D}\u{C5B4}",
            "\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}\u{110B}\u{1165}"
        ),
        ("\u{1EAD}u", "a\u{302}\u{323}u"),
    ]

    private var examples: [[String: Any]] {
        service.get("/models/m/examples").object["examples"] as? [[String: Any]] ?? []
    }

    private func bytes(_ value: Any?) -> [UInt8] { Array((value as? String ?? "").utf8) }

    @Test("one row comes of both forms, in every format", arguments: texts)
    func rows(composed: String, decomposed: String) {
        let bodies = [
            (
                "application/json",
                #"{"examples":[{"text":"\#(decomposed)","label":"Gru\#u{308}n"}]}"#
            ),
            ("text/csv", "Gr\u{FC}n,\(composed)\n"), ("text/csv", "Gru\u{308}n,\(decomposed)\n"),
            ("text/tab-separated-values", "\u{FEFF}\u{A0}Gru\u{308}n\u{200B}\t\(decomposed)\n"),
            ("application/jsonl", #"{"text":"\#(decomposed)","label":"Gru\u0308n"}"#),
            ("text/x-fasttext", "__label__Gru\u{308}n \(decomposed)\n"),
        ]
        for (type, body) in bodies {
            let headers = [(name: "Content-Type", value: type)]
            let answer = service.send(
                .post,
                "/models/m/examples",
                headers: headers,
                body: Array(body.utf8)
            )
            #expect(answer.object["total"] as? Int == 1, "\(type) \(answer)")
        }
        let kept =
            composed.unicodeScalars.count < decomposed.unicodeScalars.count
            ? composed : decomposed
        #expect(bytes(examples.first?["text"]) == Array(kept.utf8))
        #expect(bytes(examples.first?["label"]) == Array("Gr\u{FC}n".utf8))
    }

    @Test("a row is found, corrected and removed in either form", arguments: texts)
    func lookUps(composed: String, decomposed: String) throws {
        func query(_ value: String) throws -> String {
            try #require(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        }
        let row = #"{"examples":[{"text":"\#(composed)","label":"Gr\#u{FC}n"}]}"#
        _ = service.post("/models/m/examples", row)
        let label = try query(" Gru\u{308}n\u{200B}")
        let found = service.get("/models/m/examples?label=\(label)").object["examples"]
        #expect((found as? [Any])?.count == 1)
        let bad = service.get("/models/m/examples?label=\(try query("a\u{202E}b"))")
        #expect(bad.status == 400 && bad.text.contains("U+202E"))

        let correction = #"{"model":"m","text":"\#(decomposed)","label":"gelb"}"#
        let corrected = service.post("/feedback", correction)
        #expect(corrected.object["relabelled"] as? Int == 1 && examples.count == 1)

        let removal = try service.send(.delete, "/models/m/examples?text=\(query(decomposed))")
        #expect(removal.object["removed"] as? Int == 1)
        _ = service.post("/models/m/examples", row)
        let posted = service.post("/models/m/examples", #"{"remove":{"texts":["\#(decomposed)"]}}"#)
        #expect(posted.object["removed"] as? Int == 1)
    }

    @Test(
        "golden cases and feedback refuse what no label may have, by its name",
        arguments: [
            "U+202E", "U+2028", "U+0085", "U+0007", "U+2067",
        ]
    )
    func labels(name: String) throws {
        let scalar = try #require(UInt32(name.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init))
        let label = "a\\u" + name.dropFirst(2) + "b"
        let golden = service.send(
            .put,
            "/models/mood/golden",
            headers: [(name: "Content-Type", value: "application/json")],
            body: Array(#"{"cases":[{"text":"x","label":"\#(label)"}]}"#.utf8)
        )
        #expect(golden.pointers == ["/cases/0/label"] && golden.text.contains(name))
        let feedback = service.post("/feedback", #"{"text":"x","label":"\#(label)"}"#)
        #expect(feedback.pointers == ["/label"] && feedback.text.contains(name))
        let csv = service.send(
            .post,
            "/models/m/examples",
            headers: [(name: "Content-Type", value: "text/csv")],
            body: Array("\"a\(Character(scalar))b\",x\n".utf8)
        )
        #expect(csv.status == 422 && csv.text.contains(name))
    }

    @Test(
        "of a row whose text is too long the start is kept, and the row knows",
        arguments: ["application/json", "text/csv", "application/jsonl", "text/x-fasttext"]
    )
    func longRows(type: String) throws {
        let text = String(repeating: "word ", count: 14_000)
        let rows = [
            "application/json": #"{"examples":[{"text":"\#(text)","label":"a"}]}"#,
            "text/csv": "a,\(text)\n", "application/jsonl": #"{"text":"\#(text)","label":"a"}"#,
            "text/x-fasttext": "__label__a \(text)\n",
        ]
        let answer = service.send(
            .post,
            "/models/m/examples",
            headers: [(name: "Content-Type", value: type)],
            body: Array((rows[type] ?? "").utf8)
        )
        #expect(answer.object["added"] as? Int == 1, "\(answer)")
        let kept = try #require(try service.store.examples(of: "m", limit: 1)?.rows.first?.example)
        #expect(kept.isTruncated && kept.text.utf8.count == 65534)
        #expect(kept.text.hasSuffix("word"))
        // Whoever has the whole text finds the row.
        let removal = service.post("/models/m/examples", #"{"remove":{"texts":["\#(text)"]}}"#)
        #expect(removal.object["removed"] as? Int == 1)
    }

    @Test("the labels of an uploaded checkpoint follow the same rule")
    func uploads() throws {
        func upload(_ label: String) throws -> Received {
            let bytes = try checkpoint(model: "m", labels: [label, "other"]).encoded()
            return service.send(
                .post,
                "/models/m/versions",
                headers: [(name: "Content-Type", value: "application/json")],
                body: bytes
            )
        }
        let refused = try upload("a\u{202E}b")
        #expect(refused.status == 422 && refused.text.contains("U+202E"))
        #expect(try upload("Gru\u{308}n ").status == 201)
        #expect(service.put("/models/m/live", #"{"version":1}"#).status == 200)
        let answer = service.post("/classify", #"{"model":"m","text":"x"}"#)
        let scores = answer.object["scores"] as? [String: Any]
        #expect(scores?.keys.contains { Array($0.utf8) == Array("Gr\u{FC}n".utf8) } == true)
    }

    @Test("an uploaded checkpoint's labels are as long and as many as those of rows may be")
    func uploadLimits() throws {
        let service = try TestService {
            $0.limits.labelLength = 10
            $0.limits.labels = 3
        }
        func upload(_ labels: [String]) throws -> Received {
            service.send(
                .post,
                "/models/m/versions",
                headers: [("Content-Type", "application/json")],
                body: try checkpoint(model: "m", labels: labels).encoded()
            )
        }
        let long = try upload(["a", String(repeating: "x", count: 11)])
        #expect(long.status == 422 && long.text.contains("/labels/1 has 11 characters"), "\(long)")
        let many = try upload(["a", "b", "c", "d"])
        #expect(many.status == 422 && many.text.contains("--max-labels"), "\(many)")
        #expect(try upload(["a", String(repeating: "é", count: 10), "c"]).status == 201)
    }
}
