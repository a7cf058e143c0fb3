import Digest
import Examples
import Foundation
import HTTPServer
import Memory
import Model
import Store
import TestClassifiers
import TestStores
import Testing

@testable import ClassificationService

/// `/models/{model}/shadow`: a version that also answers what the live one does.
@Suite struct ShadowTests {
    /// A service whose model `mood` has a second version, which says the opposite.
    private func service(
        directory: String? = nil,
        _ change: (inout ServiceSettings) -> Void = { _ in }
    ) throws -> TestService {
        let service = try TestService(directory: directory) {
            $0.rememberedPredictions = 100
            change(&$0)
        }
        if directory == nil { #expect(try upload(to: service) == 201) }
        return service
    }

    private func upload(
        to service: TestService,
        _ made: Checkpoint? = nil,
        _ headers: [(name: String, value: String)] = []
    ) throws -> Int {
        let opposite = try made ?? checkpoint(model: "mood", weight: -2)
        return service.send(
            .post,
            "/models/\(opposite.model)/versions",
            headers: [("Content-Type", "application/json")] + headers,
            body: opposite.encoded()
        ).status
    }

    private let path = "/models/mood/shadow"
    private func classify(_ service: TestService, _ text: String, _ more: String = "") {
        #expect(service.post("/classify", #"{"text":"\#(text)"\#(more)}"#).status == 200)
    }

    /// Waits until the shadow has been asked so many texts; what is told then.
    @discardableResult
    private func shadow(_ service: TestService, total: Int) -> [String: Any] {
        var told: [String: Any] = [:]
        for _ in 0..<1000 {
            told = service.get(path).object
            let dropped = told["dropped"] as? Int ?? 0
            if (told["total"] as? Int ?? 0) + dropped >= total { break }
            usleep(10_000)
        }
        #expect(told["total"] as? Int == total, "\(told)")
        return told
    }

    private func pairs(_ told: [String: Any]) -> [String] {
        (told["pairs"] as? [[String: Any]] ?? []).map { pair in
            func answer(_ name: String) -> String {
                let answer = pair[name] as? [String: Any] ?? [:]
                if answer["abstained"] as? Bool == true { return "-" }
                return answer["label"] as? String
                    ?? (answer["labels"] as? [String])?.joined(separator: "+") ?? "?"
            }
            return "\(answer("live")) \(answer("shadow")) \(pair["texts"] as? Int ?? 0)"
        }
    }

    @Test("live traffic of every dialect is answered in shadow too, and differences are told")
    func counts() throws {
        let service = try service()
        let put = service.put(path, #"{"version":2}"#)
        #expect(put.status == 200 && put.object["state"] as? String == "running", "\(put)")
        #expect(put.object["share"] as? Double == 1 && put.object["total"] as? Int == 0)
        classify(service, "happy")
        classify(service, "sad", #","version":1,"explain":true"#)
        // Of which nothing is known: both abstain.
        _ = service.post("/classify", #"{"texts":["happy","you"]}"#)
        _ = service.send(
            .post,
            "/classify",
            headers: [("Content-Type", "application/x-ndjson")],
            body: Array("\"happy\"\n{\"text\":\"sad\"}\n".utf8)
        )
        let dialects = [
            ("/predict", #"{"inputs":"happy"}"#), ("/", #"{"inputs":"happy"}"#),
            ("/v1/classify", #"{"input":["happy","happy"]}"#),
            ("/model/parse", #"{"text":"happy"}"#),
            ("/invocations", #"{"instances":["happy"]}"#),
            (
                "/v2/models/mood/infer",
                #"{"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["happy"]}]}"#
            ),
        ]
        for (path, body) in dialects { #expect(service.post(path, body).status == 200, "\(path)") }
        // What is no live traffic.
        classify(service, "happy", #","version":2"#)
        classify(service, "happy", #","session":"s""#)
        _ = service.post("/models/mood/evaluate", #"{"examples":[{"text":"sad","label":"sad"}]}"#)
        let told = shadow(service, total: 13)
        #expect(told["agreed"] as? Int == 1 && told["disagreed"] as? Int == 12)
        #expect(told["dropped"] as? Int == 0)
        #expect(pairs(told) == ["happy sad 10", "sad happy 2"])
        let lines = service.get("/metrics").text.split(separator: "\n")
        for line in [
            #"elman_shadow_texts_total{model="mood",version="2",outcome="agreed"} 1"#,
            #"elman_shadow_texts_total{model="mood",version="2",outcome="disagreed"} 12"#,
            #"elman_shadow_texts_total{model="mood",version="2",outcome="dropped"} 0"#,
            #"elman_shadow_disagreements_total{model="mood",version="2",live="happy","#
                + #"shadow="sad"} 10"#,
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
        // What the shadow answers counts as nothing else.
        #expect(lines.contains(#"elman_abstained_total{model="mood",version="2"} 0"#))
        #expect(service.get("/models/mood").object["shadow_version"] as? Int == 2)
        let card = service.get("/models/mood/versions/2").object
        #expect((card["shadow"] as? [String: Any])?["disagreed"] as? Int == 12)
        #expect(service.get("/models/mood/versions/1").object["shadow"] is NSNull)
    }

    @Test("a share of the texts is asked: of the first n, n times the share, rounded down")
    func share() throws {
        let service = try service()
        #expect(service.put(path, #"{"version":2,"share":0.25}"#).status == 200)
        for _ in 0..<43 { classify(service, "happy") }
        shadow(service, total: 10)
        #expect(service.put(path, #"{"version":2,"share":1}"#).object["total"] as? Int == 10)
        classify(service, "happy")
        shadow(service, total: 11)
    }

    @Test("an abstention is an answer: both, one or none may abstain")
    func abstentions() throws {
        let service = try TestService { $0.rememberedPredictions = 9 }
        #expect(try upload(to: service, checkpoint(model: "mood", weight: 0.5)) == 201)
        #expect(service.put(path, #"{"version":2}"#).status == 200)
        // Version 1 is 95 % sure, version 2 only 68 %.
        classify(service, "happy", #","min_confidence":0.9"#)
        classify(service, "happy", #","min_confidence":0.99"#)
        classify(service, "happy")
        let told = shadow(service, total: 3)
        #expect(told["agreed"] as? Int == 2 && pairs(told) == ["happy - 1"])
        #expect(service.get("/metrics").text.contains(#"live="happy",shadow="_abstained"} 1"#))
        let examples = told["examples"] as? [[String: Any]] ?? []
        let answer = examples.first?["shadow"] as? [String: Any] ?? [:]
        #expect(answer["label"] == nil && answer["abstained"] as? Bool == true)
        #expect((answer["score"] as? Double ?? 0) < 0.9)
    }

    @Test("models of several labels are compared by their sets")
    func sets() throws {
        let words: KeyValuePairs = ["invoice": "bill", "crash": "bug", "hello": ""]
        let first = try TagClassifier.checkpoint(["bill", "bug"], words: words)
        let service = try TestService(files: ["tags.json": first.encoded()])
        let second = try TagClassifier.checkpoint(
            ["bug", "bill"],
            words: ["invoice": "bill", "crash": "", "hello": ""]
        )
        #expect(try upload(to: service, second) == 201)
        let path = "/models/tags/shadow"
        #expect(service.put(path, #"{"version":2}"#).status == 200)
        for text in ["invoice", "crash invoice", "hello", "crash"] {
            #expect(service.post("/classify", #"{"text":"\#(text)"}"#).status == 200)
        }
        var told: [String: Any] = [:]
        for _ in 0..<1000 where told["total"] as? Int != 4 {
            told = service.get(path).object
            usleep(10_000)
        }
        #expect(told["agreed"] as? Int == 2 && told["disagreed"] as? Int == 2)
        #expect(Set(pairs(told)) == ["bill+bug bill 1", "bug  1"])
    }

    @Test("examples are of remembered predictions alone, for who may read rows, and go with them")
    func examples() throws {
        let fixture = try TokenFixture()
        let service = try TestService {
            $0.rememberedPredictions = 9
            $0.tokens = fixture.table
        }
        #expect(try upload(to: service, nil, fixture.header(.admin)) == 201)
        func send(_ method: HTTPMethod, _ target: String, _ scope: Scope, _ body: String = "")
            -> Received
        {
            let type = [(name: "Content-Type", value: "application/json")]
            let headers = fixture.header(scope) + (body.isEmpty ? [] : type)
            return service.send(method, target, headers: headers, body: Array(body.utf8))
        }
        let body = #"{"version":2}"#
        for scope in [Scope.classify, .train] {
            #expect(send(.put, path, scope, body).status == 403)
            #expect(send(.delete, path, scope).status == 403)
        }
        #expect(send(.put, path, .promote, body).status == 200)
        let asked = send(.post, "/classify", .classify, #"{"text":"you happy"}"#)
        let id = try #require(asked.object["prediction_id"] as? String)
        _ = send(.post, "/classify", .classify, #"{"text":"sad","remember":false}"#)
        var told: [String: Any] = [:]
        for _ in 0..<1000 where told["total"] as? Int != 2 {
            told = send(.get, path, .train).object
            usleep(10_000)
        }
        let example = try #require((told["examples"] as? [[String: Any]])?.first)
        #expect((told["examples"] as? [[String: Any]])?.count == 1)
        #expect(example["text"] as? String == "you happy")
        #expect(example["prediction_id"] as? String == id)
        #expect((example["live"] as? [String: Any])?["label"] as? String == "happy")
        #expect((example["shadow"] as? [String: Any])?["label"] as? String == "sad")
        #expect(told["actor"] as? String == "promote")
        let other = send(.get, path, .classify)
        #expect(other.status == 200 && other.object["examples"] is NSNull)
        #expect(!other.text.contains("you happy"))
        #expect(send(.delete, "/predictions/\(id)", .train).status == 204)
        #expect(send(.get, path, .train).object["examples"] as? [String] == [])
    }

    @Test("without --remember there are no examples") func withoutMemory() throws {
        let service = try TestService()
        #expect(try upload(to: service) == 201)
        #expect(service.put(path, #"{"version":2}"#).status == 200)
        classify(service, "happy")
        #expect(shadow(service, total: 1)["examples"] as? [String] == [])
    }

    @Test("it ends when it is deleted, replaced, live or its version is gone")
    func ends() throws {
        let service = try service()
        #expect(service.get(path).code == "shadow_not_found")
        #expect(service.send(.delete, path).code == "shadow_not_found")
        func end(of version: Int) -> Any? {
            let card = service.get("/models/mood/versions/\(version)").object
            return (card["shadow"] as? [String: Any])?["ended"]
        }
        #expect(service.put(path, #"{"version":2}"#).status == 200)
        classify(service, "happy")
        shadow(service, total: 1)
        #expect(service.send(.delete, path).status == 204)
        #expect(service.get("/models/mood").object["shadow_version"] is NSNull)
        #expect(service.get(path).status == 404 && end(of: 2) as? String == "removed")
        classify(service, "happy")
        #expect(try upload(to: service, checkpoint(model: "mood", weight: 3)) == 201)
        #expect(service.put(path, #"{"version":2}"#).status == 200)
        #expect(service.put(path, #"{"version":3}"#).object["version"] as? Int == 3)
        #expect(end(of: 2) as? String == "replaced" && end(of: 3) is NSNull)
        #expect(service.put("/models/mood/live", #"{"version":3}"#).status == 200)
        #expect(service.get(path).status == 404 && end(of: 3) as? String == "live")
        #expect(service.put(path, #"{"version":2}"#).status == 200)
        #expect(service.send(.delete, "/models/mood/versions/2").status == 204)
        #expect(service.get(path).code == "shadow_not_found")
        classify(service, "happy")
        #expect(service.send(.delete, "/models/mood").status == 204)
        #expect(service.get(path).code == "model_not_found")
    }

    @Test("with another live version it is compared with that one, from zero")
    func anotherLiveVersion() throws {
        let service = try service()
        #expect(try upload(to: service, checkpoint(model: "mood", weight: -3)) == 201)
        #expect(service.put(path, #"{"version":2}"#).status == 200)
        classify(service, "happy")
        shadow(service, total: 1)
        #expect(service.put("/models/mood/live", #"{"version":3}"#).status == 200)
        // Until the servers have seen the change, texts are left out.
        var told: [String: Any] = [:]
        for _ in 0..<1000 where told["total"] as? Int ?? 0 == 0 {
            classify(service, "happy")
            told = service.get(path).object
            if told["live_version"] as? Int != 3 { told = [:] }
            usleep(10_000)
        }
        #expect(told["live_version"] as? Int == 3)
        #expect(told["agreed"] as? Int == told["total"] as? Int)
    }

    @Test("a restart keeps it, and what was counted")
    func restarts() throws {
        let first = try service()
        #expect(first.put(path, #"{"version":2,"share":0.5}"#).status == 200)
        for _ in 0..<4 { classify(first, "happy") }
        shadow(first, total: 2)
        first.service.stop()
        let second = try service(directory: first.directory)
        #expect(second.get(path).object["share"] as? Double == 0.5)
        shadow(second, total: 2)
        for _ in 0..<4 { classify(second, "happy") }
        #expect(pairs(shadow(second, total: 4)) == ["happy sad 4"])
        withExtendedLifetime(first) {}
    }

    @Test("every server of a store runs it, and tells what all have counted")
    func replicas() throws {
        let first = try service()
        let second = try service(directory: first.directory)
        #expect(first.put(path, #"{"version":2}"#).status == 200)
        classify(first, "happy")
        shadow(first, total: 1)
        var told: [String: Any] = [:]
        // What the other one has counted comes by the store.
        for _ in 0..<3000 where pairs(told).count < 2 {
            classify(second, "sad")
            told = second.get(path).object
            usleep(10_000)
        }
        #expect(told["state"] as? String == "running")
        #expect(pairs(told).last == "happy sad 1")
        #expect(second.send(.delete, path).status == 204)
        for _ in 0..<1000 where first.get(path).status != 404 { usleep(10_000) }
        #expect(first.get("/metrics").text.contains("elman_shadow_texts_total{") == false)
    }

    @Test(
        "what is no request for a shadow is refused by name",
        arguments: [
            (#"{"version":2,"share":0}"#, 422, "/share"),
            (#"{"version":2,"share":1.01}"#, 422, "/share"),
            (#"{"version":2,"share":-0.5}"#, 422, "/share"),
            (#"{"version":2,"share":"0.5"}"#, 422, "/share"),
            (#"{"version":2,"share":null}"#, 422, "/share"), (#"{"share":0.5}"#, 422, "/version"),
            (#"{"version":0}"#, 422, "/version"), (#"{"version":"2"}"#, 422, "/version"),
            (#"{"version":2.5}"#, 422, "/version"), (#"{"version":2,"x":1}"#, 422, "/x"),
            ("[]", 422, ""), ("{", 400, nil),
        ] as [(String, Int, String?)]
    )
    func refusals(body: String, status: Int, pointer: String?) throws {
        let service = try service()
        let answer = service.put(path, body)
        #expect(answer.status == status, "\(answer)")
        #expect(answer.pointers == (pointer.map { [$0] } ?? []))
        #expect(service.get(path).status == 404)
    }

    @Test("versions that cannot run in shadow are refused, and nothing is changed")
    func versions() throws {
        let service = try service()
        #expect(service.put(path, #"{"version":1}"#).code == "version_is_live")
        #expect(service.put(path, #"{"version":7}"#).code == "version_not_found")
        let none = "/models/none/shadow"
        #expect(service.put(none, #"{"version":1}"#).code == "model_not_found")
        #expect(service.send(.delete, none).code == "model_not_found")
        #expect(service.send(.put, path, body: Array("{}".utf8)).status == 415)
        // A version that has no live one beside it.
        _ = try service.store.submit(job: newJob("new"))
        let claimed = try #require(try service.store.claim(worker: "w", lease: .seconds(30)))
        let bytes = try checkpoint(model: "new").encoded()
        _ = try service.store.publish(candidate(bytes, of: claimed), claim: claimed.claim)
        let answer = service.put("/models/new/shadow", #"{"version":1}"#)
        #expect(answer.status == 409 && answer.code == "nothing_live")
        // Bytes that are no checkpoint.
        _ = try service.store.submit(job: newJob("mood"))
        let broken = try #require(try service.store.claim(worker: "w", lease: .seconds(30)))
        _ = try service.store.publish(candidate(Array("x".utf8), of: broken), claim: broken.claim)
        #expect(service.put(path, #"{"version":3}"#).code == "version_unusable")
        #expect(service.get(path).status == 404)
    }

    private func newJob(_ model: String) -> NewJob {
        let rows = ["a", "b"].map { Example(label: $0, text: $0) }
        return NewJob(
            model: model,
            options: Array("{}".utf8),
            promotion: .never,
            examples: rows
        )
    }

    private func candidate(_ bytes: [UInt8], of claimed: ClaimedJob) -> Publication {
        Publication(
            checkpoint: bytes,
            digest: SHA256.hexadecimal(of: bytes),
            metrics: Array("{}".utf8),
            decision: Decision(
                isPromoted: false,
                reason: "a test says so",
                comparedWith: claimed.live?.version,
                goldenRevision: claimed.golden.revision
            )
        )
    }

    @Test("its memory is taken from the budget, and given back; where there is none it is refused")
    func memory() throws {
        let memory = MemoryBudget(limit: 12 << 20)
        let service = try service { $0.memory = memory }
        let before = memory.reserved(for: .work)
        #expect(service.put(path, #"{"version":2}"#).status == 200)
        #expect(memory.reserved(for: .work) - before == ShadowQueue.byteCount)
        #expect(service.send(.delete, path).status == 204)
        for _ in 0..<1000 where memory.reserved(for: .work) > before { usleep(10_000) }
        #expect(memory.reserved(for: .work) == before)
        let rest = memory.reserve(8 << 20, for: .answer)
        let answer = service.put(path, #"{"version":2}"#)
        #expect(answer.status == 503 && answer.code == "out_of_memory", "\(answer)")
        #expect(service.get(path).status == 404)
        withExtendedLifetime(rest) {}
    }
}
