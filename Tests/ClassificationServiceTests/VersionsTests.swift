import ClassificationService
import Foundation
import HTTPServer
import Model
import Store
import TestStores
import Testing

/// Versions that come, stay and go by hand.
@Suite struct VersionsTests {
    let service: TestService

    init() throws { service = try TestService() }

    private func upload(_ bytes: [UInt8], to model: String = "mood") -> Received {
        let type = [(name: "Content-Type", value: "application/json")]
        return service.send(.post, "/models/\(model)/versions", headers: type, body: bytes)
    }

    private func delete(_ target: String) -> Received { service.send(.delete, target) }

    @Test("an uploaded checkpoint is a candidate, and comes back byte for byte")
    func uploads() throws {
        let bytes = try checkpoint(model: "mood", weight: 3).encoded()
        let answer = upload(bytes)
        #expect(answer.status == 201, "\(answer)")
        #expect(answer.headers["Location"] == "/models/mood/versions/2")
        #expect(answer.object["source"] as? String == "upload")
        #expect(answer.object["live"] as? Bool == false)
        #expect(service.get("/models/mood/versions/2/checkpoint").body == bytes)
        let again = upload(bytes)
        #expect(again.status == 200 && again.object["version"] as? Int == 2)
    }

    @Test("an uploaded checkpoint of a new model is live, unless it fails the golden cases")
    func uploadsFirst() throws {
        let bytes = try checkpoint(model: "new").encoded()
        let wrong = #"{"cases":[{"text":"happy","label":"sad"}]}"#
        _ = service.put("/models/new/golden", wrong)
        #expect(upload(bytes, to: "new").object["live"] as? Bool == false)
        let other = try checkpoint(model: "other").encoded()
        #expect(upload(other, to: "other").object["live"] as? Bool == true)
        let body = #"{"text":"happy","model":"other"}"#
        #expect(service.post("/classify", body).object["label"] as? String == "happy")
    }

    @Test("what is no checkpoint of that model is refused, and nothing is stored")
    func refusesUploads() throws {
        let good = try checkpoint(model: "mood", weight: 3).encoded()
        var flipped = good
        flipped[good.count / 2] ^= 1
        for bytes in [Array("{}".utf8), Array("no".utf8), flipped, Array(good.dropLast(9))] {
            let answer = upload(bytes)
            #expect(answer.status == 422 && answer.code == "version_unusable", "\(answer)")
        }
        #expect(upload(good, to: "other").pointers == ["/model"])
        #expect(upload(good, to: "UPPER").status == 404)
        #expect(service.send(.post, "/models/mood/versions", body: good).status == 415)
        #expect(service.get("/models/mood").object["versions"] as? Int == 1)
    }

    @Test("\"previous\" makes live what was live before the live version was made")
    func rollsBack() throws {
        let none = service.put("/models/mood/live", #"{"version":"previous"}"#)
        #expect(none.status == 404 && none.code == "version_not_found")
        let body = #"{"model":"mood","examples":\#(TrainTests.rows)}"#
        #expect(service.post("/train", body).status == 202)
        let claimed = try #require(try service.store.claim(worker: "w", lease: .seconds(30)))
        try service.publish(claimed)
        #expect(service.get("/models/mood").object["live_version"] as? Int == 2)
        let back = service.put("/models/mood/live", #"{"version":"previous"}"#)
        #expect(back.status == 200 && back.object["version"] as? Int == 1, "\(back)")
        #expect(service.get("/models/mood").object["live_version"] as? Int == 1)
        for wrong in [#""before""#, "0", "null", "1.5"] {
            #expect(service.put("/models/mood/live", "{\"version\":\(wrong)}").status == 422)
        }
    }

    @Test("a version is deleted unless it is live or pinned")
    func deletes() throws {
        _ = upload(try checkpoint(model: "mood", weight: 3).encoded())
        let live = delete("/models/mood/versions/1")
        #expect(live.status == 409 && live.code == "version_is_live")
        let pinned = service.send(.put, "/models/mood/versions/2/pin")
        #expect(pinned.object["pinned"] as? Bool == true, "\(pinned)")
        #expect(delete("/models/mood/versions/2").code == "version_is_pinned")
        #expect(delete("/models/mood/versions/2/pin").object["pinned"] as? Bool == false)
        let body = #"{"text":"happy","version":2}"#
        #expect(service.post("/classify", body).status == 200)
        let deleted = delete("/models/mood/versions/2")
        #expect(service.post("/classify", body).code == "version_not_found")
        #expect(deleted.status == 204 && deleted.body.isEmpty)
        #expect(service.get("/models/mood/versions/2").status == 404)
        for target in ["/models/mood/versions/2", "/models/mood/versions/x", "/models/none"] {
            #expect(delete(target).status == 404)
        }
        #expect(delete("/models/none/versions/1/pin").status == 404)
    }

    @Test(
        "a deleted model is gone with its rows, cases and jobs, and its numbers are not used again"
    )
    func deletesModel() throws {
        let body = #"{"model":"mood","examples":\#(TrainTests.rows)}"#
        let running = try #require(service.post("/train", body).object["id"] as? String)
        let claimed = try #require(try service.store.claim(worker: "w", lease: .seconds(30)))
        let queued = try #require(service.post("/train", body).object["id"] as? String)
        _ = service.put("/models/mood/golden", GoldenTests.cases)
        #expect(delete("/models/mood").status == 204)
        for path in ["", "/examples", "/versions/1"] {
            #expect(service.get("/models/mood" + path).status == 404, "\(path)")
        }
        #expect((service.get("/models/mood/golden").object["cases"] as? [Any])?.isEmpty ?? true)
        #expect(service.get("/train/\(queued)").status == 404)
        #expect(service.post("/classify", #"{"text":"a"}"#).code == "no_model")
        let progress = JobProgress(epoch: 1, epochs: 2)
        #expect(try service.store.report(progress, claim: claimed.claim) == .cancel)
        try service.store.end(claimed.claim, as: .cancelled)
        #expect(service.get("/train/\(running)").object["state"] as? String == "cancelled")
        // What is left by now is that job.
        #expect(delete("/models/mood").status == 204)
        #expect(delete("/models/mood").status == 404)
        let back = upload(try checkpoint(model: "mood").encoded())
        #expect(back.object["version"] as? Int == 2 && back.object["live"] as? Bool == true)
    }
}
