import ClassificationService
import Foundation
import HTTPServer
import SQLiteStore
import Store
import TestStores
import Testing

/// Remembered answers: looked through, corrected and forgotten, at one server or at several.
@Suite struct PredictionsTests {
    private func remembering(
        in place: String = "memory",
        sharing first: TestService? = nil,
        count: Int = 100,
        _ change: (inout ServiceSettings) -> Void = { _ in }
    ) throws -> TestService {
        let store = try first.map { try SQLiteStore(directory: $0.directory) }
        return try TestService(directory: first?.directory, store: store) { settings in
            settings.rememberedPredictions = count
            settings.remembersInStore = place == "store"
            settings.sharesStore = true
            change(&settings)
        }
    }

    /// Classifies a text and returns the identifier of the answer.
    private func classify(_ text: String, _ service: TestService) throws -> String {
        let answer = service.post("/classify", #"{"text":"\#(text)"}"#)
        return try #require(answer.object["prediction_id"] as? String)
    }

    private func list(_ service: TestService, _ query: String = "") -> [[String: Any]] {
        let answer = service.get("/predictions" + query)
        return answer.object["predictions"] as? [[String: Any]] ?? []
    }

    private func ids(_ service: TestService, _ query: String = "") -> [String] {
        list(service, query).compactMap { $0["prediction_id"] as? String }
    }

    private func until(_ what: String, _ isReached: () throws -> Bool) throws {
        let end = ContinuousClock.now + .seconds(30)
        while try !isReached() {
            try #require(ContinuousClock.now < end, "\(what)")
            usleep(2000)
        }
    }

    @Test(
        "the least sure answers are listed with text, label, score and margin",
        arguments: ["memory", "store"]
    )
    func lists(_ place: String) throws {
        let service = try remembering(in: place)
        let sure = try classify("happy", service)
        let unsure = try classify("unknown", service)
        try until("both") { ids(service).count == 2 }
        #expect(ids(service) == [unsure, sure])
        #expect(ids(service, "?order=margin&limit=1") == [unsure])
        #expect(Set(ids(service, "?order=random&model=mood")) == [sure, unsure])
        #expect(ids(service, "?model=other").isEmpty)
        let found = try #require(list(service).last)
        #expect(found["text"] as? String == "happy" && found["label"] as? String == "happy")
        #expect(found["model"] as? String == "mood" && found["version"] as? Int == 1)
        let (score, margin) = (found["score"] as? Double ?? 0, found["margin"] as? Double ?? 0)
        // Of two labels.
        #expect(score > 0.5 && abs(margin - (2 * score - 1)) < 1e-6)
        #expect((found["created_at"] as? String)?.hasPrefix("20") == true)
    }

    @Test("what a request says is only tried is not remembered")
    func triesOnly() throws {
        let service = try remembering()
        let answer = service.post("/classify", #"{"text":"happy","remember":false}"#)
        #expect(answer.status == 200 && answer.object["prediction_id"] == nil)
        #expect(ids(service).isEmpty)
        let plain = service.send(
            .post,
            "/classify?remember=false",
            headers: [("Content-Type", "text/plain")],
            body: Array("happy".utf8)
        )
        #expect(plain.status == 200 && plain.object["prediction_id"] == nil)
        let sure = try classify("happy", service)
        #expect(ids(service) == [sure])
    }

    @Test(
        "a correction takes the answer off the list and may come again; a deletion is final",
        arguments: ["memory", "store"]
    )
    func reviewed(_ place: String) throws {
        let service = try remembering(in: place)
        let (first, second) = (try classify("one", service), try classify("two", service))
        try until("both") { ids(service).count == 2 }
        let body = #"{"prediction_id":"\#(first)","label":"sad"}"#
        for expected in [1, 0] {
            #expect(service.post("/feedback", body).object["added"] as? Int == expected)
        }
        #expect(ids(service) == [second])
        #expect(service.send(.delete, "/predictions/\(second)").status == 204)
        #expect(service.send(.delete, "/predictions/\(second)").code == "prediction_not_found")
        #expect(ids(service).isEmpty)
        let gone = #"{"prediction_id":"\#(second)","label":"sad"}"#
        #expect(service.post("/feedback", gone).code == "prediction_not_found")
        #expect(service.send(.delete, "/predictions/none").status == 404)
    }

    @Test("with the store an identifier that one server gave is good at every other, at once")
    func replicas() throws {
        let first = try remembering(in: "store")
        let second = try remembering(in: "store", sharing: first)
        for text in ["one", "two", "three"] {
            let id = try classify(text, first)
            // Asked for before the answer can have come to the store.
            let body = #"{"prediction_id":"\#(id)","label":"sad"}"#
            #expect(second.post("/feedback", body).object["added"] as? Int == 1, "\(text)")
        }
        let id = try classify("four", first)
        try until("the answer") { ids(second) == [id] }
        #expect(second.send(.delete, "/predictions/\(id)").status == 204)
        let gone = #"{"prediction_id":"\#(id)","label":"sad"}"#
        for service in [first, second] {
            #expect(service.post("/feedback", gone).code == "prediction_not_found")
        }
        let unknown = "p-" + String(repeating: "0", count: 32) + "-7"
        #expect(second.send(.delete, "/predictions/\(unknown)").status == 404)
    }

    @Test("in memory an identifier is good at its own server alone, and no text comes to the store")
    func memoryOnly() throws {
        let first = try remembering()
        let second = try remembering(sharing: first)
        let id = try classify("one", first)
        let body = #"{"prediction_id":"\#(id)","label":"sad"}"#
        #expect(second.post("/feedback", body).code == "prediction_not_found")
        usleep(300_000)
        #expect(try first.store.prediction(id) == nil)
        #expect(first.post("/feedback", body).object["added"] as? Int == 1)
    }

    @Test("the store keeps the newest of all servers; what is left at the end is written")
    func retention() throws {
        let first = try remembering(in: "store", count: 3)
        let second = try remembering(in: "store", sharing: first, count: 3)
        for text in ["one", "two"] { _ = try classify(text, first) }
        first.service.stop()
        let last = try ["three", "four"].map { try classify($0, second) }
        second.service.stop()
        let kept = try second.store.predictions(.uncertain, of: nil, limit: 9)
        #expect(Set(kept.map(\.text)) == ["two", "three", "four"])
        #expect(Set(last).isSubset(of: kept.map(\.id)))
    }

    @Test("a server that is started without the store deletes what it remembers")
    func switchedOff() throws {
        let first = try remembering(in: "store")
        let id = try classify("one", first)
        first.service.stop()
        #expect(try first.store.prediction(id) != nil)
        let second = try remembering(in: "memory", sharing: first)
        try until("the deletion") { try second.store.prediction(id) == nil }
    }

    @Test("what is asked for too fast for the store is left out, counted, and holds nobody up")
    func overload() throws {
        let service = try remembering(in: "store", count: 2000)
        let texts = (0..<50).map { "\"text \($0)\"" }.joined(separator: ",")
        for _ in 0..<60 {
            #expect(service.post("/classify", #"{"texts":[\#(texts)]}"#).status == 200)
        }
        func count(_ outcome: String) -> Int {
            let name = "elman_predictions_remembered_total{outcome=\"\(outcome)\"} "
            let line = service.get("/metrics").text.split(separator: "\n")
                .first { $0.hasPrefix(name) }
            return line.flatMap { Int($0.dropFirst(name.count)) } ?? -1
        }
        try until("all") { count("stored") + count("missed") == 3000 }
        #expect(count("stored") >= 500)
    }

    @Test("tokens see, correct and forget the answers of their models alone")
    func tokens() throws {
        let fixture = try TokenFixture()
        let (other, table) = try fixture.add("other", [.train], models: ["desk"])
        let service = try remembering(in: "store") { $0.tokens = table }
        func send(_ method: HTTPMethod, _ target: String, _ token: String?) -> Received {
            service.send(
                method,
                target,
                headers: [("Authorization", "Bearer " + (token ?? ""))]
            )
        }
        func ids(_ token: String?) -> [String] {
            let all = send(.get, "/predictions", token).object["predictions"]
            return (all as? [[String: Any]] ?? []).compactMap { $0["prediction_id"] as? String }
        }
        let type = [("Content-Type", "application/json")]
        let answer = service.post("/classify", #"{"text":"a"}"#, headers: fixture.header(.classify))
        let id = try #require(answer.object["prediction_id"] as? String)
        #expect(send(.get, "/predictions", fixture.tokens[.classify]).status == 403)
        try until("the answer") { ids(fixture.tokens[.train]) == [id] }
        #expect(ids(other).isEmpty)
        #expect(send(.get, "/predictions?model=mood", other).status == 403)
        #expect(send(.get, "/predictions?model=desk", other).status == 200)
        #expect(send(.delete, "/predictions/\(id)", other).code == "prediction_not_found")
        let body = Array(#"{"prediction_id":"\#(id)","label":"sad"}"#.utf8)
        let correction = service.send(
            .post,
            "/feedback",
            headers: type + [("Authorization", "Bearer " + other)],
            body: body
        )
        #expect(correction.status == 403)
        #expect(send(.delete, "/predictions/\(id)", fixture.tokens[.train]).status == 204)
    }

    @Test(
        "a query that makes no sense is refused; without --remember there is no list",
        arguments: [
            "?order=best", "?limit=0", "?limit=101", "?model=",
            "?model=No", "?order=margin&order=random", "?x=1",
        ]
    )
    func refusals(_ query: String) throws {
        #expect(try remembering().get("/predictions" + query).status == 400)
        let off = try TestService()
        #expect(off.get("/predictions").code == "prediction_not_found")
        #expect(off.send(.delete, "/predictions/p-0").code == "prediction_not_found")
    }
}
