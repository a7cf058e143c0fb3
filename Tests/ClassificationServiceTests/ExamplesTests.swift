import ClassificationService
import Foundation
import HTTPServer
import Model
import Store
import TestStores
import Testing

/// The data set of a model over HTTP.
@Suite struct ExamplesTests {
    let service: TestService

    init() throws { service = try TestService(files: [:]) }

    private func add(_ rows: [(text: String, label: String)], to model: String = "m") -> Received {
        let rows = rows.map { #"{"text":"\#($0.text)","label":"\#($0.label)"}"# }
        return service.post(
            "/models/\(model)/examples",
            #"{"examples":[\#(rows.joined(separator: ","))]}"#
        )
    }

    private func remove(_ body: String) -> Received {
        service.post("/models/m/examples", #"{"remove":\#(body)}"#)
    }

    private func rows(_ query: String = "") -> [String] {
        let found = service.get("/models/m/examples\(query)").object["examples"]
        return (found as? [[String: Any]] ?? []).compactMap { row in
            (row["label"] as? String).flatMap { l in (row["text"] as? String).map { "\(l): \($0)" }
            }
        }
    }

    private func figures(_ answer: Received) -> [Int] {
        ["added", "relabelled", "known", "removed", "total"].map { answer.object[$0] as? Int ?? -1 }
    }

    @Test("rows are added, relabelled by their text, listed by pages and by label, and removed")
    func changes() throws {
        #expect(service.get("/models/m/examples").code == "model_not_found")
        #expect(figures(add([("1", "a"), ("2", "b"), ("3", "a")])) == [3, 0, 0, 0, 3])
        #expect(figures(add([("2", "a"), ("1", "a"), ("4", "b")])) == [1, 1, 1, 0, 4])
        #expect(rows() == ["a: 1", "a: 3", "a: 2", "b: 4"])
        #expect(rows("?label=b") == ["b: 4"])
        let page = service.get("/models/m/examples?limit=3").object
        let next = try #require(page["next"] as? Int)
        #expect(page["total"] as? Int == 4)
        #expect(rows("?after=\(next)") == ["b: 4"])
        let last = service.get("/models/m/examples?after=\(next)").object
        #expect(last["next"] is NSNull)
        let first = try #require((page["examples"] as? [[String: Any]])?.first)
        #expect(Set(first.keys) == ["id", "text", "label", "source", "actor", "added_at"])
        #expect(first["source"] as? String == "import" && first["actor"] is NSNull)
        let id = try #require(first["id"] as? Int)
        #expect(figures(remove(#"{"ids":[\#(id),99],"texts":["4","none"]}"#)) == [0, 0, 0, 2, 2])
        #expect(rows() == ["a: 3", "a: 2"])
        #expect(figures(remove(#"{"ids":[\#(id)]}"#)) == [0, 0, 0, 0, 2])
        #expect(service.send(.delete, "/models/m/examples?id=\(id)").code == "example_not_found")
        let left = service.get("/models/m/examples").object["examples"] as? [[String: Any]]
        let second = try #require(left?.first?["id"] as? Int)
        #expect(figures(add([("by text, 1", "a")])) == [1, 0, 0, 0, 3])
        let query = "?id=\(second)&text=by%20text%2C%201&text=none"
        #expect(figures(service.send(.delete, "/models/m/examples\(query)")) == [0, 0, 0, 2, 1])
        let both = #"{"remove":{"texts":["2"]},"examples":[{"text":"5","label":"c"}]}"#
        #expect(figures(service.post("/models/m/examples", both)) == [1, 0, 0, 1, 1])
        #expect(rows() == ["c: 5"])
    }

    @Test("a change that changes nothing makes no revision")
    func revisions() {
        let first = add([("1", "a")]).object["revision"] as? Int
        #expect(first != nil)
        #expect(add([("1", "a")]).object["revision"] as? Int == first)
        #expect(add([("1", "b")]).object["revision"] as? Int != first)
    }

    @Test("a job that extends trains on the stored rows and its own; each model has its own set")
    func extends() throws {
        _ = add([("1", "a"), ("2", "b")])
        _ = add([("other", "x")], to: "o")
        let body =
            #"{"model":"m","extend":true,"warm_start":true,"#
            + #""examples":[{"text":"3","label":"new"}]}"#
        let job = service.post("/train", body)
        #expect(job.status == 202, "\(job)")
        #expect(job.object["examples"] as? Int == 3)
        #expect(job.object["warm_start"] as? Bool == true)
        let again = service.post("/train", #"{"model":"m","extend":true}"#)
        // The row of the job that waits is not there yet.
        #expect(again.object["examples"] as? Int == 2 && again.object["added"] as? Int == 0)
        #expect(service.get("/models/m/examples").object["total"] as? Int == 2)
        #expect(service.post("/train", #"{"model":"o","extend":true}"#).code == "too_few_labels")
        #expect(service.post("/train", #"{"model":"n","extend":true}"#).code == "too_few_labels")
        #expect(service.post("/train", #"{"model":"m","extend":1}"#).pointers.first == "/extend")
    }

    @Test("the data set has a limit, and what passes it changes nothing")
    func limit() throws {
        let service = try TestService { $0.limits.storedExamples = 3 }
        func add(_ texts: [String]) -> Received {
            let rows = texts.map { #"{"text":"\#($0)","label":"a"}"# }
            return service.post(
                "/models/m/examples",
                #"{"examples":[\#(rows.joined(separator: ","))]}"#
            )
        }
        #expect(add(["1", "2"]).status == 200)
        let full = add(["2", "3", "4"])
        #expect(full.status == 422 && full.code == "data_set_full")
        #expect(service.get("/models/m/examples").object["total"] as? Int == 2)
        #expect(add(["2", "3"]).object["total"] as? Int == 3)
        let job = service.post(
            "/train",
            #"{"model":"m","extend":true,"examples":[{"text":"9","label":"b"}]}"#
        )
        #expect(job.code == "data_set_full")
    }

    @Test(
        "bad changes are refused with their pointer",
        arguments: [
            (#"{}"#, [""]), (#"[]"#, [""]), (#"{"examples":[]}"#, ["/examples"]),
            (#"{"examples":[{"text":"a"}]}"#, ["/examples/0/label"]),
            (
                #"{"examples":[{"text":"","label":"\n"}]}"#,
                ["/examples/0/text", "/examples/0/label"]
            ),
            (#"{"examples":[{"text":"a","label":"b"}],"model":"x"}"#, ["/model"]),
        ]
    )
    func refusals(_ body: String, _ pointers: [String]) {
        let answer = service.post("/models/m/examples", body)
        #expect(answer.status == 422)
        #expect(answer.pointers == pointers)
        #expect(service.get("/models/m/examples").status == 404)
    }

    @Test(
        "bad removals and bad queries are refused",
        arguments: [
            (#"[]"#, ["/remove"]), (#"{"ids":["1"]}"#, ["/remove/ids/0"]),
            (#"{"ids":[1,0,9007199254740992]}"#, ["/remove/ids/1", "/remove/ids/2"]),
            (#"{"texts":"a"}"#, ["/remove/texts"]), (#"{"text":"a"}"#, ["/remove/text"]),
        ]
    )
    func badRemovals(_ body: String, _ pointers: [String]) {
        _ = add([("1", "a")])
        #expect(remove(body).pointers == pointers)
        for query in ["?limit=0", "?limit=1001", "?after=x", "?after=9007199254740992", "?other=1"]
        {
            #expect(service.get("/models/m/examples\(query)").status == 400)
        }
        for query in ["", "?id=x", "?id=0", "?label=a", "?id=1&other=2"] {
            #expect(service.send(.delete, "/models/m/examples\(query)").status == 400)
        }
        #expect(service.get("/models/m/examples").object["total"] as? Int == 1)
        #expect(service.send(.delete, "/models/none/examples?id=1").code == "model_not_found")
        let removal = #"{"remove":{"ids":[1]}}"#
        #expect(service.post("/models/none/examples", removal).code == "model_not_found")
    }

    @Test("a request with an Idempotency-Key is done once, whatever its answer got lost")
    func idempotency() throws {
        let key = [(name: "Idempotency-Key", value: "k-1")]
        let body = #"{"examples":[{"text":"1","label":"a"}]}"#
        let first = service.post("/models/m/examples", body, headers: key)
        _ = add([("1", "b")])
        let again = service.post("/models/m/examples", body, headers: key)
        #expect(first.status == 200 && again.body == first.body)
        #expect(first.headers["Idempotent-Replayed"] == nil)
        #expect(again.headers["Idempotent-Replayed"] == "true")
        #expect(rows() == ["b: 1"])
        let other = service.post("/models/o/examples", body, headers: key)
        #expect(other.status == 422 && other.code == "idempotency_key_reused")
        for bad in ["", "a b", String(repeating: "x", count: 256)] {
            let field = [(name: "Idempotency-Key", value: bad)]
            #expect(service.post("/models/m/examples", body, headers: field).status == 400)
        }
    }

    @Test("POST /train with an Idempotency-Key queues one job")
    func idempotentTraining() throws {
        let key = [(name: "Idempotency-Key", value: "k-1")]
        let body = #"{"model":"m","examples":\#(TrainTests.rows)}"#
        let first = service.post("/train", body, headers: key)
        let again = service.post("/train", body, headers: key)
        #expect(first.status == 202 && again.status == 202)
        #expect(again.headers["Idempotent-Replayed"] == "true")
        #expect(again.headers["Location"] == first.headers["Location"])
        #expect(try service.store.jobCounts() == [.queued: 1])
        let other = service.post("/train", body + " ", headers: key)
        #expect(other.code == "idempotency_key_reused")
    }
}
