import Foundation
import HTTPServer
import Model
import Testing

@testable import ClassificationService

@Suite struct OpenInferenceDialectTests {
    let service: TestService
    private let infer = "/v2/models/mood/infer"

    init() throws { service = try TestService() }

    private func tensor(_ data: String, _ shape: String = "[1]") -> String {
        #"{"name":"text","shape":\#(shape),"datatype":"BYTES","data":\#(data)}"#
    }

    private func outputs(_ answer: Received) -> [String: [String: Any]] {
        let outputs = answer.object["outputs"] as? [[String: Any]] ?? []
        return Dictionary(outputs.map { ($0["name"] as? String ?? "", $0) }) { $1 }
    }

    @Test("every tensor, with the numbers of /classify")
    func answers() throws {
        let native = service.post("/classify", #"{"texts":["happy","sad"]}"#)
        let results = try #require(native.object["results"] as? [[String: Any]])
        for path in [infer, "/v2/models/mood/versions/1/infer"] {
            let body = #"{"id":"4\"2","inputs":[\#(tensor(#"["happy","sad"]"#, "[2]"))]}"#
            let answer = service.post(path, body)
            #expect(answer.status == 200, "\(answer)")
            #expect(answer.object["model_name"] as? String == "mood")
            #expect(answer.object["model_version"] as? String == "1")
            #expect(answer.object["id"] as? String == "4\"2")
            let tensors = outputs(answer)
            #expect(tensors["label"]?["data"] as? [String] == ["happy", "sad"])
            #expect(tensors["label"]?["shape"] as? [Int] == [2])
            #expect(tensors["label"]?["datatype"] as? String == "BYTES")
            #expect(
                tensors["score"]?["data"] as? [NSNumber]
                    == results.compactMap { $0["score"] as? NSNumber }
            )
            #expect(tensors["score"]?["datatype"] as? String == "FP32")
            let expected = results.flatMap { result in
                let scores = result["scores"] as? [String: NSNumber] ?? [:]
                return ["happy", "sad"].compactMap { scores[$0] }
            }
            #expect(tensors["probabilities"]?["data"] as? [NSNumber] == expected)
            #expect(tensors["probabilities"]?["shape"] as? [Int] == [2, 2])
            #expect(tensors["labels"]?["data"] as? [String] == ["happy", "sad"])
            #expect(tensors["labels"]?["shape"] as? [Int] == [2])
        }
    }

    @Test(
        "any shape that fits, lists in lists, no type of content",
        arguments: [
            (#"["happy"]"#, "[1]"), (#"["happy"]"#, "[1,1]"), (#"[["happy"]]"#, "[1,1]"),
            (#"[["happy"],["sad"]]"#, "[2,1]"), (#"["happy","sad"]"#, "[1,2]"),
            (#"[["happy","sad"]]"#, "[2]"),
        ]
    )
    func shapes(data: String, shape: String) {
        let body = #"{"inputs":[\#(tensor(data, shape))],"outputs":[{"name":"label"}]}"#
        let typed = service.post(infer, body)
        #expect(typed.status == 200, "\(typed)")
        let untyped = service.send(.post, infer, body: Array(body.utf8))
        #expect(untyped.status == 200 && untyped.body == typed.body, "\(untyped)")
        #expect(outputs(typed).count == 1)
        let page = [(name: "Origin", value: "https://evil.example")]
        #expect(service.send(.post, infer, headers: page, body: Array(body.utf8)).status == 415)
    }

    @Test("the classification extension names the best labels")
    func classification() throws {
        let body =
            #"{"inputs":[\#(tensor(#"["sad","happy"]"#, "[2]"))],"outputs":["#
            + #"{"name":"probabilities","parameters":{"classification":1}},"#
            + #"{"name":"label","parameters":{"classification":9,"binary_data":false}}]}"#
        let answer = service.post(infer, body)
        let tensors = outputs(answer)
        let best = try #require(tensors["probabilities"]?["data"] as? [String], "\(answer)")
        #expect(
            best.map { $0.split(separator: ":").dropFirst() } == [["1", "sad"], ["0", "happy"]]
        )
        #expect(best.allSatisfy { Float($0.prefix { $0 != ":" }) ?? 0 > 0.5 })
        #expect(tensors["probabilities"]?["shape"] as? [Int] == [2, 1])
        #expect(tensors["probabilities"]?["datatype"] as? String == "BYTES")
        #expect(tensors["label"]?["shape"] as? [Int] == [2, 2])
        #expect((tensors["label"]?["data"] as? [String])?.count == 4)
    }

    @Test("texts behind the JSON, as tritonclient sends them if nobody says otherwise")
    func binary() {
        func request(_ texts: [[UInt8]], size: Int? = nil, header: Int? = nil) -> Received {
            var bytes: [UInt8] = []
            for text in texts {
                bytes += withUnsafeBytes(of: UInt32(text.count).littleEndian, Array.init) + text
            }
            let json =
                #"{"inputs":[{"name":"x","shape":[\#(texts.count)],"datatype":"BYTES","#
                + #""parameters":{"binary_data_size":\#(size ?? bytes.count)}}],"#
                + #""outputs":[{"name":"label","parameters":{"binary_data":true}}]}"#
            return service.send(
                .post,
                infer,
                headers: [
                    ("Content-Type", "application/octet-stream"),
                    ("Inference-Header-Content-Length", "\(header ?? json.utf8.count)"),
                ],
                body: Array(json.utf8) + bytes
            )
        }
        let good = request([Array("happy".utf8), Array("sad".utf8)])
        #expect(outputs(good)["label"]?["data"] as? [String] == ["happy", "sad"], "\(good)")
        for bad in [
            request([[0xFF]]), request([Array("happy".utf8)], size: 3),
            request([Array("happy".utf8)], header: 0), request([Array("a".utf8)], header: 9999),
            request([Array("a".utf8)], header: 20), request([]),
        ] { #expect(bad.status == 400 && bad.object["error"] is String, "\(bad)") }
    }

    @Test(
        "what is wrong with a request is 400 and a sentence",
        arguments: [
            "{", "[]", "{}", #"{"inputs":[]}"#, #"{"inputs":[1]}"#, #"{"inputs":{}}"#,
            #"{"inputs":[{"shape":[1],"datatype":"BYTES","data":["a"]}]}"#,
            #"{"inputs":[{"name":"t","shape":[1],"datatype":"FP32","data":[1]}]}"#,
            #"{"inputs":[{"name":"t","shape":[1],"datatype":"BYTES"}]}"#,
            #"{"inputs":[{"name":"t","datatype":"BYTES","data":["a"]}]}"#,
            #"{"inputs":[{"name":"t","shape":[2],"datatype":"BYTES","data":["a"]}]}"#,
            #"{"inputs":[{"name":"t","shape":[-1],"datatype":"BYTES","data":["a"]}]}"#,
            #"{"inputs":[{"name":"t","shape":[],"datatype":"BYTES","data":["a"]}]}"#,
            #"{"inputs":[{"name":"t","shape":[0],"datatype":"BYTES","data":[]}]}"#,
            #"{"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":[1]}]}"#,
            #"{"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":[[[[["a"]]]]]}]}"#,
            #"{"id":1,"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["a"]}]}"#,
            #"""
            {"inputs":[{"name":"t","shape":[9223372036854775807,2],"datatype":"BYTES",
             "data":["a"]}]}
            """#,
            #"""
            {"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["a"]}],
             "outputs":[{"name":"none"}]}
            """#,
            #"""
            {"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["a"]}],
             "outputs":[{"name":"label","parameters":{"classification":-1}}]}
            """#,
            #"""
            {"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["a"]}],"outputs":{}}
            """#,
            #"""
            {"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["a"]}],
             "parameters":{"sequence_id":7}}
            """#,
            #"""
            {"inputs":[{"name":"t","shape":[2],"datatype":"BYTES","data":["a","b"]}],
             "parameters":{"sequence_id":7,"sequence_start":true}}
            """#,
            #"""
            {"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["a"]}],
             "parameters":{"sequence_id":-7,"sequence_start":true}}
            """#,
            #"""
            {"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["a"]}],
             "parameters":{"sequence_id":1.5,"sequence_start":true}}
            """#,
            #"""
            {"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["a"]}],
             "parameters":{"sequence_id":7,"sequence_start":1}}
            """#,
            #"""
            {"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["a"]}],
             "parameters":{"sequence_start":true}}
            """#,
            #"""
            {"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["a"]}],
             "parameters":{"sequence_id":"","sequence_end":true}}
            """#,
            #"""
            {"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["YQ=="],
             "parameters":{"content_type":"base64"}}]}
            """#,
        ]
    )
    func refusals(body: String) {
        let answer = service.post(infer, body)
        #expect(answer.status == 400, "\(body): \(answer)")
        #expect((answer.object["error"] as? String)?.isEmpty == false)
        #expect(answer.object.count == 1)
    }

    @Test("models and versions that are not there are 404, everywhere")
    func missing() {
        let body = #"{"inputs":[\#(tensor(#"["a"]"#))]}"#
        for model in ["none", "mood/versions/9", "mood/versions/01", "mood/versions/x"] {
            for answer in [
                service.post("/v2/models/\(model)/infer", body),
                service.get("/v2/models/\(model)"), service.get("/v2/models/\(model)/ready"),
            ] {
                #expect(answer.status == 404, "\(model) \(answer)")
                #expect(answer.object["error"] is String)
            }
        }
    }

    @Test("metadata and probes")
    func metadata() throws {
        let server = service.get("/v2").object
        #expect(server["name"] as? String == "elman")
        #expect(server["extensions"] as? [String] == ["classification", "sequence"])
        for path in ["/v2/models/mood", "/v2/models/mood/versions/1"] {
            let model = service.get(path).object
            #expect(model["name"] as? String == "mood")
            #expect(model["versions"] as? [String] == ["1"])
            let inputs = try #require(model["inputs"] as? [[String: Any]])
            #expect(inputs.map { $0["name"] as? String } == ["text"])
            #expect(inputs[0]["shape"] as? [Int] == [-1])
            let outputs = try #require(model["outputs"] as? [[String: Any]])
            #expect(
                outputs.map { $0["name"] as? String }
                    == ["label", "score", "probabilities", "labels"]
            )
            #expect(outputs[2]["shape"] as? [Int] == [-1, 2])
            #expect(service.get(path + "/ready").text == #"{"name":"mood","ready":true}"#)
        }
        #expect(service.send(.get, "/v2/health/live", host: "x").text == #"{"live":true}"#)
        #expect(service.get("/v2/health/ready").text == #"{"ready":true}"#)
        let empty = try TestService(files: [:])
        #expect(empty.get("/v2/health/live").status == 200)
        let ready = empty.get("/v2/health/ready")
        #expect(ready.status == 503 && ready.text == #"{"ready":false}"#)
    }
}
