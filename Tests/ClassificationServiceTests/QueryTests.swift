import HTTPServer
import Model
import Testing

@testable import ClassificationService

/// Queries that a route does not take, and those that `POST /classify` takes.
@Suite struct QueryTests {
    let service: TestService

    init() throws { service = try TestService() }

    @Test(
        "every operation refuses an unknown and a repeated parameter",
        arguments: EveryPath.all
    )
    func strict(place: EveryPath) {
        let target = place.target
        for operation in place.rows {
            let types = ["application/json", "text/csv", "text/plain"]
            for type in operation.body.bytes == 0 ? [""] : types {
                func send(_ query: String) -> Received {
                    service.send(
                        operation.method,
                        target + "?" + query,
                        headers: type.isEmpty ? [] : [("Content-Type", type)],
                        body: type.isEmpty ? [] : Array("{}".utf8)
                    )
                }
                let unknown = ["foo=1", "lable=x", "foo", "=", "LIMIT=1"]
                let repeated = operation.query.filter { !operation.lists.contains($0) }
                    .map { "\($0)=1&\($0)=1" }
                for query in unknown + repeated + operation.query.map({ "\($0)=1&foo=1" }) {
                    let answer = send(query)
                    let isNamed =
                        answer.contentType == "application/problem+json"
                        ? answer.code == "invalid_parameter" : answer.text.contains("query")
                    #expect(
                        answer.status == 400 && isNamed,
                        "\(operation.method) \(target)?\(query) \(type): \(answer)"
                    )
                }
            }
        }
    }

    @Test("the private listener refuses them too")
    func probes() {
        for target in ["/livez", "/readyz", "/metrics"] {
            let request = HTTPRequest(method: .get, target: target + "?foo=1")
            guard case .now(let response) = service.service.probes.respond(to: request) else {
                Issue.record("no answer")
                continue
            }
            #expect(response.status == 400, "\(target)")
        }
    }

    private func classify(_ query: String, _ text: String = "so sad") -> Received {
        service.send(
            .post,
            "/classify" + query,
            headers: [("Content-Type", "text/plain")],
            body: Array(text.utf8)
        )
    }

    @Test("with plain text the query says what the members of a JSON body say")
    func plainText() throws {
        let other = try checkpoint(model: "other", labels: ["x", "y", "z"]).encoded()
        let mood = try checkpoint(model: "mood").encoded()
        let service = try TestService(files: ["mood.json": mood, "other.json": other])
        for (query, members) in [
            ("", ""), ("?model=other", #","model":"other""#),
            ("?model=other&version=1", #","model":"other","version":1"#),
            ("?top_k=1", #","top_k":1"#), ("?min_confidence=0.999", #","min_confidence":0.999"#),
            ("?explain=true", #","explain":true"#),
            (
                "?model=other&top_k=2&min_confidence=0.5&explain=false",
                #","model":"other","top_k":2,"min_confidence":0.5,"explain":false"#
            ),
        ] {
            let text = "so \"sad\"\n\u{1F600}"
            let plain = service.send(
                .post,
                "/classify" + query,
                headers: [("Content-Type", "text/plain; charset=utf-8")],
                body: Array(text.utf8)
            )
            let json = service.post("/classify", #"{"text":"so \"sad\"\n😀"\#(members)}"#)
            #expect(plain.status == 200 && plain.body == json.body, "\(query): \(plain)")
        }
        #expect(
            service.send(
                .post,
                "/classify?model=none",
                headers: [("Content-Type", "text/plain")],
                body: Array("a".utf8)
            ).code == "model_not_found"
        )
    }

    @Test(
        "bad values are refused with the member's name",
        arguments: [
            ("?top_k=zero", "/top_k"), ("?top_k=0", "/top_k"), ("?version=x", "/version"),
            ("?version=0", "/version"), ("?min_confidence=2", "/min_confidence"),
            ("?explain=yes", "/explain"), ("?explain=", "/explain"),
        ]
    )
    func badValues(_ query: String, _ pointer: String) {
        let answer = classify(query)
        #expect(answer.status == 422 && answer.pointers == [pointer], "\(answer)")
    }

    @Test("beside a JSON body a parameter is refused with the member that it should be")
    func besideJSON() {
        for query in ["model=mood", "model=nonexistent&version=99&top_k=zero", "top_k=1"] {
            let answer = service.post("/classify?" + query, #"{"text":"a"}"#)
            let name = String(query.prefix { $0 != "=" })
            #expect(answer.status == 400 && answer.text.contains(#"\"\#(name)\" as a member"#))
        }
        #expect(classify("?").status == 200)
        let invalid: [UInt8] = [0x61, 0xFF]
        let answer = service.send(
            .post,
            "/classify?top_k=1",
            headers: [("Content-Type", "text/plain")],
            body: invalid
        )
        #expect(answer.code == "invalid_json")
    }
}
