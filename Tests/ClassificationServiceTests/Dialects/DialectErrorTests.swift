import Foundation
import HTTPServer
import Testing

@testable import ClassificationService

/// A route of a dialect, a good body, and what its errors have.
private struct Place: Sendable, CustomTestStringConvertible {
    let path: String
    let body: String
    /// The member that all errors have, and what is in it by status where that is said.
    let member: String
    let word: @Sendable (Int) -> String?
    /// Whether it says 400 for what is wrong with a body.
    let hasOnlyBadRequests: Bool

    var testDescription: String { path }

    init(
        _ path: String,
        _ body: String,
        _ member: String,
        onlyBadRequests: Bool = false,
        _ word: @escaping @Sendable (Int) -> String? = { _ in nil }
    ) {
        self.path = path
        self.body = body
        self.member = member
        self.word = word
        hasOnlyBadRequests = onlyBadRequests
    }

    private static let tei: @Sendable (Int) -> String? = { status in
        status == 429 ? "Overloaded" : status == 503 ? "Unhealthy" : "Validation"
    }

    static let all = [
        Place("/predict", #"{"inputs":"a"}"#, "error_type", tei),
        Place("/", #"{"inputs":"a"}"#, "error_type", tei),
        Place("/invocations", #"{"instances":["a"]}"#, "error_type", tei),
        Place("/tokenize", #"{"inputs":"a"}"#, "error_type", tei),
        Place("/v1/classify", #"{"input":"a"}"#, "error", onlyBadRequests: true),
        Place(
            "/v2/models/mood/infer",
            #"{"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["a"]}]}"#,
            "error",
            onlyBadRequests: true
        ),
        Place("/model/parse", #"{"text":"a"}"#, "reason", onlyBadRequests: true) { status in
            [400: "BadRequest", 401: "NotAuthenticated", 403: "NotAuthorized"][status]
        },
    ]
}

@Suite struct DialectErrorTests {
    private func check(_ answer: Received, _ status: Int, _ place: Place, _ line: Int = #line) {
        #expect(answer.status == status, "line \(line): \(answer)")
        #expect(answer.contentType == "application/json", "line \(line): \(answer)")
        #expect(answer.object[place.member] != nil, "line \(line): \(answer)")
        if let word = place.word(status) {
            #expect(answer.object[place.member] as? String == word, "line \(line): \(answer)")
        }
    }

    @Test("whoever finds what is wrong, the error has the dialect's form", arguments: Place.all)
    private func forms(place: Place) throws {
        let service = try TestService()
        check(service.post(place.path, "{"), 400, place)
        check(service.post(place.path, "{}"), place.hasOnlyBadRequests ? 400 : 422, place)
        let query = place.path.contains("?") ? "&x=1" : "?x=1"
        check(service.post(place.path + query, place.body), 400, place)
        let large = String(repeating: " ", count: 300_000) + place.body
        check(service.post(place.path, large), 413, place)
        let xml = [(name: "Content-Type", value: "application/xml")]
        let body = Array(place.body.utf8)
        check(service.send(.post, place.path, headers: xml, body: body), 415, place)
        let page = [(name: "Origin", value: "https://evil.example")]
        check(service.send(.post, place.path, headers: page, body: body), 415, place)
        check(service.send(.post, place.path, host: "evil.example", body: body), 421, place)
        let form = [(name: "Content-Type", value: "application/x-www-form-urlencoded")]
        #expect(service.send(.post, place.path, headers: form, body: body).status == 200)
        if place.path != "/" { check(service.send(.patch, place.path), 405, place) }
        let empty = try TestService(files: [:])
        if place.path.contains("mood") {
            check(empty.post(place.path, place.body), 404, place)
        } else {
            let none = empty.post(place.path, place.body)
            check(none, 503, place)
            #expect(none.headers["Retry-After"] != nil)
        }
    }

    @Test("tokens, scopes and models hold as for /classify", arguments: Place.all)
    private func tokens(place: Place) throws {
        let fixture = try TokenFixture()
        let (token, table) = try fixture.add("shop", [.classify], models: ["desk"])
        let service = try TestService { $0.tokens = table }
        let none = service.post(place.path, place.body)
        check(none, 401, place)
        #expect(none.headers["WWW-Authenticate"] != nil)
        check(
            service.post(
                place.path,
                place.body,
                headers: [("Authorization", "Bearer " + String(repeating: "x", count: 43))]
            ),
            401,
            place
        )
        check(service.post(place.path, place.body, headers: fixture.header(.train)), 403, place)
        let shop = [(name: "Authorization", value: "Bearer " + token)]
        check(service.post(place.path, place.body, headers: shop), 403, place)
        #expect(
            service.post(place.path, place.body, headers: fixture.header(.classify)).status == 200
        )
    }

    @Test("requests and predictions are counted, and remembered, as the native ones")
    func metrics() throws {
        let service = try TestService { $0.rememberedPredictions = 10 }
        for place in Place.all { #expect(service.post(place.path, place.body).status == 200) }
        let lines = Set(service.get("/metrics").text.split(separator: "\n"))
        for route in ["/predict", "/", "/v1/classify", "/v2/models/{model}/infer"] {
            #expect(
                lines.contains(#"elman_http_requests_total{route="\#(route)",code="200"} 1"#[...]),
                "\(route)"
            )
        }
        // All but /tokenize predict.
        let count = Place.all.count - 1
        #expect(
            lines.contains(#"elman_abstained_total{model="mood",version="1"} \#(count)"#[...])
        )
        let kept = service.get("/predictions").object["predictions"] as? [Any]
        #expect(kept?.count == count)
    }

    @Test("--dialects: a dialect that is not spoken has no path")
    func chosen() throws {
        for name in DialectName.allCases {
            let service = try TestService { $0.speak([name]) }
            let paths = Set(service.service.router.table.paths.map(\.template.text))
            #expect(paths.contains("/predict") == (name == .huggingFace))
            #expect(paths.contains("/v1/classify") == (name == .vllm))
            #expect(paths.contains("/v2") == (name == .openInference))
            #expect(paths.contains("/model/parse") == (name == .rasa))
            #expect(paths.contains("/invocations") == (name == .sageMaker))
            #expect(service.post("/classify", #"{"text":"a"}"#).status == 200)
        }
        let native = try TestService { $0.speak([]) }
        for place in Place.all {
            #expect([404, 405].contains(native.post(place.path, place.body).status))
        }
        #expect(native.post("/classify", #"{"input":"a"}"#).code == "invalid_request")
        #expect(native.get("/").object["paths"].map { "\($0)" }?.contains("/v2") == false)
    }
}
