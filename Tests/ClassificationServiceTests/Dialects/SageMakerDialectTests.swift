import Foundation
import HTTPServer
import Model
import Testing

@testable import ClassificationService

@Suite struct SageMakerDialectTests {
    let service: TestService

    init() throws { service = try TestService() }

    @Test(
        "instances are answered by predictions",
        arguments: [
            (#"{"instances":["happy","sad"]}"#, 2, 2),
            (#"{"instances":[{"text":"happy"}]}"#, 1, 2),
            (#"{"instances":[{"content":"happy","mimeType":"text/plain"},"a"]}"#, 2, 2),
            (#"{"instances":[{"inputs":"happy"}],"parameters":{"top_k":1}}"#, 1, 1),
        ]
    )
    func vertex(body: String, count: Int, labels: Int) throws {
        let answer = service.post("/invocations", body)
        #expect(answer.status == 200, "\(answer)")
        let predictions = try #require(answer.object["predictions"] as? [[[String: Any]]])
        #expect(predictions.map(\.count) == Array(repeating: labels, count: count))
        #expect(predictions[0][0]["label"] as? String == "happy")
        let native = service.post("/classify", #"{"text":"happy"}"#).object
        #expect(predictions[0][0]["score"] as? NSNumber == native["score"] as? NSNumber)
    }

    @Test("a body of text/plain is one text")
    func plain() {
        func send(_ body: [UInt8]) -> Received {
            let type = [(name: "Content-Type", value: "text/plain; charset=utf-8")]
            return service.send(.post, "/invocations", headers: type, body: body)
        }
        #expect(
            send(Array("happy".utf8)).body
                == service.post("/invocations", #"{"inputs":"happy"}"#).body
        )
        #expect(send([0xFF]).status == 400)
    }

    @Test(
        "what is wrong is named",
        arguments: [
            "{}", "[]", #"{"instances":"a"}"#, #"{"instances":[]}"#, #"{"instances":[1]}"#,
            #"{"instances":[{}]}"#, #"{"instances":[{"text":"a","content":"b"}]}"#,
            #"{"instances":[{"text":1}]}"#, #"{"instances":["a"],"parameters":{"top_k":0}}"#,
        ]
    )
    func refusals(body: String) {
        let answer = service.post("/invocations", body)
        #expect(answer.status == 422, "\(answer)")
        #expect(answer.object["error"] is String)
    }

    @Test(
        "Vertex AI's own paths, also where another dialect has them",
        arguments: ["/v1/endpoints/1:predict", "/predict", "/classify", "/invocations", "/"]
    )
    func routes(predict: String) throws {
        let routes = VertexRoutes(health: "/vertex-health", predict: predict)
        let service = try TestService { $0.speak(DialectName.allCases, vertex: routes) }
        #expect(service.get("/vertex-health").status == 200)
        let answer = service.post(predict, #"{"instances":["happy"]}"#)
        #expect(answer.text.hasPrefix(#"{"predictions":[["#), "\(answer)")
        #expect(service.post("/predict", #"{"inputs":"happy"}"#).text.hasPrefix("[{"))
        #expect(service.post("/classify", #"{"text":"happy"}"#).status == 200)
        #expect(service.post("/classify", #"{"input":"happy"}"#).object["data"] != nil)
    }

    @Test(
        "a path that is none, or that is another's, stops the start by its name",
        arguments: [
            "", "predict", "/a b", "/{model}", "/train", "/feedback", "/tokenize", "/\u{e9}",
            "/models/mood/evaluate", "/models/mood",
        ]
    )
    func badRoutes(path: String) throws {
        let routes = VertexRoutes(predict: path)
        let found = #expect(throws: VertexRouteError.self) {
            try TestService { $0.speak(DialectName.allCases, vertex: routes) }
        }
        #expect(found?.description.hasPrefix("AIP_PREDICT_ROUTE ") == true)
    }

    @Test(
        "so does one for health that says nothing of it",
        arguments: ["/", "/models", "/models/mood", "/docs", "/metrics", "health"]
    )
    func badHealthRoutes(path: String) throws {
        let routes = VertexRoutes(health: path)
        let found = #expect(throws: VertexRouteError.self) {
            try TestService { $0.speak(DialectName.allCases, vertex: routes) }
        }
        #expect(found?.description.hasPrefix("AIP_HEALTH_ROUTE ") == true)
    }

    @Test("probes that are there may be named", arguments: ["/health", "/ping", "/readyz"])
    func probes(path: String) throws {
        let routes = VertexRoutes(health: path, predict: "/classify")
        let service = try TestService { $0.speak(DialectName.allCases, vertex: routes) }
        #expect(service.get(path).status == 200)
    }
}
