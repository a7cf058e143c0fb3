import HTTPServer
import Testing

@testable import ClassificationService

@Suite struct CrossOriginTests {
    private static let page = "https://app.example.com"

    private let service: TestService

    init() throws {
        service = try TestService {
            $0.origins = AllowedOrigins([Self.page, "http://localhost:3000"])
        }
    }

    private func send(
        _ method: HTTPMethod,
        _ target: String,
        origin: String?,
        _ further: [(name: String, value: String)] = [],
        body: String = ""
    ) -> Received {
        let origin = origin.map { [(name: "Origin", value: $0)] } ?? []
        return service.send(method, target, headers: origin + further, body: Array(body.utf8))
    }

    @Test(
        "a page that is allowed may read every answer, errors too",
        arguments: [
            (.get, "/livez", "", 200), (.get, "/models", "", 200), (.get, "/", "", 200),
            (.post, "/classify", #"{"text":"a"}"#, 200), (.post, "/classify", "{", 400),
            (.post, "/predict", #"{"inputs":"a"}"#, 200), (.post, "/predict", "{}", 422),
            (.get, "/nothing", "", 404), (.delete, "/classify", "", 405),
            (.get, "/models/none", "", 404),
            (.post, "/classify", String(repeating: " ", count: 300_000), 413),
        ] as [(HTTPMethod, String, String, Int)]
    )
    private func reading(method: HTTPMethod, target: String, body: String, status: Int) {
        let json = [(name: "Content-Type", value: "application/json")]
        for origin in [Self.page, "http://localhost:3000"] {
            let answer = send(method, target, origin: origin, json, body: body)
            #expect(answer.status == status, "\(answer)")
            #expect(answer.headers["Access-Control-Allow-Origin"] == origin)
            #expect(answer.headers["Vary"]?.contains("Origin") == true)
            let readable = answer.headers["Access-Control-Expose-Headers"]
            #expect(readable?.contains("Location") == true)
            #expect(answer.headers["Access-Control-Allow-Credentials"] == nil)
        }
        let others: [String?] = [
            nil, "null", "https://evil.example", "https://app.example.com:8443",
            "http://app.example.com", "https://app.example.com.evil.example", "*",
            "HTTPS://app.example.com", "https://app.example.com/", "",
        ]
        for origin in others {
            let answer = send(method, target, origin: origin, json, body: body)
            #expect(answer.status == status, "\(answer)")
            #expect(answer.headers["Access-Control-Allow-Origin"] == nil, "\(origin ?? "none")")
            #expect(answer.headers["Vary"]?.contains("Origin") == true)
        }
    }

    @Test("what browsers ask before: which methods and fields")
    func preflight() {
        let asked = [
            (name: "Access-Control-Request-Method", value: "PUT"),
            (name: "Access-Control-Request-Headers", value: "authorization,content-type"),
        ]
        let answer = send(.options, "/models/mood/live", origin: Self.page, asked)
        #expect(answer.status == 204)
        #expect(answer.headers["Access-Control-Allow-Origin"] == Self.page)
        #expect(answer.headers["Access-Control-Allow-Methods"] == "PUT, OPTIONS")
        let fields = answer.headers["Access-Control-Allow-Headers"] ?? ""
        for field in ["Authorization", "Content-Type", "Idempotency-Key", "Prefer"] {
            #expect(fields.contains(field))
        }
        #expect(answer.headers["Access-Control-Max-Age"] != nil)
        #expect(answer.headers["Access-Control-Allow-Private-Network"] == nil)
        let local = [(name: "Access-Control-Request-Private-Network", value: "true")]
        #expect(
            send(.options, "/models", origin: Self.page, asked + local)
                .headers["Access-Control-Allow-Private-Network"] == "true"
        )
        let other = send(.options, "/models/mood/live", origin: "https://evil.example", asked)
        #expect(other.status == 204 && other.headers["Allow"] == "PUT, OPTIONS")
        #expect(other.headers.keys.allSatisfy { !$0.hasPrefix("Access-Control") })
        let plain = send(.options, "/models/mood/live", origin: Self.page)
        #expect(plain.headers["Access-Control-Allow-Methods"] == nil)
        #expect(send(.options, "/nothing", origin: Self.page, asked).status == 404)
    }

    @Test("with tokens a preflight needs none, and a refusal can be read")
    func tokens() throws {
        let fixture = try TokenFixture()
        let service = try TestService {
            $0.tokens = fixture.table
            $0.origins = AllowedOrigins([Self.page])
        }
        let origin = [(name: "Origin", value: Self.page)]
        let asked = [(name: "Access-Control-Request-Method", value: "POST")]
        let preflight = service.send(.options, "/classify", headers: origin + asked)
        #expect(preflight.status == 204)
        #expect(preflight.headers["Access-Control-Allow-Origin"] == Self.page)
        let body = Array(#"{"text":"a"}"#.utf8)
        let json = origin + [(name: "Content-Type", value: "application/json")]
        let refused = service.send(.post, "/classify", headers: json, body: body)
        #expect(refused.status == 401)
        #expect(refused.headers["Access-Control-Allow-Origin"] == Self.page)
        let good = service.send(
            .post,
            "/classify",
            headers: json + fixture.header(.classify),
            body: body
        )
        #expect(good.status == 200)
        #expect(good.headers["Access-Control-Allow-Origin"] == Self.page)
    }

    @Test("what the transport refuses can be read too")
    func refusals() {
        for refusal in HTTPRefusal.all {
            let head = HTTPRequest(
                method: .post,
                target: "/classify",
                headers: [("Origin", Self.page)]
            )
            let answer = Received(service.service.refusal(refusal, of: head))
            #expect(answer.headers["Access-Control-Allow-Origin"] == Self.page)
        }
    }

    @Test("other fields of the same name stay")
    func vary() {
        let answer = send(.get, "/", origin: Self.page)
        #expect(answer.headers["Vary"] == "Accept, Origin")
    }

    @Test("without the option there is nothing of it")
    func off() throws {
        let service = try TestService()
        let origin = [(name: "Origin", value: Self.page)]
        let asked = [(name: "Access-Control-Request-Method", value: "POST")]
        for method in [HTTPMethod.get, .options] {
            let answer = service.send(method, "/models", headers: origin + asked)
            #expect(answer.headers.keys.allSatisfy { !$0.hasPrefix("Access-Control") })
            #expect(answer.headers["Vary"] == nil)
        }
    }

    @Test(
        "origins as browsers send them, and no others",
        arguments: [
            ("https://app.example.com", true), ("http://localhost:3000", true),
            ("http://127.0.0.1:5173", true), ("http://[::1]:3000", true), ("http://[::1]", true),
            ("https://a-b.example", true), ("capacitor://localhost", true),
            ("chrome-extension://abcdefghijklmnop", true), ("https://xn--bcher-kva.example", true),
            ("*", false), ("null", false), ("", false), ("https://*.example.com", false),
            ("https://app.example.com/", false), ("https://app.example.com/a", false),
            ("app.example.com", false), ("https://", false), ("https://App.example.com", false),
            ("HTTPS://app.example.com", false), ("https://app.example.com:443", false),
            ("http://a:80", false), ("http://a:0", false), ("http://a:99999", false),
            ("http://a:", false), ("http://a:08", false), ("http://u@a", false),
            ("http://a b", false), ("http://bücher.example", false), ("http://[::1", false),
            ("https:app.example.com", false), ("://a", false),
        ]
    )
    func validity(text: String, isOrigin: Bool) {
        #expect(AllowedOrigins.isValid(text) == isOrigin, "\(text)")
    }
}
