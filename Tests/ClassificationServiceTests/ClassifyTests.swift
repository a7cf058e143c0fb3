import Foundation
import HTTPServer
import Model
import Testing

@Suite struct ClassifyTests {
    let service: TestService

    init() throws { service = try TestService() }

    @Test("one text gets one object with label, score, scores and what was read")
    func oneText() throws {
        let answer = service.post("/classify", #"{"text":"I am HAPPY"}"#)
        #expect(answer.status == 200)
        #expect(answer.contentType == "application/json")
        #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
        #expect(answer.headers["Cache-Control"] == "no-store")
        let object = answer.object
        #expect(object["model"] as? String == "mood")
        #expect(object["version"] as? Int == 1)
        #expect(object["tokens"] as? Int == 3)
        #expect(object["truncated"] as? Bool == false)
        // The last word alone decides, because W2 is zero: tanh(1) · ±2 are the logits.
        let logit = tanh(1.0) * 2
        let expected = 1 / (1 + exp(-2 * logit))
        let scores = try #require(object["scores"] as? [String: Double])
        // Float32 arithmetic: a few units in its last place.
        #expect(abs((scores["happy"] ?? 0) - expected) < 1e-5)
        #expect(abs((object["score"] as? Double ?? 0) - expected) < 1e-5)
        #expect(object["label"] as? String == "happy")
        let unknown = try #require(object["unknown_words"] as? Double)
        #expect(abs(unknown - 2.0 / 3) < 1e-6)
    }

    @Test("several texts get results in their order, each equal to that of the text alone")
    func severalTexts() throws {
        let texts = ["happy", "sad", "", "who knows"]
        let list = try JSONEncoder().encode(["texts": texts])
        let answer = service.post("/classify", String(decoding: list, as: UTF8.self))
        #expect(answer.status == 200)
        let results = try #require(answer.object["results"] as? [[String: Any]])
        #expect(results.count == texts.count)
        for (text, result) in zip(texts, results) {
            let alone = service.post("/classify", "{\"text\":\"\(text)\"}").object
            for (name, value) in result {
                let expected = alone[name] as? NSObject
                #expect(value as? NSObject == expected, "\(text): \(name)")
            }
        }
    }

    @Test("a text/plain body is one text")
    func plainText() {
        for type in ["text/plain", "Text/Plain; charset=UTF-8"] {
            let answer = service.send(
                .post,
                "/classify",
                headers: [("Content-Type", type)],
                body: Array("so sad".utf8)
            )
            #expect(answer.object["label"] as? String == "sad", "\(answer)")
        }
    }

    @Test("top_k leaves the most probable labels, the best first")
    func topK() throws {
        let labels = (0..<5).map { "label\($0)" }
        let bytes = try checkpoint(model: "many", labels: labels).encoded()
        let service = try TestService(files: ["many.json": bytes])
        let answer = service.post("/classify", #"{"text":"sad","top_k":2}"#)
        #expect(answer.text.contains(#""scores":{"label1":"#), "\(answer)")
        #expect((answer.object["scores"] as? [String: Double])?.count == 2)
        for count in [5, 9] {
            let all = service.post("/classify", #"{"text":"sad","top_k":\#(count)}"#)
            #expect((all.object["scores"] as? [String: Double])?.count == 5)
            #expect(all.text.contains(#""scores":{"label1":"#), "\(all)")
        }
    }

    @Test(
        "with top_k the ranking has the order that keys of an object lose, also if they are numbers"
    )
    func ranking() throws {
        let bytes = try checkpoint(model: "many", labels: ["7", "10", "2", "b\"c"]).encoded()
        let service = try TestService(files: ["many.json": bytes])
        for count in 1...5 {
            let answer = service.post("/classify", #"{"text":"sad","top_k":\#(count)}"#).object
            let ranking = try #require(answer["ranking"] as? [[String: Any]])
            let labels = ranking.compactMap { $0["label"] as? String }
            let scores = ranking.compactMap { $0["score"] as? Double }
            #expect(labels == Array(["10", "2", "b\"c", "7"].prefix(count)))
            #expect(scores == scores.sorted(by: >))
            let named = answer["scores"] as? [String: Double]
            #expect(named == Dictionary(uniqueKeysWithValues: zip(labels, scores)))
        }
        let several = service.post("/classify", #"{"texts":["sad","happy"],"top_k":1}"#).object
        let results = several["results"] as? [[String: Any]] ?? []
        #expect(results.allSatisfy { ($0["ranking"] as? [Any])?.count == 1 })
        #expect(service.post("/classify", #"{"text":"sad"}"#).object["ranking"] == nil)
        let explained = service.post("/classify", #"{"text":"sad","top_k":2,"explain":true}"#)
        #expect((explained.object["ranking"] as? [Any])?.count == 2)
    }

    @Test("model and version are found or named as missing")
    func modelAndVersion() throws {
        func status(_ body: String) -> String {
            let answer = service.post("/classify", body)
            return "\(answer.status) \(answer.code ?? "")"
        }
        #expect(status(#"{"text":"a","model":"mood"}"#) == "200 ")
        #expect(status(#"{"text":"a","model":"mood","version":1}"#) == "200 ")
        #expect(status(#"{"text":"a","version":1}"#) == "200 ")
        #expect(status(#"{"text":"a","version":1.0}"#) == "200 ")
        #expect(status(#"{"text":"a","model":"none"}"#) == "404 model_not_found")
        #expect(status(#"{"text":"a","model":"mood","version":2}"#) == "404 version_not_found")
    }

    @Test(
        "what is not as it must be is named by pointer",
        arguments: [
            (#"{}"#, [""]), (#"[]"#, [""]), (#""text""#, [""]), (#"null"#, [""]),
            (#"{"text":"a","texts":["a"]}"#, [""]),
            (#"{"text":1}"#, ["/text"]), (#"{"text":null}"#, ["/text"]),
            (#"{"texts":"a"}"#, ["/texts"]), (#"{"texts":[]}"#, ["/texts"]),
            (#"{"texts":["a",2,"b",null]}"#, ["/texts/1", "/texts/3"]),
            (#"{"text":"a","top_k":0}"#, ["/top_k"]), (#"{"text":"a","top_k":"1"}"#, ["/top_k"]),
            (#"{"text":"a","version":0}"#, ["/version"]),
            (#"{"text":"a","version":18446744073709551615}"#, ["/version"]),
            (#"{"text":"a","version":1.5}"#, ["/version"]),
            (#"{"text":"a","version":1e300}"#, ["/version"]),
            (#"{"text":"a","model":7}"#, ["/model"]),
            (#"{"text":"a","min_confidence":1.01}"#, ["/min_confidence"]),
            (#"{"text":"a","min_confidence":-0.01}"#, ["/min_confidence"]),
            (#"{"texts":["a"],"min_confidence":"0.5"}"#, ["/min_confidence"]),
            (#"{"text":"a","min_confidence":null}"#, ["/min_confidence"]),
            (#"{"text":"a","explain":1}"#, ["/explain"]),
            (#"{"text":"a","remember":0}"#, ["/remember"]),
            (#"{"text":"a","explain":"true"}"#, ["/explain"]),
            (#"{"texts":["a","a","a","a","a","a","a","a","a"],"explain":true}"#, ["/texts"]),
            (#"{"text":"a","txet":"b"}"#, ["/txet"]),
            (#"{"text":"a","a/b~c":"b","__proto__":{},"":1}"#, ["/a~1b~0c", "/__proto__", "/"]),
        ]
    )
    func pointers(body: String, pointers: [String]) {
        let answer = service.post("/classify", body)
        #expect(answer.status == 422, "\(answer)")
        #expect(answer.contentType == "application/problem+json")
        #expect(answer.pointers == pointers)
    }

    @Test("limits hold exactly: what has that size is answered, one more is not")
    func limits() throws {
        let long = String(repeating: "a", count: 65536)
        #expect(service.post("/classify", "{\"text\":\"\(long)\"}").status == 200)
        let longer = service.post("/classify", "{\"text\":\"\(long)b\"}")
        #expect(longer.status == 200)
        #expect(longer.object["truncated"] as? Bool == true)
        func list(_ count: Int) -> String {
            "{\"texts\":[" + Array(repeating: "\"a\"", count: count).joined(separator: ",") + "]}"
        }
        #expect(service.post("/classify", list(64)).status == 200)
        #expect(service.post("/classify", list(65)).pointers == ["/texts"])
        let body = #"{"text":"a"}"#
        let blanks = String(repeating: " ", count: 256 * 1024 - body.utf8.count)
        #expect(service.post("/classify", body + blanks).status == 200)
        #expect(service.post("/classify", body + blanks + " ").status == 413)
    }

    @Test("of a text of more than 64 KiB the start is read, in every kind of request")
    func longTexts() throws {
        let start = "happy " + String(repeating: "zzz ", count: 16382)
        #expect(start.utf8.count == 65534)
        // The word across the limit is left out; in NFD the text is longer, and the same.
        for rest in ["sadness", "sad\u{308}ness sad"] {
            let body = "{\"text\":\"\(start)\(rest)\"}"
            let plain = service.send(
                .post,
                "/classify",
                headers: [(name: "Content-Type", value: "text/plain")],
                body: Array((start + rest).utf8)
            )
            let several = service.post("/classify", "{\"texts\":[\"happy\",\"\(start)\(rest)\"]}")
            let results = several.object["results"] as? [[String: Any]]
            for answer in [service.post("/classify", body).object, plain.object, results?[1]] {
                #expect(answer?["truncated"] as? Bool == true)
                #expect(answer?["tokens"] as? Int == 160)
                #expect(answer?["label"] as? String == "happy")
            }
            #expect(results?[0]["truncated"] as? Bool == false)
        }
    }

    @Test(
        "only JSON and plain text in UTF-8 are taken",
        arguments: [
            nil, "", "application/xml", "application/json; charset=latin1",
            "application/json; charset=utf-16", "text/plain; charset=iso-8859-1", "text/html",
            "multipart/form-data; boundary=x",
        ]
    )
    func mediaTypes(type: String?) {
        let headers = type.map { [(name: "Content-Type", value: $0)] } ?? []
        let body = Array(#"{"text":"a"}"#.utf8)
        let answer = service.send(.post, "/classify", headers: headers, body: body)
        #expect(answer.status == 415, "\(answer)")
    }

    @Test("any text gets finite probabilities that sum to one")
    func anyText() throws {
        var texts = [
            "", " ", "\u{0}", "\u{FFFF}", "🙂🙂",
            "e" + String(repeating: "\u{301}", count: 2000),
            "\u{202E}abc\u{200D}", String(repeating: "x", count: 8000), "漢字かな", "\t\n",
        ]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let scalars = (0..<Int.random(in: 0..<40, using: &generator)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &generator))
            }
            texts.append(String(String.UnicodeScalarView(scalars)))
        }
        for text in texts {
            let body = try JSONEncoder().encode(["text": text])
            let answer = service.post("/classify", String(decoding: body, as: UTF8.self))
            #expect(answer.status == 200, "\(text.debugDescription): \(answer)")
            let scores = answer.object["scores"] as? [String: Double] ?? [:]
            // Two rounded float32 numbers.
            #expect(abs(scores.values.reduce(0, +) - 1) < 1e-5, "\(text.debugDescription)")
        }
    }
}
