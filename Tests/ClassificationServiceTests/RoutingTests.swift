import HTTPServer
import Testing

@testable import ClassificationService

@Suite struct RoutingTests {
    let service: TestService

    init() throws { service = try TestService() }

    @Test("every path answers every method as its table says", arguments: EveryPath.all)
    func methods(place: EveryPath) {
        let target = place.target
        let methods: [HTTPMethod] = [
            .get, .head, .post, .put, .patch, .delete, .options, .trace, .query,
        ]
        let allowed = Set(place.rows.map(\.method))
        for method in methods {
            let answer = service.send(method, target)
            if method == .options {
                #expect(answer.status == 204)
                #expect(answer.headers["Allow"]?.contains("OPTIONS") == true)
            } else if allowed.contains(method) || (method == .head && allowed.contains(.get)) {
                let wanted = method == .head ? .get : method
                let statuses = place.rows.first { $0.method == wanted }?.statuses ?? []
                #expect(statuses.contains(answer.status), "\(method) \(target): \(answer)")
            } else {
                #expect(answer.status == 405, "\(method) \(target)")
                let isProblem = place.rows[0].errors is ProblemDocument
                let type = isProblem ? "application/problem+json" : "application/json"
                #expect(answer.contentType == type)
                for method in allowed {
                    #expect(answer.headers["Allow"]?.contains(method.rawValue) == true)
                }
            }
        }
    }

    @Test(
        "what is no path is a 404",
        arguments: [
            "/nothing", "/models/", "/classify/", "//", "/Models", "/models/mood/versions/1/",
            "/models/a%2fb", "/models/a%2Flive", "/models/..%2f..%2fetc%2fpasswd",
            "/models/mood/versions/", "/train/job-1", "/train/..", "/models/%00",
            "/models/mood/versions/0", "/models/mood/versions/01", "/models/mood/versions/-1",
            "/models/mood/versions/99999999999999999999", "/models/..", "/models/.hidden",
            "/models/%252e%252e", "/models/..%5c..", "/models/mood/versions/1%00",
            "/" + String(repeating: "a", count: 4000),
        ]
    )
    func notFound(target: String) {
        let answer = service.get(target)
        #expect(answer.status == 404, "\(target): \(answer)")
        #expect(answer.contentType == "application/problem+json")
    }

    @Test("a request's name comes back; one that is not fit for it is replaced")
    func requestID() {
        func answer(_ id: String, _ target: String) -> Received {
            service.send(.get, target, headers: [("X-Request-Id", id)])
        }
        #expect(answer("a:1-b_c.D", "/livez").headers["X-Request-Id"] == "a:1-b_c.D")
        #expect(answer("a:1", "/nothing").object["request_id"] as? String == "a:1")
        #expect(service.get("/livez").headers["X-Request-Id"] == nil)
        for bad in ["", "a b", "\u{1b}[31m", "<script>", String(repeating: "a", count: 65)] {
            let made = answer(bad, "/nothing").object["request_id"] as? String
            #expect(made?.hasPrefix("req-") == true, "\(bad)")
        }
    }

    @Test("every refusal of the transport is a problem document")
    func refusals() {
        for refusal in HTTPRefusal.all {
            let head = HTTPRequest(method: .post, target: "/nothing")
            let answer = Received(service.service.refusal(refusal, of: head))
            #expect(answer.status == refusal.status)
            #expect(answer.contentType == "application/problem+json")
            #expect(answer.code == refusal.code)
            #expect(answer.object["title"] as? String != nil)
            if refusal.status == 503 { #expect(answer.headers["Retry-After"] == "1") }
        }
    }

    @Test("the private listener answers probes and metrics alone")
    func probes() {
        let probes = service.service.probes
        func status(_ method: HTTPMethod, _ target: String) -> Int {
            switch probes.respond(to: HTTPRequest(method: method, target: target)) {
            case .now(let response): response.status
            case .later: 0
            }
        }
        for target in ["/livez", "/readyz", "/metrics"] {
            #expect(status(.get, target) == 200)
            #expect(status(.delete, target) == 405)
        }
        for target in ["/classify", "/train", "/models", "/", "/openapi.yaml", "/nothing"] {
            #expect(status(.get, target) == 404)
        }
    }

    @Test("no model: the process lives, is not ready, and says so")
    func noModel() throws {
        let service = try TestService(files: [:])
        #expect(service.get("/livez").status == 200)
        let ready = service.get("/readyz")
        #expect(ready.status == 503)
        #expect(ready.headers["Retry-After"] != nil)
        #expect(ready.object["status"] as? String == "unavailable")
        let answer = service.post("/classify", #"{"text":"a"}"#)
        #expect(answer.status == 503)
        #expect(answer.code == "no_model")
        #expect(answer.headers["Retry-After"] != nil)
    }

    @Test("draining: not ready, still answering, no new jobs")
    func draining() {
        service.service.startDraining()
        #expect(service.get("/readyz").object["status"] as? String == "draining")
        #expect(service.get("/readyz").status == 503)
        #expect(service.get("/livez").status == 200)
        #expect(service.post("/classify", #"{"text":"a"}"#).status == 200)
        let job = #"{"model":"m","examples":[{"text":"a","label":"x"},{"text":"b","label":"y"}]}"#
        #expect(service.post("/train", job).status == 503)
    }
}
