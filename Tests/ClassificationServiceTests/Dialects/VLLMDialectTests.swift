import Foundation
import HTTPServer
import Model
import Testing

@testable import ClassificationService

@Suite struct VLLMDialectTests {
    let service: TestService

    init() throws { service = try TestService() }

    @Test("probabilities in the order of the labels, as /classify has them")
    func answers() throws {
        let native = service.post("/classify", #"{"texts":["happy","so sad"]}"#)
        let results = try #require(native.object["results"] as? [[String: Any]])
        for path in ["/v1/classify", "/classify"] {
            let answer = service.post(path, #"{"model":"mood","input":["happy","so sad"]}"#)
            #expect(answer.status == 200, "\(answer)")
            let object = answer.object
            #expect((object["id"] as? String)?.hasPrefix("classify-") == true)
            #expect((object["id"] as? String)?.count == 41)
            #expect(object["object"] as? String == "list")
            #expect(object["model"] as? String == "mood")
            #expect(object["labels"] as? [String] == ["happy", "sad"])
            #expect(abs((object["created"] as? Int ?? 0) - Int(Date().timeIntervalSince1970)) < 60)
            let data = try #require(object["data"] as? [[String: Any]])
            #expect(data.map { $0["index"] as? Int } == [0, 1])
            for (found, wanted) in zip(data, results) {
                #expect(found["label"] as? String == wanted["label"] as? String)
                #expect(found["num_classes"] as? Int == 2)
                let scores = wanted["scores"] as? [String: NSNumber] ?? [:]
                let probabilities = found["probs"] as? [NSNumber] ?? []
                #expect(probabilities == ["happy", "sad"].compactMap { scores[$0] })
                #expect(found["abstained"] as? Bool == wanted["abstained"] as? Bool)
            }
            let usage = object["usage"] as? [String: Any]
            #expect(usage?["prompt_tokens"] as? Int == 3)
            #expect(usage?["total_tokens"] as? Int == 3)
        }
        let one = service.post("/v1/classify", #"{"input":"happy","user":"u","priority":0}"#)
        #expect((one.object["data"] as? [Any])?.count == 1)
        let ids = (0..<3).map { _ in
            service.post("/v1/classify", #"{"input":"a"}"#).object["id"] as? String
        }
        #expect(Set(ids).count == 3)
    }

    @Test("logits on demand")
    func logits() throws {
        let answer = service.post("/v1/classify", #"{"input":"happy","use_activation":false}"#)
        let data = try #require(answer.object["data"] as? [[String: Any]])
        let raw = data[0]["probs"] as? [Double] ?? []
        #expect(raw.count == 2 && raw.allSatisfy { $0 < 0 })
        // Float32 through a logarithm and back.
        #expect(abs(raw.reduce(0) { $0 + exp($1) } - 1) < 1e-5)
    }

    @Test(
        "what is not asked like this stays with the native way",
        arguments: [
            #"{"text":"happy"}"#, #"{"texts":["\"input\""]}"#, #"{"text":"a","input":"b"}"#,
            #"{"texts":["a"],"input":"b"}"#, #"{"text":{"input":1}}"#, "{", #"["input"]"#,
        ]
    )
    func native(body: String) throws {
        let plain = try TestService { $0.speak([]) }
        let (here, there) = (service.post("/classify", body), plain.post("/classify", body))
        #expect(here.status == there.status && here.contentType == there.contentType)
        if here.status == 200 { #expect(here.body == there.body) }
        let text = [(name: "Content-Type", value: "text/plain")]
        let asked = Array(#"{"input":"happy"}"#.utf8)
        let answer = service.send(.post, "/classify", headers: text, body: asked)
        #expect(answer.object["scores"] != nil, "\(answer)")
    }

    @Test(
        "errors are OpenAI's, by 400 for all that is wrong with a body",
        arguments: [
            ("{", 400, "BadRequestError", nil), ("{}", 400, "BadRequestError", nil),
            (#"{"input":[]}"#, 400, "BadRequestError", "input"),
            (#"{"input":[1,2]}"#, 400, "BadRequestError", "input"),
            (#"{"input":[[1]]}"#, 400, "BadRequestError", "input"),
            (#"{"input":null}"#, 400, "BadRequestError", "input"),
            (#"{"input":"a","model":5}"#, 400, "BadRequestError", "model"),
            (#"{"input":"a","softmax":5}"#, 400, "BadRequestError", "softmax"),
            (#"{"input":"a","model":"none"}"#, 404, "NotFoundError", nil),
        ] as [(String, Int, String, String?)]
    )
    func refusals(body: String, status: Int, type: String, parameter: String?) throws {
        let answer = service.post("/v1/classify", body)
        #expect(answer.status == status, "\(answer)")
        let error = try #require(answer.object["error"] as? [String: Any])
        #expect(error["type"] as? String == type)
        #expect(error["code"] as? Int == status)
        #expect(error["param"] as? String == parameter)
        #expect((error["message"] as? String)?.isEmpty == false)
        if body != "{" && body != "{}" {
            #expect(service.post("/classify", body).object["error"] != nil)
        }
    }

    @Test("/v1/models lists the models that a token may use, the default one first")
    func models() throws {
        let files = ["a", "b", "c"].reduce(into: [String: [UInt8]]()) { files, name in
            files[name + ".json"] = try? checkpoint(model: name).encoded()
        }
        let fixture = try TokenFixture()
        let (token, table) = try fixture.add("shop", [.classify], models: ["a", "c"])
        let service = try TestService(files: files) {
            $0.defaultModel = "b"
            $0.tokens = table
        }
        func ids(_ header: (name: String, value: String)) -> [String?]? {
            let answer = service.send(.get, "/v1/models", headers: [header])
            return (answer.object["data"] as? [[String: Any]])?.map { $0["id"] as? String }
        }
        #expect(ids(("Authorization", "Bearer " + token)) == ["a", "c"])
        #expect(ids(fixture.header(.admin)[0]) == ["b", "a", "c"])
        let none = service.send(.get, "/v1/models")
        #expect(none.status == 401 && none.headers["WWW-Authenticate"] != nil)
        let error = none.object["error"] as? [String: Any]
        #expect(error?["type"] as? String == "AuthenticationError")
    }

    @Test("alone it answers /health")
    func health() throws {
        let alone = try TestService { $0.speak([.vllm]) }
        #expect(alone.get("/health").status == 200)
        #expect(alone.post("/predict", #"{"inputs":"a"}"#).status == 404)
        #expect(try TestService { $0.speak([]) }.get("/health").status == 404)
    }
}
