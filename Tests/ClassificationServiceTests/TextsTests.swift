import ClassificationService
import Examples
import Foundation
import HTTPServer
import Store
import TestStores
import Testing

/// Texts without labels, and word vectors, over HTTP.
@Suite struct TextsTests {
    private func body(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func typed(_ type: String) -> [(name: String, value: String)] {
        [(name: "Content-Type", value: type)]
    }

    @Test("texts come as JSON, as lines of JSON and as plain lines, each once, and are listed")
    func adds() throws {
        let service = try TestService()
        let first = service.post("/models/mood/texts", #"{"texts":["one","two"," ","one"]}"#)
        #expect(first.status == 200, "\(first)")
        #expect(first.object["added"] as? Int == 2 && first.object["known"] as? Int == 1)
        let lines = service.send(
            .post,
            "/models/mood/texts",
            headers: typed("application/x-ndjson"),
            body: body("\"three\"\r\n{\"text\":\"two\"}\n\n{\"text\":\"four\",\"id\":7}\n")
        )
        #expect(lines.status == 200, "\(lines)")
        #expect(lines.object["added"] as? Int == 2 && lines.object["total"] as? Int == 4)
        let plain = service.send(
            .post,
            "/models/mood/texts",
            headers: typed("text/plain"),
            body: body("\u{FEFF}five\n\ncafe\u{301}\n")
        )
        #expect(plain.object["total"] as? Int == 6, "\(plain)")
        let page = service.get("/models/mood/texts?limit=4").object
        let texts = page["texts"] as? [[String: Any]] ?? []
        #expect(texts.compactMap { $0["text"] as? String } == ["one", "two", "three", "four"])
        let next = try #require(page["next"] as? Int)
        let rest = service.get("/models/mood/texts?after=\(next)").object
        #expect((rest["texts"] as? [[String: Any]])?.last?["text"] as? String == "caf\u{E9}")
        #expect(rest["next"] is NSNull)
    }

    @Test("bad texts are named by their place, and nothing is stored")
    func refuses() throws {
        let service = try TestService()
        for (type, text, pointer) in [
            ("application/json", #"{"texts":["a",1]}"#, "/texts/1"),
            ("application/json", #"{"text":"a"}"#, "/text"),
            ("application/json", #"{"texts":"a"}"#, "/texts"),
            ("application/json", #"{"from":"nowhere"}"#, "/from"),
            ("application/json", "{}", ""),
            ("application/x-ndjson", "\"a\"\n{\"label\":\"b\"}\n", "/1"),
            ("application/x-ndjson", "\"a\"\nb\n", "/1"),
            ("application/x-ndjson", "\"a\"\n\"b\",\"c\"\n", "/1"),
            ("text/plain", "\n \n", ""),
        ] {
            let answer = service.send(
                .post,
                "/models/mood/texts",
                headers: typed(type),
                body: body(text)
            )
            #expect(answer.status == 422, "\(text) \(answer)")
            let errors = answer.object["errors"] as? [[String: Any]]
            #expect(errors?.first?["pointer"] as? String == pointer, "\(text)")
        }
        let other = service.send(
            .post,
            "/models/mood/texts",
            headers: typed("text/csv"),
            body: body("a\n")
        )
        #expect(other.status == 415)
        #expect(service.post("/models/Mood/texts", #"{"texts":["a"]}"#).status == 404)
        #expect(service.get("/models/mood/texts").object["total"] as? Int == 0)
        #expect(service.get("/models/none/texts").status == 404)
        for query in ["order=best", "limit=0", "limit=1001", "after=x"] {
            #expect(service.get("/models/mood/texts?\(query)").status == 400, "\(query)")
        }
    }

    @Test("a model has so many texts at most, and those that are deleted make room")
    func bounds() throws {
        let service = try TestService { $0.limits.storedExamples = 3 }
        #expect(service.post("/models/mood/texts", #"{"texts":["1","2","3"]}"#).status == 200)
        let full = service.post("/models/mood/texts", #"{"texts":["1","4"]}"#)
        #expect(full.status == 409 && full.object["type"] != nil, "\(full)")
        let page = service.get("/models/mood/texts").object
        let texts = page["texts"] as? [[String: Any]] ?? []
        let id = try #require(texts.first?["id"] as? Int)
        let gone = service.send(.delete, "/models/mood/texts?id=\(id)")
        #expect(gone.object["removed"] as? Int == 1 && gone.object["total"] as? Int == 2)
        #expect(service.send(.delete, "/models/mood/texts?id=\(id)").status == 404)
        #expect(service.post("/models/mood/texts", #"{"texts":["4"]}"#).status == 200)
        let all = service.send(.delete, "/models/mood/texts")
        #expect(all.object["removed"] as? Int == 3 && all.object["total"] as? Int == 0)
    }

    @Test("the texts that the live version is least sure of come first")
    func ranks() throws {
        let service = try TestService()
        _ = service.post(
            "/models/mood/texts",
            #"{"texts":["happy","sad","unknown words","happy sad","sad happy"]}"#
        )
        for order in ["uncertain", "diverse"] {
            let answer = service.get("/models/mood/texts?order=\(order)&limit=3")
            #expect(answer.status == 200, "\(answer)")
            let texts = answer.object["texts"] as? [[String: Any]] ?? []
            #expect(texts.count == 3)
            #expect(texts.first?["text"] as? String == "unknown words", "\(order)")
            let margins = texts.compactMap { $0["margin"] as? Double }
            #expect(margins.count == 3 && margins[0] <= margins[1])
            #expect(answer.object["version"] as? Int == 1)
            #expect(texts.allSatisfy { $0["label"] is String && $0["score"] is Double })
        }
    }

    @Test("a text that was labelled, or told to be none, is not asked for again")
    func leavesOutRows() throws {
        let service = try TestService()
        _ = service.post("/models/mood/texts", #"{"texts":["happy","sad","happy sad","so"]}"#)
        let rows = #"{"examples":[{"text":"so","label":null},{"text":"sad","label":"sad"}]}"#
        #expect(service.post("/models/mood/examples", rows).status == 200)
        for order in ["uncertain", "diverse"] {
            let answer = service.get("/models/mood/texts?order=\(order)").object
            let texts = answer["texts"] as? [[String: Any]] ?? []
            let left = Set(texts.compactMap { $0["text"] as? String })
            #expect(texts.count == 2 && left == ["happy sad", "happy"], "\(order)")
            #expect(answer["total"] as? Int == 4)
        }
        let all = service.get("/models/mood/texts").object["texts"] as? [Any]
        #expect(all?.count == 4)
    }

    @Test("remembered answers are taken over by one call")
    func takesPredictions() throws {
        let service = try TestService { $0.rememberedPredictions = 10 }
        for text in ["happy", "sad"] { _ = service.post("/classify", #"{"text":"\#(text)"}"#) }
        let answer = service.post("/models/mood/texts", #"{"from":"predictions"}"#)
        #expect(answer.object["added"] as? Int == 2, "\(answer)")
        let none = try TestService().post("/models/mood/texts", #"{"from":"predictions"}"#)
        #expect(none.status == 404)
    }

    private static let vectors = "4 3\ngood 1 0 0.5\nbad -1 0 0.5\nfine 0.9 0.1 0\nday 0 1 0\n"

    @Test("vectors are brought, listed, replaced and deleted; bad lines are named")
    func vectors() throws {
        let service = try TestService()
        func put(_ name: String, _ text: String) -> Received {
            service.send(.put, "/vectors/\(name)", body: body(text))
        }
        let first = put("en", TextsTests.vectors)
        #expect(first.status == 201, "\(first)")
        #expect(first.object["words"] as? Int == 4 && first.object["dimensions"] as? Int == 3)
        #expect(first.object["kept_words"] as? Int == 4)
        #expect((first.object["sha256"] as? String)?.count == 64)
        #expect(put("en", TextsTests.vectors).status == 200)
        let list = service.get("/vectors").object["vectors"] as? [[String: Any]] ?? []
        #expect(list.map { $0["name"] as? String } == ["en"])
        #expect(service.get("/vectors/en").object["name"] as? String == "en")
        let bad = put("de", "a 1 2\nb 1\n")
        #expect(bad.status == 422)
        let errors = bad.object["errors"] as? [[String: Any]]
        #expect(errors?.first?["line"] as? Int == 2, "\(bad)")
        #expect(put("de", "").status == 422 && put("De", TextsTests.vectors).status == 400)
        #expect(service.get("/vectors/de").status == 404)
        let asks =
            #"{"model":"m","examples":[{"text":"a b","label":"x"},"#
            + #"{"text":"c d","label":"y"}],"options":{"vectors":"NAME"}}"#
        let missing = service.post("/train", asks.replacing("NAME", with: "fr"))
        #expect(missing.status == 422)
        let named = missing.object["errors"] as? [[String: Any]]
        #expect(named?.first?["pointer"] as? String == "/options/vectors", "\(missing)")
        #expect(service.post("/train", asks.replacing("NAME", with: "en")).status == 202)
        #expect(service.send(.delete, "/vectors/en").status == 204)
        #expect(service.send(.delete, "/vectors/en").status == 404)
    }
}
