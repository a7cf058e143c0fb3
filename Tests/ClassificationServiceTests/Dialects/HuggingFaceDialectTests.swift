import Foundation
import HTTPServer
import Model
import Testing

@testable import ClassificationService

@Suite struct HuggingFaceDialectTests {
    let service: TestService

    init() throws { service = try TestService() }

    /// Labels and scores of the native answer to a text, the best first.
    private func native(_ text: String) throws -> [(String, Float)] {
        let body = try JSONSerialization.data(withJSONObject: ["text": text, "top_k": 10])
        let answer = service.post("/classify", String(decoding: body, as: UTF8.self))
        let ranking = try #require(answer.object["ranking"] as? [[String: Any]])
        return ranking.map(pair)
    }

    private func pair(_ entry: [String: Any]) -> (String, Float) {
        (entry["label"] as? String ?? "", (entry["score"] as? NSNumber)?.floatValue ?? -1)
    }

    private func lists(_ answer: Received) -> [[(String, Float)]] {
        let json = try? JSONSerialization.jsonObject(with: Data(answer.body))
        if let one = json as? [[String: Any]] { return [one.map(pair)] }
        return (json as? [[[String: Any]]] ?? []).map { $0.map(pair) }
    }

    @Test(
        "a text that is too long is cut, unless the request says otherwise",
        arguments: [
            ("", 200), (#","truncate":null"#, 200), (#","truncate":true"#, 200),
            (#","truncate":false"#, 422), (#","truncation_direction":"Right"#, 400),
            (#","truncation_direction":"Right""#, 200), (#","truncation_direction":"left""#, 422),
            (#","truncate":1"#, 422), (#","truncation_direction":"up""#, 422),
            (#","truncation_direction":1"#, 422),
        ]
    )
    func truncation(members: String, status: Int) {
        let long = String(repeating: "happy ", count: 1000)
        for path in ["/predict", "/", "/invocations"] {
            let answer = service.post(path, #"{"inputs":["sad","\#(long)"]\#(members)}"#)
            #expect(answer.status == status, "\(answer)")
            guard status >= 400 else { continue }
            #expect(answer.object["error_type"] as? String == "Validation")
        }
        // One that is not too long is answered whatever is said of others.
        let isWrong = members.hasSuffix("1") || members.contains("up") || status == 400
        let short = service.post("/predict", #"{"inputs":"happy","raw_scores":true\#(members)}"#)
        #expect(short.status == (isWrong ? status : 200), "\(short)")
        if !isWrong { #expect(lists(short)[0][0].1 < 0) }
    }

    @Test(
        "one text gets one list, several get a list of lists, with the scores of /classify",
        arguments: [
            ("/predict", #"{"inputs":"happy"}"#, ["happy"], false),
            ("/predict", #"{"inputs":["sad"]}"#, ["sad"], false),
            ("/predict", #"{"inputs":["happy","so sad"]}"#, ["happy", "so sad"], true),
            ("/predict", #"{"inputs":["a","b","happy"]}"#, ["a", "b", "happy"], true),
            ("/predict", #"{"inputs":[["happy"]]}"#, ["happy"], true),
            ("/predict", #"{"inputs":[["happy"],["sad"]]}"#, ["happy", "sad"], true),
            ("/predict", #"{"inputs":"","truncate":true,"x":1}"#, [""], false),
            ("/predict", #"{"inputs":{"text":"happy"}}"#, ["happy"], false),
            ("/predict", #"{"inputs":[{"text":"sad"},"happy"]}"#, ["sad", "happy"], true),
            ("/", #"{"inputs":"happy","parameters":{}}"#, ["happy"], true),
            ("/", #"{"inputs":["happy"],"options":{"wait_for_model":true}}"#, ["happy"], true),
            ("/", #"{"inputs":[["sad"],["happy"]]}"#, ["sad", "happy"], true),
            ("/invocations", #"{"inputs":"happy"}"#, ["happy"], false),
            ("/invocations", #"{"inputs":["happy","sad"]}"#, ["happy", "sad"], true),
        ] as [(String, String, [String], Bool)]
    )
    func shapes(path: String, body: String, texts: [String], isNested: Bool) throws {
        let answer = service.post(path, body)
        #expect(answer.status == 200, "\(answer)")
        #expect(answer.contentType == "application/json")
        #expect(answer.text.hasPrefix("[[") == isNested, "\(answer)")
        let found = lists(answer)
        #expect(found.count == texts.count)
        for (text, list) in zip(texts, found) {
            let expected = try native(text)
            #expect(list.map(\.0) == expected.map(\.0))
            #expect(list.map(\.1) == expected.map(\.1))
        }
    }

    @Test("the number of labels, and logarithms that softmax undoes")
    func parameters() throws {
        let best = lists(service.post("/", #"{"inputs":"happy","parameters":{"top_k":1}}"#))
        #expect(best.map(\.count) == [1] && best[0][0].0 == "happy")
        let expected = try native("happy")
        for body in [
            #"{"inputs":"happy","raw_scores":true}"#,
            #"{"inputs":"happy","parameters":{"function_to_apply":"none"}}"#,
        ] {
            let raw = lists(service.post("/predict", body))[0]
            #expect(raw.allSatisfy { $0.1 < 0 })
            let sum = raw.reduce(0) { $0 + exp($1.1) }
            for (found, wanted) in zip(raw, expected) {
                #expect(found.0 == wanted.0)
                // Float32 through a logarithm and back.
                #expect(abs(exp(found.1) / sum - wanted.1) < 1e-6)
            }
        }
    }

    @Test("a query or a member names the model and the version")
    func model() throws {
        let files = ["mood", "other"].reduce(into: [String: [UInt8]]()) { files, name in
            files[name + ".json"] = try? checkpoint(
                model: name,
                labels: ["\(name)-a", "\(name)-b"]
            ).encoded()
        }
        let service = try TestService(files: files) { $0.defaultModel = "mood" }
        let body = #"{"inputs":"happy"}"#
        for path in ["/predict", "/", "/invocations"] {
            #expect(service.post(path, body).text.contains("mood-a"))
            #expect(service.post(path + "?model=other", body).text.contains("other-a"))
            #expect(service.post(path + "?model=other&version=1", body).status == 200)
            #expect(service.post(path + "?model=other&version=9", body).status == 404)
            let named = service.post(path, #"{"inputs":"happy","model":"other"}"#)
            #expect(named.text.contains("other-a"), "\(named)")
            let missing = service.post(path + "?model=none", body)
            #expect(missing.status == 404)
            #expect(missing.text.contains("?model=NAME"), "\(missing)")
        }
        let target = [(name: "X-Amzn-SageMaker-Target-Model", value: "other")]
        #expect(
            service.post("/invocations", body, headers: target).text.contains("other-a")
        )
    }

    @Test(
        "what is wrong is said in TEI's form",
        arguments: [
            ("{", 400, "Validation"), ("[]", 422, "Validation"), ("{}", 422, "Validation"),
            (#"{"inputs":1}"#, 422, "Validation"), (#"{"inputs":[]}"#, 422, "Validation"),
            (#"{"inputs":["a",1]}"#, 422, "Validation"),
            (#"{"inputs":[["a","b"]]}"#, 422, "Validation"),
            (#"{"inputs":[[]]}"#, 422, "Validation"),
            (#"{"inputs":[[["a"]]]}"#, 422, "Validation"),
            (#"{"inputs":{"text":"a","text_pair":"b"}}"#, 422, "Validation"),
            (#"{"inputs":{}}"#, 422, "Validation"),
            (#"{"inputs":"a","model":1}"#, 422, "Validation"),
            (#"{"inputs":"a","raw_scores":1}"#, 422, "Validation"),
            (#"{"inputs":"a","parameters":[]}"#, 422, "Validation"),
            (#"{"inputs":"a","parameters":{"top_k":0}}"#, 422, "Validation"),
            (#"{"inputs":"a","parameters":{"function_to_apply":"sigmoid"}}"#, 422, "Validation"),
        ]
    )
    func refusals(body: String, status: Int, type: String) {
        for path in ["/predict", "/"] {
            let answer = service.post(path, body)
            #expect(answer.status == status, "\(body): \(answer)")
            #expect(answer.contentType == "application/json")
            #expect(answer.object["error_type"] as? String == type)
            #expect((answer.object["error"] as? String)?.isEmpty == false)
        }
    }

    @Test("so many texts and no more")
    func limit() {
        func body(_ count: Int) -> String {
            #"{"inputs":["# + Array(repeating: #"["a"]"#, count: count).joined(separator: ",")
                + "]}"
        }
        #expect(service.post("/predict", body(Limits().texts)).status == 200)
        let more = service.post("/predict", body(Limits().texts + 1))
        #expect(more.status == 422 && more.text.contains("--max-texts"), "\(more)")
    }

    @Test("/info describes the model, /health says whether one can answer")
    func information() throws {
        let info = service.get("/info").object
        #expect(info["model_id"] as? String == "mood")
        #expect((info["model_sha"] as? String)?.count == 64)
        let type = info["model_type"] as? [String: [String: Any]]
        let classifier = try #require(type?["classifier"])
        #expect(classifier["id2label"] as? [String: String] == ["0": "happy", "1": "sad"])
        #expect(classifier["label2id"] as? [String: Int] == ["happy": 0, "sad": 1])
        #expect(info["max_client_batch_size"] as? Int == Limits().texts)
        #expect(service.get("/info?model=none").object["error_type"] as? String == "Validation")

        let health = service.send(.get, "/health", host: "anything")
        #expect(health.status == 200 && health.body.isEmpty)
        let empty = try TestService(files: [:])
        for path in ["/health", "/ping"] {
            let answer = empty.get(path)
            #expect(answer.status == 503 && answer.headers["Retry-After"] != nil)
            #expect(answer.object["error_type"] as? String == "Unhealthy")
        }
        #expect(empty.post("/predict", #"{"inputs":"a"}"#).status == 503)
        service.service.startDraining()
        #expect(service.get("/health").status == 503)
    }

    @Test("/tokenize shows the words that the model looks up, and where they stand")
    func tokens() throws {
        let answer = service.post("/tokenize", #"{"inputs":["Happy, не 😀!","e\u0301t"]}"#)
        let json = try JSONSerialization.jsonObject(with: Data(answer.body))
        let lists = try #require(json as? [[[String: Any]]])
        #expect(lists[0].map { $0["text"] as? String } == ["Happy", ",", "не", "😀", "!"])
        #expect(lists[0].map { $0["start"] as? Int } == [0, 5, 7, 10, 11])
        #expect(lists[0].map { $0["stop"] as? Int } == [5, 6, 9, 11, 12])
        #expect(lists[0].map { $0["id"] as? Int } == [1, 0, 0, 0, 0])
        #expect(lists[0].allSatisfy { $0["special"] as? Bool == false })
        // The model saw another spelling, so there is no place in this one.
        #expect(lists[1].map { $0["text"] as? String } == ["ét"])
        #expect(lists[1][0]["start"] is NSNull)
        #expect(service.post("/tokenize", #"{"inputs":"sad"}"#).text.hasPrefix("[[{"))
        for bad in [#"{}"#, #"{"inputs":1}"#, #"{"inputs":[1]}"#, #"{"inputs":[]}"#] {
            #expect(service.post("/tokenize", bad).status == 422)
        }
    }
}
