import ClassificationService
import Examples
import Foundation
import HTTPServer
import Store
import TestStores
import Testing

/// Rows that are posted as something else than JSON.
@Suite struct RowFormatTests {
    let service: TestService

    init() throws { service = try TestService() }

    private func post(
        _ target: String,
        _ type: String?,
        _ body: String,
        headers: [(name: String, value: String)] = []
    ) -> Received {
        let field = type.map { [(name: "Content-Type", value: $0)] } ?? []
        return service.send(.post, target, headers: field + headers, body: Array(body.utf8))
    }

    private static let bodies: [(type: String, format: String, body: String)] = [
        ("text/csv", "csv", "label,text\na,\"yes, indeed\"\nb,no\n"),
        ("text/csv; charset=utf-8", "csv", "text,label\r\n\"yes, indeed\",a\r\nno,b"),
        ("text/tab-separated-values", "tsv", "a\tyes, indeed\n\nb\tno\n"),
        (
            "application/jsonl", "jsonl",
            "{\"text\":\"yes, indeed\",\"label\":\"a\"}\n{\"label\":\"b\",\"text\":\"no\"}\n"
        ),
        (
            "application/x-ndjson", "jsonl",
            "{\"text\":\"yes, indeed\",\"label\":\"a\"}\n{\"label\":\"b\",\"text\":\"no\"}"
        ),
        ("text/x-fasttext", "fasttext", "__label__a yes, indeed\n__label__b no\n"),
    ]

    @Test("every format brings the same rows, by Content-Type or by format", arguments: 0..<6)
    func formats(index: Int) throws {
        let (type, format, body) = Self.bodies[index]
        let requests = [
            post("/train?model=m&epochs=5&learning_rate=0.5&promote=never", type, body),
            post(
                "/train?format=\(format)&model=m&epochs=5",
                "application/x-www-form-urlencoded",
                body
            ),
            post("/train?format=\(format)&model=m", nil, body),
            post("/train?format=\(format)&model=m", "application/json", body),
        ]
        for answer in requests {
            #expect(answer.status == 202, "\(answer)")
            let id = try #require(answer.object["id"] as? String)
            let rows = try service.store.examples(ofJob: id)
            #expect(
                rows == [
                    Example(label: "a", text: "yes, indeed"), Example(label: "b", text: "no"),
                ]
            )
        }
        let options = requests[0].object["options"] as? [String: Double]
        #expect(options == ["epochs": 5, "learning_rate": 0.5])
        #expect(requests[0].object["promote"] as? String == "never")
        #expect(requests[0].object["model"] as? String == "m")
    }

    @Test("a format in the query wins over the Content-Type")
    func override() {
        let body = "a\tyes\nb\tno\n"
        let lines = "__label__a yes\n__label__b no\n"
        #expect(post("/train?model=m&format=fasttext", "text/csv", lines).status == 202)
        #expect(post("/train?model=m", "text/csv", lines).status == 422)
        #expect(post("/train?model=m&format=xml", "text/csv", body).code == "invalid_parameter")
        for type in [nil, "text/plain", "text/csv; charset=latin1", "text/html"] {
            #expect(post("/train?model=m", type, body).status == 415, "\(type ?? "")")
        }
    }

    @Test("a page of another site cannot train with what browsers send unasked")
    func crossSite() {
        let origin = [(name: "Origin", value: "http://evil.example")]
        let body = "a\tyes\nb\tno\n"
        for type in [nil, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
        {
            let answer = post("/train?model=m&format=tsv", type, body, headers: origin)
            #expect(answer.status == 415, "\(type ?? "")")
        }
        #expect(
            post("/train?model=m", "text/tab-separated-values", body, headers: origin).status == 202
        )
    }

    @Test("each bad row is named by its line, at most twenty of them, and nothing is stored")
    func badRows() throws {
        let body = "label,text\na,yes\n,empty\n\"b\nb\",no\nc\nd,\n"
        let answer = post("/train?model=m", "text/csv", body)
        #expect(answer.status == 422)
        let errors = try #require(answer.object["errors"] as? [[String: Any]])
        #expect(errors.compactMap { $0["line"] as? Int } == [3, 4, 6, 7])
        let details = errors.compactMap { $0["detail"] as? String }
        #expect(details[0] == "Line 3: the label is empty.")
        #expect(details[2].contains("1 column"))
        #expect(errors.allSatisfy { $0["pointer"] as? String == "" })
        let many = post("/train?model=m", "text/x-fasttext", String(repeating: "x\n", count: 500))
        #expect((many.object["errors"] as? [Any])?.count == 20)
        let long = post("/train?model=m", "text/csv", String(repeating: "x", count: 300) + ",a")
        #expect(long.text.contains("300 characters"))
        let bytes = Array("a,\u{FF}".unicodeScalars.map { UInt8($0.value) })
        let type = [(name: "Content-Type", value: "text/csv")]
        let invalid = service.send(.post, "/train?model=m", headers: type, body: bytes)
        #expect(invalid.text.contains("not valid UTF-8"))
        #expect(try service.store.jobs(limit: 10).isEmpty)
    }

    @Test("the number of rows and of labels is bounded as in JSON")
    func bounded() throws {
        let service = try TestService { $0.limits.examples = 3 }
        let type = [(name: "Content-Type", value: "text/csv")]
        func status(_ rows: [String]) -> Received {
            let body = Array((rows.joined(separator: "\n") + "\n").utf8)
            return service.send(.post, "/train?model=m", headers: type, body: body)
        }
        #expect(status(["a,1", "b,2", "a,3"]).status == 202)
        let over = status((0..<100_000).map { "a,\($0)" })
        #expect(over.status == 422)
        #expect(over.text.contains("Line 4: there are more than 3 rows; post the rest to /models"))
        #expect(status(["a,1"]).status == 422)
        #expect(status(["a,1", "a,2"]).pointers == ["/examples"])
        #expect(post("/train?model=m", "text/csv", "").status == 422)
    }

    @Test(
        "what the query says is checked as the members of a JSON body are",
        arguments: [
            ("", 422, "/model"), ("model=M", 422, "/model"), ("model=1", 202, nil),
            ("model=m&epochs=0", 422, "/options/epochs"),
            ("model=m&epochs=x", 422, "/options/epochs"),
            ("model=m&epochs=", 422, "/options/epochs"),
            ("model=m&recipe=magic", 422, "/options/recipe"),
            ("model=m&extend=yes", 422, "/extend"), ("model=m&extend=true", 202, nil),
            ("model=m&promote=maybe", 422, "/promote"), ("model=m&color=red", 400, nil),
            ("model=m&model=n", 400, nil), ("model=m&options={}", 400, nil),
            ("model=m&examples=1", 400, nil),
        ] as [(String, Int, String?)]
    )
    func query(query: String, status: Int, pointer: String?) {
        let answer = post("/train?" + query, "text/csv", "a,yes\nb,no\n")
        #expect(answer.status == status, "\(answer)")
        if let pointer { #expect(answer.pointers == [pointer]) }
    }

    @Test("beside a JSON body the query takes nothing")
    func jsonWithQuery() {
        let body = #"{"model":"m","examples":\#(TrainTests.rows)}"#
        #expect(service.post("/train?extend=true", body).code == "invalid_parameter")
        #expect(service.post("/train", body).status == 202)
    }

    @Test("rows are added to a data set and scored in every format too", arguments: 0..<6)
    func otherRoutes(index: Int) {
        let (type, _, body) = Self.bodies[index]
        let added = post("/models/mood/examples", type, body)
        #expect(added.status == 200, "\(added)")
        #expect(added.object["added"] as? Int == 2)
        let rows = body.replacing("a", with: "happy").replacing("b", with: "sad")
        guard type == "text/tab-separated-values" else { return }
        let scored = post("/models/mood/evaluate?version=1", type, rows)
        #expect(scored.status == 200, "\(scored)")
        #expect(post("/models/mood/evaluate?version=0", type, rows).pointers == ["/version"])
        #expect(post("/models/mood/evaluate?model=m", type, rows).status == 400)
    }
}
