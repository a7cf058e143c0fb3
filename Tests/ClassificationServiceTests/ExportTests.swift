import ClassificationService
import Examples
import Foundation
import HTTPServer
import Store
import TestStores
import Testing

/// Data sets that leave and come back.
@Suite struct ExportTests {
    private let service: TestService

    init() throws {
        service = try TestService(files: [:])
        let rows = [
            ("a", "plain"), ("b", "a, \"quoted\" text"), ("a", "two\nlines"), ("c", "=1+1"),
            ("label", "text"), ("b", "  blanks  "),
        ]
        _ = try service.store.changeExamples(
            ExampleChange(model: "m", added: rows.map { Example(label: $0.0, text: $0.1) })
        )
        let correction = Example(label: "c", text: "corrected\ttext")
        _ = try service.store.changeExamples(
            ExampleChange(model: "m", added: [correction], source: .feedback)
        )
    }

    private func export(_ query: String, accept: String? = nil) -> Received {
        let headers = accept.map { [(name: "Accept", value: $0)] } ?? []
        return service.send(.get, "/models/m/examples\(query)", headers: headers)
    }

    private func rows(_ model: String) throws -> [Example] {
        try #require(try service.store.examples(of: model, limit: 10_000)).rows.map(\.example)
    }

    @Test(
        "an export comes in the format of the query or of Accept, and imports unchanged",
        arguments: [
            ("?format=csv", nil, "text/csv"), ("?format=tsv", nil, "text/tab-separated-values"),
            ("?format=jsonl", nil, "application/jsonl"), ("", "text/csv", "text/csv"),
            ("", "application/json;q=0.5, application/x-ndjson", "application/jsonl"),
            ("", "text/html, text/tab-separated-values;q=0.9", "text/tab-separated-values"),
            ("?format=csv", "application/jsonl", "text/csv"),
        ] as [(String, String?, String)]
    )
    func exports(_ query: String, _ accept: String?, _ type: String) throws {
        let answer = export(query, accept: accept)
        #expect(answer.status == 200, "\(answer)")
        #expect(answer.contentType?.hasPrefix(type) == true)
        #expect(answer.headers["Content-Disposition"]?.contains("filename=\"m.") == true)
        let header = [(name: "Content-Type", value: type)]
        let imported = service.send(
            .post,
            "/models/copy/examples",
            headers: header,
            body: answer.body
        )
        #expect(imported.object["added"] as? Int == 7, "\(imported)")
        #expect(try rows("copy") == rows("m"))
    }

    @Test("without a format, or with JSON before it, there are pages")
    func pages() {
        for accept in [nil, "*/*", "application/json, text/csv", "text/html", "text/csv;q=0"] {
            #expect(export("", accept: accept).object["total"] as? Int == 7, "\(accept ?? "")")
        }
        #expect(export("?format=json", accept: "text/csv").object["total"] as? Int == 7)
        for query in [
            "?format=fasttext", "?format=xml", "?format=csv&limit=5", "?format=csv&after=1",
            "?source=examples", "?source=", "?limit=5&limit=6",
        ] {
            #expect(export(query).code == "invalid_parameter", "\(query)")
        }
        #expect(service.get("/models/none/examples?format=csv").code == "model_not_found")
    }

    @Test("rows are chosen by label and source, in pages and in exports")
    func filters() {
        func texts(_ query: String) -> [String] {
            (export(query).object["examples"] as? [[String: Any]] ?? [])
                .compactMap { $0["text"] as? String }
        }
        #expect(texts("?source=feedback") == ["corrected\ttext"])
        #expect(texts("?source=import&label=c") == ["=1+1"])
        #expect(texts("?source=train").isEmpty)
        let lines = export("?format=jsonl&source=feedback").text
        #expect(
            lines == #"{"label":"c","text":"corrected\ttext","source":"feedback"}"# + "\n"
        )
        #expect(export("?format=csv&label=none").text == "label,text,source\n")
    }

    @Test("an export of many pages has every row once, and HEAD has none")
    func manyPages() throws {
        let many = (0..<1003).map { Example(label: "l\($0 % 7)", text: "text \($0)") }
        _ = try service.store.changeExamples(ExampleChange(model: "many", added: many))
        let answer = service.get("/models/many/examples?format=jsonl")
        #expect(try ExampleReader.read(answer.body, format: .jsonLines).examples == many)
        let head = service.send(.head, "/models/many/examples?format=csv")
        #expect(head.status == 200 && head.contentType?.hasPrefix("text/csv") == true)
        #expect(head.body.isEmpty)
    }

    @Test(
        "an export is of one state: changes meanwhile are not in it, and a state that goes is said"
    )
    func oneState() throws {
        let store = service.store
        let export = try #require(try store.export(of: "m"))
        let first = try store.rows(of: export, limit: 3, after: 0)
        let change = ExampleChange(model: "m", added: [Example(label: "new", text: "new")])
        _ = try store.changeExamples(change)
        let rest = try store.rows(of: export, limit: 100, after: first[2].id)
        #expect(first.count + rest.count == 7)
        let last = try #require(rest.last).id
        #expect(try store.rows(of: export, limit: 100, after: last).isEmpty)
        _ = try store.changeExamples(ExampleChange(model: "m", removedTexts: ["plain"]))
        #expect(throws: StoreError.examplesNotKept(model: "m")) {
            try store.rows(of: export, limit: 100, after: last)
        }
    }
}
