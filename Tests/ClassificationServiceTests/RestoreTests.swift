import ClassificationService
import Foundation
import HTTPServer
import Store
import TestStores
import Testing

/// Rows of versions and revisions over HTTP.
@Suite struct RestoreTests {
    private let service: TestService

    init() throws {
        service = try TestService()
        for texts in [["1", "2"], ["1", "3", "4"]] {
            let rows = texts.enumerated().map {
                #"{"text":"\#($0.element)","label":"l\#($0.offset)"}"#
            }
            let body = #"{"model":"m","examples":[\#(rows.joined(separator: ","))]}"#
            let job = service.post("/train", body)
            #expect(job.status == 202, "\(job)")
            let claimed = try #require(try service.store.claim(worker: "w", lease: .seconds(30)))
            try service.publish(claimed, weight: Float(texts.count))
        }
    }

    private func texts(_ target: String) -> [String] {
        (service.get(target).object["examples"] as? [[String: Any]] ?? [])
            .compactMap { $0["text"] as? String }
    }

    @Test("the answer to a job without a word about rows says what it replaces")
    func saysRemoved() {
        let body = #"{"model":"m","examples":[{"text":"1","label":"l0"},{"text":"9","label":"x"}]}"#
        let job = service.post("/train", body).object
        #expect(job["removed"] as? Int == 2 && job["added"] as? Int == 1, "\(job)")
        #expect(job["extend"] as? Bool == false && job["revision"] is NSNull)
        #expect(texts("/models/m/examples") == ["1", "3", "4"])
    }

    @Test(
        "corrections are replaced only by those who say so; the answer has the counts and both ways"
    )
    func corrections() throws {
        let correction = #"{"model":"m","text":"3","label":"right"}"#
        #expect(service.post("/feedback", correction).object["relabelled"] as? Int == 1)
        let rows = #""examples":[{"text":"1","label":"l0"},{"text":"9","label":"x"}]"#
        for words in ["", #""extend":false,"replace":false,"#] {
            let refused = service.post("/train", #"{"model":"m",\#(words)\#(rows)}"#)
            #expect(refused.status == 409 && refused.code == "corrections_would_go")
            #expect(refused.object["examples"] as? Int == 3)
            #expect(refused.object["feedback"] as? Int == 1)
            #expect(refused.object["relabelled"] as? Int == 0)
            for way in ["extend", "replace"] { #expect(refused.text.contains(way)) }
        }
        let csv = [(name: "Content-Type", value: "text/csv")]
        func post(_ query: String) -> Received {
            let body = Array("l0,1\nx,9\n".utf8)
            return service.send(.post, "/train?model=m\(query)", headers: csv, body: body)
        }
        #expect(post("").status == 409)
        #expect(post("&extend=true&replace=true").pointers == ["/replace"])
        #expect(post("&extend=true").object["examples"] as? Int == 4)
        #expect(post("&replace=true").object["removed"] as? Int == 2)
        #expect(service.post("/train", #"{"model":"m","extend":true}"#).status == 202)
    }

    @Test("the rows of a version are listed and exported, and come back")
    func versions() throws {
        #expect(texts("/models/m/versions/1/examples") == ["1", "2"])
        #expect(texts("/models/m/versions/2/examples?label=l2") == ["4"])
        let listed = service.get("/models/m/versions/1/examples").object
        #expect(listed["version"] as? Int == 1 && listed["total"] as? Int == 2)
        let csv = service.get("/models/m/versions/1/examples?format=csv").text
        #expect(csv == "label,text,source\nl0,1,train\nl1,2,train\n")
        #expect(service.get("/models/m/versions/9/examples").code == "version_not_found")
        #expect(service.get("/models/mood/versions/1/examples").code == "examples_not_kept")
        #expect(
            service.get("/models/mood/versions/1/examples?format=csv").code == "examples_not_kept"
        )

        let restored = service.put("/models/m/examples/revision", #"{"version":1}"#)
        #expect(restored.status == 200, "\(restored)")
        let figures = ["added", "known", "removed", "total"].map { restored.object[$0] as? Int }
        #expect(figures == [1, 1, 2, 2])
        #expect(texts("/models/m/examples") == ["1", "2"])
        let revisions = service.get("/models/m/examples/revision").object["revisions"]
        let list = try #require(revisions as? [[String: Any]])
        #expect(list.map { $0["current"] as? Bool } == [true, false, false])
        #expect(list.map { $0["total"] as? Int } == [2, 3, 2])
        #expect(list.map { $0["versions"] as? [Int] } == [[], [2], [1]])
        let before = try #require(restored.object["replaced_revision"] as? Int)
        #expect(list[1]["revision"] as? Int == before)
        let back = service.put("/models/m/examples/revision", #"{"revision":\#(before)}"#)
        #expect(back.status == 200)
        #expect(Set(texts("/models/m/examples")) == ["1", "3", "4"])
    }

    @Test(
        "what cannot be brought back is refused",
        arguments: [
            (#"{}"#, 422), (#"[]"#, 422), (#"{"version":0}"#, 422), (#"{"version":"1"}"#, 422),
            (#"{"version":1,"revision":1}"#, 422), (#"{"versions":1}"#, 422),
            (#"{"version":9}"#, 404),
            (#"{"revision":999}"#, 404), ("{", 400),
        ]
    )
    func refusals(_ body: String, _ status: Int) {
        let before = texts("/models/m/examples")
        #expect(service.put("/models/m/examples/revision", body).status == status)
        #expect(texts("/models/m/examples") == before)
        #expect(service.put("/models/none/examples/revision", #"{"version":1}"#).status == 404)
        #expect(service.get("/models/none/examples/revision").code == "model_not_found")
        #expect(service.get("/models/mood/examples/revision").code == "no_examples")
    }

    @Test("nothing is brought back while a job waits that would change it")
    func waitingJob() throws {
        _ = service.post(
            "/train",
            #"{"model":"m","extend":true,"examples":[{"text":"9","label":"x"}]}"#
        )
        let refused = service.put("/models/m/examples/revision", #"{"version":1}"#)
        #expect(refused.status == 409 && refused.code == "rows_wait")
    }

    @Test("models say how far they are; a data set without a version is one of them")
    func states() throws {
        _ = service.post("/models/new/examples", #"{"examples":[{"text":"a","label":"b"}]}"#)
        let models = service.get("/models").object["models"] as? [[String: Any]] ?? []
        let states = models.map { "\($0["model"] ?? ""): \($0["state"] ?? "")" }
        #expect(states == ["m: live", "mood: live", "new: untrained"])
        let card = service.get("/models/new").object
        #expect(card["state"] as? String == "untrained" && card["live_version"] is NSNull)
        #expect((card["history"] as? [Any])?.isEmpty == true)
        _ = service.post("/models/new/examples", #"{"remove":{"texts":["a"]}}"#)
        #expect(service.get("/models/new").status == 404)
    }

    @Test("feedback says when it begins a label")
    func newLabel() {
        func begins(_ label: String, _ model: String) -> Bool? {
            let body = #"{"model":"\#(model)","text":"some text","label":"\#(label)"}"#
            return service.post("/feedback", body).object["new_label"] as? Bool
        }
        #expect(begins("l0", "m") == false)
        #expect(begins("brand new", "m") == true)
        #expect(begins("brand new", "m") == false)
        // The live version came from a file: its labels are known, its rows are not.
        #expect(begins("happy", "mood") == false)
        #expect(begins("hapy", "mood") == true)
    }
}
