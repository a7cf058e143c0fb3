import HTTPServer
import JSON
import Model
import Testing

@testable import ClassificationService

/// A second way to ask, in this file alone: a list of instances, the best labels first, errors of
/// another shape.
private struct InstancesDialect: Dialect {
    func operations(_ classify: ClassifyHandlers) -> [TableRow] {
        [("/scored/{model}", ModelPlace.path), ("/scored", .body)].map { path, model in
            TableRow(
                .post,
                path,
                model: model,
                .scope(.classify),
                body: .texts(classify.limits),
                [200, 404, 413, 422, 503],
                errors: Errors(),
                classify.handler(self)
            )
        } + [
            TableRow(
                .post,
                "/classify",
                model: .body,
                .scope(.classify),
                body: .texts(classify.limits),
                [200, 404, 413, 422, 503],
                claims: { classify.hasMember("instances", $0) },
                errors: Errors(),
                classify.handler(self)
            )
        ]
    }

    func read(
        _ request: borrowing HTTPRequest,
        _ path: PathValues,
        _ limits: Limits,
        into workspace: ClassifyWorkspace
    ) throws(ServiceError) -> ClassifyRequest {
        let body: JSONValue
        do throws(JSONError) { body = try workspace.parser.parse(request.body) } catch {
            throw .invalidJSON(error.description)
        }
        guard let instances = body["instances"], (1...limits.texts).contains(instances.count) else {
            throw .invalid("/instances", "There must be a list.")
        }
        for (index, instance) in instances.elements.enumerated() {
            guard let text = instance["data"]?.utf8 else {
                throw .invalid("/instances/\(index)/data", "There must be a text.")
            }
            workspace.texts.append(text)
        }
        var asked = ClassifyRequest()
        asked.model = path[.model]
        asked.options.topK = 10_000
        asked.options.minimumConfidence = Float(body["threshold"]?.double ?? 0)
        asked.options.isExplained = body["why"]?.bool ?? false
        return asked
    }

    func writer(
        _ options: ClassifyRequest.Options,
        textCount: Int,
        _ model: ServedModel
    ) -> Writer {
        Writer(labels: model.classifier.labels)
    }

    struct Writer: ClassificationWriter {
        let labels: [String]
        private var json = JSONWriter()

        init(labels: [String]) {
            self.labels = labels
            json.beginArray()
        }

        mutating func write(_ classification: borrowing Classification) {
            json.beginObject()
            for index in classification.ranking ?? [] {
                json.key(labels[index])
                json.float(classification.probabilities[index])
            }
            json.key("sure")
            json.bool(classification.abstention == nil)
            if let words = classification.explanation {
                json.key("words")
                json.int(words.count)
            }
            json.endObject()
        }

        mutating func finish() -> Answer {
            json.endArray()
            return .init(contentType: "application/json", body: json.finish())
        }
    }

    private struct Errors: ErrorWriter {
        func answer(to problem: Problem, requestID: String) -> Answer {
            .init(
                status: problem.status,
                contentType: "application/json",
                headers: problem.headers,
                body: Array(#"{"code":\#(problem.status),"type":"\#(problem.code)"}"#.utf8)
            )
        }
    }
}

@Suite struct DialectTests {
    let service: TestService

    init() throws { service = try TestService { $0.dialects = [InstancesDialect()] } }

    @Test("a dialect is read and written by itself, with the numbers of the native one")
    func answers() throws {
        let native = service.post("/classify", #"{"texts":["happy","sad"],"top_k":2}"#)
        let results = try #require(native.object["results"] as? [[String: Any]])
        let expected = results.map { result in
            let ranking = result["ranking"] as? [[String: Any]] ?? []
            return ranking.map { "\"\($0["label"] ?? "")\":\($0["score"] ?? "")" }
                .joined(separator: ",") + ",\"sure\":true"
        }
        let body = #"{"instances":[{"data":"happy"},{"data":"sad"}]}"#
        for target in ["/scored/mood", "/scored", "/scored/%6dood"] {
            let answer = service.post(target, body)
            #expect(answer.status == 200, "\(answer)")
            let text = answer.text.dropFirst(2).dropLast(2)
            #expect(text.split(separator: "},{").count == 2)
            for (part, wanted) in zip(answer.text.split(separator: "},{"), expected) {
                #expect(keys(part) == keys(Substring(wanted)), "\(part) \(wanted)")
            }
        }
    }

    /// Names and the first digits of numbers: Foundation reads doubles where floats were written.
    private func keys(_ text: Substring) -> [String] {
        text.filter { !"[]{}".contains($0) }.split(separator: ",").map { String($0.prefix(13)) }
    }

    @Test("abstaining, explaining and counting are not the dialect's concern")
    func decisions() {
        let unsure = service.post(
            "/scored",
            #"{"instances":[{"data":"happy"}],"threshold":0.99}"#
        )
        #expect(unsure.text.contains(#""sure":false"#), "\(unsure)")
        let unknown = service.post("/scored", #"{"instances":[{"data":"qqq"}]}"#)
        #expect(unknown.text.contains(#""sure":false"#), "\(unknown)")
        let explained = service.post(
            "/scored/mood",
            #"{"instances":[{"data":"so happy"}],"why":true}"#
        )
        #expect(explained.text.contains(#""words":2"#), "\(explained)")
        let lines = service.get("/metrics").text.split(separator: "\n")
        #expect(lines.contains(#"elman_abstained_total{model="mood",version="1"} 2"#))
        #expect(
            lines.contains(#"elman_http_requests_total{route="/scored/{model}",code="200"} 1"#)
        )
        #expect(service.get("/").text.contains(#""/scored","/"]"#))
    }

    @Test("its errors have its shape, whoever finds them, and others keep theirs")
    func errors() throws {
        let good = #"{"instances":[{"data":"a"}]}"#
        let large = #"{"instances":["# + String(repeating: " ", count: 300_000)
        func check(_ answer: Received, _ expected: String, _ line: Int = #line) {
            #expect(answer.text == expected, "line \(line)")
            #expect(answer.contentType == "application/json")
        }
        check(service.post("/scored/none", good), #"{"code":404,"type":"model_not_found"}"#)
        check(service.post("/scored", "{"), #"{"code":400,"type":"invalid_json"}"#)
        check(service.post("/scored", "{}"), #"{"code":422,"type":"invalid_request"}"#)
        check(service.post("/scored", large), #"{"code":413,"type":"body_too_large"}"#)
        check(service.post("/scored?x=1", good), #"{"code":400,"type":"invalid_parameter"}"#)
        let wrong = service.get("/scored/mood")
        check(wrong, #"{"code":405,"type":"method_not_allowed"}"#)
        #expect(wrong.headers["Allow"] == "POST, OPTIONS")
        #expect(service.post("/classify", "{").contentType == "application/problem+json")
        #expect(service.get("/scored/a/b").contentType == "application/problem+json")
    }

    @Test("on a path that it shares it answers what it claims, and nothing else")
    func shared() throws {
        let own = service.post("/scored", #"{"instances":[{"data":"happy"}]}"#)
        let shared = service.post("/classify", #"{"instances":[{"data":"happy"}]}"#)
        #expect(shared.status == 200 && shared.body == own.body, "\(shared)")
        let wrong = service.post("/classify", #"{"instances":[]}"#)
        #expect(wrong.text == #"{"code":422,"type":"invalid_request"}"#)
        let plain = try TestService()
        for body in [#"{"text":"happy"}"#, #"{"texts":["a"],"top_k":1}"#, "{", #"{"text":1}"#] {
            let (here, there) = (service.post("/classify", body), plain.post("/classify", body))
            #expect(here.status == there.status && here.contentType == there.contentType)
            if here.status == 200 { #expect(here.body == there.body) }
        }
        #expect(service.get("/classify").headers["Allow"] == "POST, OPTIONS")
    }

    @Test("tokens and their models hold for it as for any path")
    func tokens() throws {
        let fixture = try TokenFixture()
        let (token, table) = try fixture.add("shop", [.classify], models: ["desk"])
        let service = try TestService {
            $0.dialects = [InstancesDialect()]
            $0.tokens = table
        }
        let body = #"{"instances":[{"data":"a"}]}"#
        let shop = [(name: "Authorization", value: "Bearer " + token)]
        #expect(
            service.post("/scored/mood", body).text == #"{"code":401,"type":"token_missing"}"#
        )
        #expect(
            service.post("/scored/mood", body, headers: fixture.header(.train)).text
                == #"{"code":403,"type":"scope_missing"}"#
        )
        for target in ["/scored/mood", "/scored/none", "/scored"] {
            #expect(
                service.post(target, body, headers: shop).text
                    == #"{"code":403,"type":"model_forbidden"}"#
            )
        }
        #expect(
            service.post("/scored/desk", body, headers: shop).text
                == #"{"code":404,"type":"model_not_found"}"#
        )
    }
}
