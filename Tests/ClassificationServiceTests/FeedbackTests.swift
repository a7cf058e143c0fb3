import ClassificationService
import Foundation
import HTTPServer
import Model
import Store
import TestStores
import Testing

/// Corrections that come back.
@Suite struct FeedbackTests {
    private func rows(_ service: TestService) -> [String] {
        let found = service.get("/models/mood/examples").object["examples"]
        return (found as? [[String: Any]] ?? []).map { row in
            "\(row["label"] ?? ""): \(row["text"] ?? "") (\(row["source"] ?? ""))"
        }
    }

    @Test("a text with its label joins the data set of the default model or of the named one")
    func byText() throws {
        let service = try TestService()
        let answer = service.post("/feedback", #"{"text":"fine","label":"happy"}"#)
        #expect(answer.status == 200, "\(answer)")
        #expect(answer.object["model"] as? String == "mood")
        #expect(answer.object["added"] as? Int == 1)
        let again = #"{"text":"fine","label":"new","model":"mood"}"#
        #expect(service.post("/feedback", again).object["relabelled"] as? Int == 1)
        #expect(rows(service) == ["new: fine (feedback)"])
        let slip = #"{"text":"fine","label":"a","model":"mod"}"#
        #expect(service.post("/feedback", slip).code == "model_not_found")
        #expect(service.get("/models/mod/examples").status == 404)
    }

    @Test("an answer is named by its identifier until newer ones have taken its place")
    func byPrediction() throws {
        let service = try TestService { $0.rememberedPredictions = 3 }
        func classify(_ body: String) -> [String] {
            let answer = service.post("/classify", body).object
            let results = answer["results"] as? [[String: Any]] ?? [answer]
            return results.compactMap { $0["prediction_id"] as? String }
        }
        func correct(_ id: String) -> Received {
            service.post("/feedback", #"{"prediction_id":"\#(id)","label":"sad"}"#)
        }
        let first = try #require(classify(#"{"text":"one"}"#).first)
        let several = classify(#"{"texts":["two","three"]}"#)
        #expect(several.count == 2)
        #expect(correct(first).object["added"] as? Int == 1)
        let explained = try #require(classify(#"{"text":"four","explain":true}"#).first)
        #expect(correct(first).code == "prediction_not_found")
        for id in several + [explained] { #expect(correct(id).object["added"] as? Int == 1) }
        let texts = ["one", "two", "three", "four"]
        #expect(rows(service) == texts.map { "sad: \($0) (feedback)" })
        let plain = service.send(
            .post,
            "/classify",
            headers: [("Content-Type", "text/plain")],
            body: Array("five".utf8)
        )
        let id = try #require(plain.object["prediction_id"] as? String)
        #expect(correct(id).status == 200)
        for bad in ["", "x", id + "0", id + " ", "p-" + id, String(id.dropLast()) + "-1"] {
            #expect(correct(bad).status == 404, "\(bad)")
        }
    }

    @Test("without --remember answers carry no identifier, and none is known")
    func off() throws {
        let service = try TestService()
        let answer = service.post("/classify", #"{"text":"one"}"#)
        #expect(answer.object["prediction_id"] == nil)
        let body = #"{"prediction_id":"p-1","label":"sad"}"#
        #expect(service.post("/feedback", body).code == "prediction_not_found")
    }

    @Test("identifiers of many threads are all different, and each leads to its own text")
    func concurrent() async throws {
        let service = try TestService { $0.rememberedPredictions = 1000 }
        let ids = await withTaskGroup(of: [(String, String)].self) { group in
            for task in 0..<4 {
                group.addTask {
                    (0..<100).map { number in
                        let text = "text \(task) \(number)"
                        let answer = service.post("/classify", #"{"text":"\#(text)"}"#)
                        return (text, answer.object["prediction_id"] as? String ?? "")
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(ids.map(\.1)).count == 400)
        for (text, id) in ids where text.hasSuffix("7") {
            let body = #"{"prediction_id":"\#(id)","label":"sad"}"#
            #expect(service.post("/feedback", body).object["added"] as? Int == 1, "\(text)")
        }
        #expect(rows(service).allSatisfy { $0.hasPrefix("sad: text") })
    }

    @Test(
        "bad feedback is refused with its pointer",
        arguments: [
            (#"{}"#, ["/label", "/text"]), (#"[]"#, [""]), (#"{"text":"a"}"#, ["/label"]),
            (#"{"text":" ","label":"a"}"#, ["/text"]),
            (#"{"text":"a","label":"a","model":1}"#, ["/model"]),
            (#"{"prediction_id":1,"label":"a"}"#, ["/prediction_id"]),
            (#"{"prediction_id":"p","text":"a","label":"a"}"#, ["/text"]),
            (#"{"text":"a","label":"a","score":1}"#, ["/score"]),
        ]
    )
    func refusals(_ body: String, _ pointers: [String]) throws {
        let answer = try TestService().post("/feedback", body)
        #expect(answer.status == 422)
        #expect(answer.pointers == pointers)
    }
}
