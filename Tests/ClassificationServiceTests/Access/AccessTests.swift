import Dispatch
import Foundation
import HTTPServer
import Store
import Synchronization
import TestStores
import Testing

@testable import ClassificationService

/// Who may do what, for every operation that there is.
@Suite struct AccessTests {
    let fixture: TokenFixture
    let service: TestService

    init() throws {
        let fixture = try TokenFixture()
        self.fixture = fixture
        service = try TestService { $0.tokens = fixture.table }
    }

    /// The status of an operation whose body is well formed but empty.
    private func answer(
        _ place: EveryPath,
        _ operation: TableRow,
        _ headers: [(name: String, value: String)]
    ) -> Received {
        let takesBody = [.post, .put, .patch].contains(operation.method)
        let type = [(name: "Content-Type", value: "application/json")]
        return service.send(
            operation.method,
            place.target,
            headers: headers + (takesBody ? type : []),
            body: takesBody ? Array("{}".utf8) : []
        )
    }

    @Test("without a good token: 401 wherever one is needed", arguments: EveryPath.all)
    func unauthenticated(place: EveryPath) {
        let wrong = "elman-00000000000000000000000000000000"
        let good = fixture.tokens[.admin] ?? ""
        let values: [String?] = [
            nil, "", "Bearer", "Bearer ", "Bearer  " + good, "Basic YTpi", good, "Bearer " + wrong,
            "Bearer " + good.dropLast(), "Bearer " + good + "0", "Bearer " + good.uppercased(),
            "Bearer\t" + good, "Bearer " + good + ", Bearer " + good, "Token " + good,
        ]
        for operation in place.rows {
            for value in values {
                let headers = value.map { [(name: "Authorization", value: $0)] } ?? []
                let answer = answer(place, operation, headers)
                guard operation.access != .everyone else {
                    #expect(![401, 403].contains(answer.status), "\(place.target) \(value ?? "")")
                    continue
                }
                #expect(answer.status == 401, "\(operation.method) \(place.target) \(value ?? "")")
                let problem: Problem = value == nil ? .tokenMissing : .tokenWrong
                #expect(operation.tells(problem, in: answer), "\(answer)")
                #expect(answer.headers["WWW-Authenticate"]?.hasPrefix("Bearer ") == true)
                #expect(!answer.text.contains(good))
            }
        }
    }

    @Test("without tokens, another host than the server's: 421 wherever it is not a probe")
    func hosts() throws {
        let open = try TestService()
        for place in EveryPath.all {
            for operation in place.rows {
                let isProbe = [
                    "/livez", "/readyz", "/health", "/ping", "/v2", "/v2/health/live",
                    "/v2/health/ready",
                ].contains(place.target)
                for body in operation.body.bytes == 0 ? [0] : [2, 20_000] {
                    let answer = open.send(
                        operation.method,
                        place.target,
                        host: "evil.example",
                        headers: [(name: "Content-Type", value: "application/json")],
                        body: Array(repeating: UInt8(ascii: " "), count: body)
                    )
                    #expect(
                        (answer.status == 421) == !isProbe,
                        "\(operation.method) \(place.target)"
                    )
                    #expect(operation.statuses.contains(answer.status), "\(place.target) \(answer)")
                }
            }
        }
        #expect(open.send(.get, "/nothing", host: "evil.example").status == 421)
        #expect(open.send(.options, "/models", host: "evil.example").status == 421)
        #expect(open.send(.delete, "/models/mood", host: "evil.example:80").status == 421)
        #expect(open.send(.get, "/models/mood").status == 200)
        // With tokens it does not matter.
        let headers = fixture.header(.admin)
        #expect(
            service.send(.get, "/models", host: "evil.example", headers: headers).status == 200
        )
        #expect(service.send(.get, "/", host: "evil.example").status == 200)
    }

    @Test("a report quotes rows, so only who may read the examples gets it")
    func reports() throws {
        let body =
            #"{"model":"mood","examples":[{"text":"a","label":"x"},{"text":"b","label":"y"}]}"#
        let posted = service.send(
            .post,
            "/train",
            headers: [(name: "Content-Type", value: "application/json")] + fixture.header(.admin),
            body: Array(body.utf8)
        )
        #expect(posted.status == 202, "\(posted)")
        let claimed = try #require(try service.store.claim(worker: "w", lease: .seconds(30)))
        try service.publish(claimed, report: #"{"mistakes":[{"text":"secret"}]}"#)
        for scope in Scope.allCases {
            let card = service.send(
                .get,
                "/models/mood/versions/2",
                headers: fixture.header(scope)
            )
            #expect(card.status == 200)
            let maySee = scope == .train || scope == .admin
            #expect((card.object["report"] is [String: Any]) == maySee, "\(scope)")
            #expect(card.text.contains("secret") == maySee, "\(scope)")
            #expect(card.object["version"] as? Int == 2)
        }
    }

    @Test("with a token: in with its scope or with admin, 403 otherwise", arguments: EveryPath.all)
    func scopes(place: EveryPath) {
        for operation in place.rows {
            for scope in Scope.allCases {
                let answer = answer(place, operation, fixture.header(scope))
                let isIn =
                    switch operation.access {
                    case .everyone, .anyToken: true
                    case .scope(let needed): scope == needed || scope == .admin
                    }
                let what = "\(operation.method) \(place.target) with \(scope): \(answer)"
                if isIn {
                    #expect(![401, 403].contains(answer.status), "\(what)")
                } else {
                    #expect(answer.status == 403, "\(what)")
                    if case .scope(let needed) = operation.access {
                        #expect(operation.tells(.scopeMissing(needed), in: answer), "\(what)")
                    }
                    #expect(
                        answer.headers["WWW-Authenticate"]?.contains(operation.access.name) == true
                    )
                }
            }
        }
    }

    @Test("a token is taken in any spelling of Bearer; OPTIONS and unknown paths need none")
    func spelling() {
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let value = scheme + " " + (fixture.tokens[.train] ?? "")
            #expect(
                service.send(.get, "/models", headers: [("Authorization", value)]).status == 200
            )
        }
        #expect(service.send(.options, "/train").status == 204)
        #expect(service.get("/nothing").status == 404)
        #expect(service.send(.delete, "/classify").status == 405)
    }

    @Test("a large body is refused before it is read")
    func admission() {
        for (method, target) in [(HTTPMethod.post, "/classify"), (.post, "/train")] {
            for length in [("Content-Length", "100000"), ("Transfer-Encoding", "chunked")] {
                let head = HTTPRequest(method: method, target: target, headers: [length])
                guard case .refuse(let response) = service.service.admit(head) else {
                    Issue.record("\(target) was let in")
                    continue
                }
                #expect(response.status == 401)
            }
        }
    }

    @Test("a token for some models meets 403 at all others, be they there or not")
    func models() throws {
        let scopes = Scope.allCases.filter { $0 != .admin }
        let (token, table) = try fixture.add("shop", scopes, models: ["desk"])
        service.service.replaceTokens(with: table)
        let header = [(name: "Authorization", value: "Bearer " + token)]
        let json = header + [(name: "Content-Type", value: "application/json")]
        for name in ["mood", "nothing"] {
            for target in ["", "/versions/1", "/versions/1/checkpoint"] {
                let answer = service.send(.get, "/models/\(name)\(target)", headers: header)
                #expect(answer.code == "model_forbidden", "\(name)\(target)")
                #expect(answer.status == 403)
            }
            let live = Array(#"{"version":1}"#.utf8)
            let put = service.send(.put, "/models/\(name)/live", headers: json, body: live)
            #expect(put.status == 403)
            for more in ["", #","version":1"#, #","version":77"#, #","explain":true"#] {
                let body = #"{"text":"a","model":"\#(name)"\#(more)}"#
                let answer = service.post("/classify", body, headers: header)
                #expect(answer.code == "model_forbidden", "\(body)")
            }
            let rows = TrainTests.rows
            let train = #"{"model":"\#(name)","examples":\#(rows)}"#
            #expect(service.post("/train", train, headers: header).code == "model_forbidden")
        }
        // The default model is one of the others.
        #expect(service.post("/classify", #"{"text":"a"}"#, headers: header).status == 403)
        let plain = header + [(name: "Content-Type", value: "text/plain")]
        let text = service.send(.post, "/classify", headers: plain, body: Array("a".utf8))
        #expect(text.status == 403)
        let list = service.send(.get, "/models", headers: header)
        #expect(list.status == 200)
        #expect((list.object["models"] as? [Any])?.isEmpty == true)
        let desk = #"{"model":"desk","examples":\#(TrainTests.rows)}"#
        #expect(service.post("/train", desk, headers: header).status == 202)
        #expect(service.send(.get, "/models/desk", headers: header).status == 404)
    }

    private let job = #"{"model":"m","promote":"always","examples":\#(TrainTests.rows)}"#

    @Test("a job knows who asked for it, and whether it may promote what it makes")
    func provenance() throws {
        for (scope, mayPromote) in [(Scope.train, false), (.admin, true)] {
            let answer = service.post("/train", job, headers: fixture.header(scope))
            #expect(answer.object["actor"] as? String == scope.rawValue)
            let id = try #require(answer.object["id"] as? String)
            let stored = try #require(try service.store.job(id))
            #expect(stored.actor == scope.rawValue)
            #expect(stored.mayPromote == mayPromote)
        }
        let open = try TestService()
        let answer = open.post("/train", job)
        #expect(answer.object["actor"] is NSNull)
        let id = try #require(answer.object["id"] as? String)
        #expect(try open.store.job(id)?.mayPromote == true)
    }

    @Test("jobs of others are as jobs that are not there, but to admin")
    func jobsOfOthers() throws {
        let (token, table) = try fixture.add("other", [.train], models: [])
        service.service.replaceTokens(with: table)
        let other = [(name: "Authorization", value: "Bearer " + token)]
        let mine = service.post("/train", job, headers: fixture.header(.train))
        let id = try #require(mine.object["id"] as? String)
        let target = "/train/" + id
        func ids(_ headers: [(name: String, value: String)], _ query: String = "") -> [String] {
            let jobs = service.send(.get, "/train" + query, headers: headers).object["jobs"]
            return (jobs as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
        }
        for method in [HTTPMethod.get, .delete, .head] {
            let answer = service.send(method, target, headers: other)
            #expect(answer.status == 404)
            #expect(answer.code == "job_not_found")
        }
        #expect(service.send(.get, target + "/events", headers: other).status == 404)
        #expect(ids(other).isEmpty)
        #expect(service.send(.get, "/train?before=" + id, headers: other).status == 404)
        for header in [fixture.header(.train), fixture.header(.admin)] {
            #expect(ids(header) == [id])
            #expect(
                service.send(.get, target, headers: header).object["state"] as? String == "queued"
            )
        }
        let second = service.post("/train", job, headers: other).object["id"] as? String
        #expect(ids(other) == [second])
        #expect(ids(fixture.header(.admin)) == [second, id])
        #expect(ids(fixture.header(.admin), "?before=\(second ?? "")") == [id])
        #expect(service.send(.delete, target, headers: fixture.header(.admin)).status == 200)
    }

    @Test("one token cannot fill the queue, however many post at once")
    func queueLimits() throws {
        let fixture = fixture
        let service = try TestService {
            $0.tokens = fixture.table
            $0.limits.queuedJobs = 3
        }
        let (job, header) = (job, fixture.header(.train))
        let answers = Mutex<[Received]>([])
        DispatchQueue.concurrentPerform(iterations: 50) { _ in
            let answer = service.post("/train", job, headers: header)
            answers.withLock { $0.append(answer) }
        }
        let refused = answers.withLock { $0.filter { $0.status == 429 } }
        #expect(refused.count == 48)
        #expect(answers.withLock { $0.count { $0.status == 202 } } == 2)
        #expect(refused.allSatisfy { $0.headers["Retry-After"] != nil })
        #expect(refused.allSatisfy { $0.text.contains("of this token") })
        #expect(service.post("/train", job, headers: fixture.header(.admin)).status == 202)
        // An address that the client makes up changes nothing.
        let spoofed = fixture.header(.admin) + [(name: "X-Forwarded-For", value: "192.0.2.1")]
        let last = service.post("/train", job, headers: spoofed)
        #expect(last.status == 429)
        #expect(last.text.contains("3 jobs wait already"))
    }

    @Test("a token that was taken away opens nothing any more, and a new one does")
    func revoked() throws {
        let old = fixture.header(.admin)
        #expect(service.send(.get, "/models", headers: old).status == 200)
        let other = try TokenFixture()
        service.service.replaceTokens(with: other.table)
        #expect(service.send(.get, "/models", headers: old).status == 401)
        #expect(service.send(.get, "/models", headers: other.header(.admin)).status == 200)
    }

    @Test("what is wrong is told to tokens for all models and on the private listener alone")
    func problems() throws {
        let fixture = try TokenFixture()
        let service = try TestService(files: ["broken.json": Array("{}".utf8)]) {
            $0.tokens = fixture.table
        }
        func problems(_ answer: Received) -> Int? { (answer.object["problems"] as? [Any])?.count }
        #expect(problems(service.get("/readyz")) == 0)
        #expect(problems(service.send(.get, "/readyz", headers: fixture.header(.classify))) == 1)
        let probes = service.service.probes
        for target in ["/readyz", "/metrics"] {
            let request = HTTPRequest(method: .get, target: target)
            guard case .now(let response) = probes.respond(to: request) else {
                Issue.record("no answer")
                continue
            }
            let answer = Received(response)
            if target == "/readyz" { #expect(problems(answer) == 1) }
            #expect(![401, 403].contains(answer.status))
        }
    }
}
