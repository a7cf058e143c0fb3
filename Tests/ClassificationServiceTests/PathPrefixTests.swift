import HTTPServer
import Model
import Testing

@testable import ClassificationService

@Suite struct PathPrefixTests {
    private let service: TestService

    init() throws {
        service = try TestService { $0.pathPrefix = PathPrefix("/ml/elman/") ?? .none }
    }

    @Test("each path answers below the prefix, and without it")
    func paths() {
        for prefix in ["", "/ml/elman"] {
            #expect(service.get(prefix + "/livez").status == 200)
            #expect(service.get(prefix + "/models/mood").status == 200)
            #expect(service.get(prefix + "/models/%6dood").status == 200)
            #expect(service.get(prefix + "/v2/models/mood").status == 200)
            #expect(service.post(prefix + "/classify", #"{"text":"a"}"#).status == 200)
            #expect(service.post(prefix + "/", #"{"inputs":"a"}"#).status == 200)
            #expect(service.post(prefix + "/train", "{").status == 400)
            #expect(service.get(prefix + "/nothing").status == 404)
            #expect(service.get(prefix + "/models/a%2fb").status == 404)
        }
        for path in [
            "/ml", "/ml/", "/ml/elman2/livez", "/ml/elmanlivez", "/elman/livez", "/ML/elman/livez",
            "/ml/elman/ml/elman/livez", "//ml/elman/livez", "/ml/elman//livez",
            "/ml/elman/livez/",
        ] {
            #expect(service.get(path).status == 404, "\(path)")
        }
        let lines = Set(service.get("/metrics").text.split(separator: "\n"))
        #expect(lines.contains(#"elman_http_requests_total{route="/livez",code="200"} 2"#))
    }

    @Test("places in answers have it")
    func places() throws {
        let rows = #"[{"text":"a","label":"x"},{"text":"b","label":"y"}]"#
        let job = service.post("/ml/elman/train", #"{"model":"m","examples":\#(rows)}"#)
        let place = try #require(job.headers["Location"])
        #expect(place.hasPrefix("/ml/elman/train/job-"), "\(place)")
        #expect(service.get(place).status == 200)
        let file = try checkpoint(model: "up", weight: 3).encoded()
        let type = [(name: "Content-Type", value: "application/json")]
        let upload = service.send(.post, "/models/up/versions", headers: type, body: file)
        #expect(upload.headers["Location"] == "/ml/elman/models/up/versions/1", "\(upload)")
        let index = service.get("/ml/elman/").object
        #expect(index["contract"] as? String == "/ml/elman/openapi.yaml")
        let paths = try #require(index["paths"] as? [String])
        #expect(paths.allSatisfy { $0.hasPrefix("/ml/elman/") })
        #expect(paths.contains("/ml/elman/classify") && paths.last == "/ml/elman/")
    }

    @Test("the page is found with a slash at the end, so that it finds its files")
    func page() {
        let browser = [(name: "Accept", value: "text/html")]
        let page = service.send(.get, "/ml/elman/", headers: browser)
        #expect(page.status == 200 && page.contentType?.hasPrefix("text/html") == true)
        #expect(!page.text.contains(#"src="/"#) && !page.text.contains(#"href="/"#))
        let bare = service.send(.get, "/ml/elman", headers: browser)
        #expect(bare.status == 308 && bare.headers["Location"] == "/ml/elman/")
        #expect(service.get("/ml/elman").object["name"] as? String == "elman")
        #expect(service.post("/ml/elman", #"{"inputs":"a"}"#).status == 200)
        #expect(service.get("/ml/elman/page/main.js").status == 200)
        #expect(service.send(.get, "/", headers: browser).status == 200)
    }

    @Test("tokens and their models hold below it")
    func tokens() throws {
        let fixture = try TokenFixture()
        let (token, table) = try fixture.add("shop", [.classify], models: ["desk"])
        let service = try TestService {
            $0.tokens = table
            $0.pathPrefix = PathPrefix("/elman") ?? .none
        }
        let shop = [(name: "Authorization", value: "Bearer " + token)]
        #expect(service.get("/elman/models").status == 401)
        #expect(service.send(.get, "/elman/models/mood", headers: shop).status == 403)
        #expect(service.send(.get, "/elman/models/desk", headers: shop).status == 404)
    }

    @Test(
        "what is a prefix",
        arguments: [
            ("/elman", "/elman"), ("/elman/", "/elman"), ("/a/b-c_d.e~f/1", "/a/b-c_d.e~f/1"),
            ("", ""), ("/", ""), ("elman", nil), ("//", nil), ("/a//b", nil), ("/a b", nil),
            ("/a?b", nil), ("/a%20b", nil), ("/é", nil), ("/../a", nil), ("/a/.", nil),
            ("http://a", nil), ("/{model}", nil),
        ] as [(String, String?)]
    )
    func validity(text: String, prefix: String?) {
        #expect(PathPrefix(text)?.text == prefix, "\(text)")
    }
}
