import Foundation
import HTTPServer
import Model
import Testing

@testable import ClassificationService

@Suite struct RasaDialectTests {
    let service: TestService

    init() throws { service = try TestService() }

    @Test("a label is an intent")
    func answers() throws {
        let native = service.post("/classify", #"{"text":"so \"happy\"","top_k":2}"#).object
        let answer = service.post(
            "/model/parse?token=&emulation_mode=",
            #"{"text":"so \"happy\"","message_id":"b2831e73"}"#
        )
        #expect(answer.status == 200, "\(answer)")
        let object = answer.object
        #expect(object["text"] as? String == "so \"happy\"")
        let intent = try #require(object["intent"] as? [String: Any])
        #expect(intent["name"] as? String == native["label"] as? String)
        #expect(intent["confidence"] as? NSNumber == native["score"] as? NSNumber)
        #expect((object["entities"] as? [Any])?.isEmpty == true)
        let ranking = try #require(object["intent_ranking"] as? [[String: Any]])
        let expected = native["ranking"] as? [[String: Any]] ?? []
        #expect(
            ranking.map { $0["name"] as? String } == expected.map { $0["label"] as? String }
        )
        #expect(
            ranking.map { $0["confidence"] as? NSNumber }
                == expected.map { $0["score"] as? NSNumber }
        )
        let unknown = service.post("/model/parse", #"{"text":"qqq"}"#).object
        #expect(unknown["abstained"] as? Bool == true)
    }

    @Test("ten intents are ranked at most, and the query names the model")
    func ranking() throws {
        let labels = (0..<12).map { "intent-\($0)" }
        let many = try checkpoint(model: "many", labels: labels).encoded()
        let mood = try checkpoint(model: "mood").encoded()
        let service = try TestService(files: ["many.json": many, "mood.json": mood]) {
            $0.defaultModel = "mood"
        }
        let answer = service.post("/model/parse?model=many", #"{"text":"happy"}"#).object
        #expect((answer["intent_ranking"] as? [Any])?.count == 10)
        let other = service.get("/status?model=many").object
        #expect(other["model_file"] as? String == "many/versions/1")
    }

    @Test("status and version")
    func status() {
        let status = service.get("/status").object
        #expect(status["model_file"] as? String == "mood/versions/1")
        #expect((status["fingerprint"] as? String)?.count == 64)
        #expect(status["num_active_training_jobs"] as? Int == 0)
        let version = service.get("/version").object
        #expect((version["version"] as? String)?.isEmpty == false)
        #expect((version["minimum_compatible_version"] as? String)?.isEmpty == false)
    }

    @Test(
        "errors are Rasa's",
        arguments: [
            ("", "{", 400, "BadRequest"), ("", "{}", 400, "BadRequest"),
            ("", #"{"text":1}"#, 400, "BadRequest"), ("", "[]", 400, "BadRequest"),
            ("?emulation_mode=LUIS", #"{"text":"a"}"#, 400, "BadRequest"),
            ("?x=1", #"{"text":"a"}"#, 400, "BadRequest"),
            ("?model=none", #"{"text":"a"}"#, 404, "NotFound"),
        ]
    )
    func refusals(query: String, body: String, status: Int, reason: String) {
        let answer = service.post("/model/parse" + query, body)
        #expect(answer.status == status, "\(answer)")
        #expect(answer.object["status"] as? String == "failure")
        #expect(answer.object["reason"] as? String == reason)
        #expect(answer.object["code"] as? Int == status)
        #expect((answer.object["message"] as? String)?.isEmpty == false)
        #expect(answer.object["version"] is String && answer.object["details"] is [String: Any])
    }
}
