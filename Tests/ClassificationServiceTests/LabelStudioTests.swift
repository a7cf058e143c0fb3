import ClassificationService
import Foundation
import HTTPServer
import Model
import Store
import TestStores
import Testing

/// What Label Studio asks of a model, and tells it.
@Suite struct LabelStudioTests {
    static let config =
        #"<View><Text name=\"text\" value=\"$text\"/><Choices name=\"mood\" toName=\"text\">"#
        + #"<Choice value=\"happy\"/><Choice value=\"sad\"/></Choices></View>"#
    static let project = #""project":{"id":3,"label_config":"\#(config)"}"#

    /// An annotation as webhooks bring it.
    static func annotation(_ id: Int, _ choice: String, task: Int, _ more: String = "") -> String {
        #"{"id":\#(id),"task":\#(task),"result":[{"id":"x1","from_name":"mood","to_name":"text","#
            + #""type":"choices","value":{"choices":["\#(choice)"]}}]\#(more)}"#
    }

    static func event(
        _ action: String,
        _ id: Int,
        _ choice: String,
        _ text: String,
        _ more: String = ""
    ) -> String {
        #"{"action":"\#(action)","annotation":\#(annotation(id, choice, task: id, more)),"#
            + #""task":{"id":\#(id),"data":{"text":"\#(text)"}},\#(project)}"#
    }

    private func rows(_ service: TestService, _ model: String = "mood") -> [String] {
        let found = service.get("/models/\(model)/examples?source=label-studio").object["examples"]
        return (found as? [[String: Any]] ?? []).map { row in
            "\(row["label"] ?? ""): \(row["text"] ?? "")"
        }
    }

    private func predict(_ service: TestService, _ model: String, _ texts: [String]) -> Received {
        let tasks = texts.enumerated().map { #"{"id":\#($0),"data":{"text":"\#($1)"}}"# }
        return service.post(
            "/label-studio/\(model)/predict",
            #"{"tasks":[\#(tasks.joined(separator: ","))],"project":"3.1690000000","#
                + #""label_config":"\#(Self.config)","params":{"login":null,"context":null}}"#
        )
    }

    @Test("the base, with and without a slash, and health say UP, before there is a model too")
    func health() throws {
        let service = try TestService()
        for model in ["mood", "new"] {
            for path in ["", "/", "/health"] {
                let answer = service.get("/label-studio/\(model)\(path)")
                #expect(answer.status == 200 && answer.contentType == "application/json")
                #expect(answer.object["status"] as? String == "UP")
                #expect(answer.object["model_class"] as? String != nil)
            }
        }
        #expect(service.get("/label-studio/No/health").status == 404)
    }

    @Test("setup names the live version, another one with each promotion")
    func setup() throws {
        let service = try TestService()
        let body = #"{"project":"3.1690000000","schema":"\#(Self.config)","access_token":"x"}"#
        func version(_ model: String) -> String? {
            service.post("/label-studio/\(model)/setup", body).object["model_version"] as? String
        }
        #expect(version("mood") == "v1")
        #expect(version("new") == "v0")
        _ = service.post(
            "/label-studio/mood/webhook",
            Self.event("ANNOTATION_CREATED", 1, "sad", "a")
        )
        _ = service.post(
            "/label-studio/mood/webhook",
            Self.event("ANNOTATION_CREATED", 2, "happy", "b")
        )
        _ = service.post("/label-studio/mood/webhook", #"{"action":"START_TRAINING"}"#)
        let claimed = try #require(try service.store.claim(worker: "w", lease: .seconds(30)))
        try service.publish(claimed)
        // The server sees it at its next look at the store.
        for _ in 0..<2000 where version("mood") != "v2" { usleep(1000) }
        #expect(version("mood") == "v2")
        #expect(predict(service, "mood", ["a"]).text.contains(#""model_version":"v2""#))
        let versions = service.get("/label-studio/mood/versions").object["versions"] as? [String]
        #expect(versions == ["v2", "v1"])
        #expect(service.post("/label-studio/mood/setup", "{}").status == 200)
        #expect(service.post("/label-studio/mood/setup", #"{"schema":7}"#).status == 422)
        let bad = service.post("/label-studio/mood/setup", #"{"schema":"<View/>"}"#)
        #expect(bad.status == 422)
        #expect((bad.object["detail"] as? String)?.contains("Choices") == true)
        #expect(bad.object["status"] as? Int == 422 && bad.object["result"] is [String: Any])
    }

    @Test("predictions are no live traffic: a version in shadow is not asked")
    func shadow() throws {
        let service = try TestService()
        let type = [(name: "Content-Type", value: "application/json")]
        let other = try checkpoint(model: "mood", weight: -2).encoded()
        let path = "/models/mood/shadow"
        #expect(
            service.send(.post, "/models/mood/versions", headers: type, body: other).status == 201
        )
        #expect(service.put(path, #"{"version":2}"#).status == 200)
        #expect(predict(service, "mood", ["happy", "sad"]).status == 200)
        #expect(service.post("/classify", #"{"text":"happy"}"#).status == 200)
        for _ in 0..<1000 where service.get(path).object["total"] as? Int == 0 { usleep(10_000) }
        #expect(service.get(path).object["total"] as? Int == 1)
    }

    @Test("there are as many predictions as tasks, in their order, whatever the tasks hold")
    func predictions() throws {
        let service = try TestService()
        let answer = service.post(
            "/label-studio/mood/predict",
            #"{"tasks":[{"id":7,"data":{"text":"happy"}},{"id":8,"data":{"other":"x"}},"#
                + #"{"id":9,"data":{"text":"sad"}},{"id":10},{"id":11,"data":{"text":3}}],"#
                + #""label_config":"\#(Self.config)"}"#
        )
        #expect(answer.status == 200, "\(answer)")
        let results = try #require(answer.object["results"] as? [[String: Any]])
        let choices = results.map { result in
            let items = result["result"] as? [[String: Any]] ?? []
            return items.map { ($0["value"] as? [String: Any])?["choices"] as? [String] ?? [] }
        }
        #expect(choices == [[["happy"]], [], [["sad"]], [], []])
        let first = try #require((results[0]["result"] as? [[String: Any]])?.first)
        #expect(first["from_name"] as? String == "mood" && first["to_name"] as? String == "text")
        #expect(first["type"] as? String == "choices")
        #expect((results[0]["score"] as? Double ?? 0) > 0.9)
        #expect(results[1]["score"] as? Double == 0)
        #expect(results.allSatisfy { $0["model_version"] as? String == "v1" })
        let many = predict(service, "mood", (0..<300).map { "text \($0)" })
        #expect((many.object["results"] as? [Any])?.count == 300)
        let none = predict(service, "new", ["a", "b", "c"])
        #expect(none.status == 200)
        #expect((none.object["results"] as? [[String: Any]])?.count == 3)
        #expect(none.text.contains(#"{"result":[],"score":0"#))
        #expect(predict(service, "mood", []).text == #"{"results":[]}"#)
    }

    @Test("annotations come, change and go; cancelled ones and other actions count for nothing")
    func follows() throws {
        let service = try TestService()
        func tell(_ body: String) -> Received { service.post("/label-studio/desk/webhook", body) }
        let created = tell(Self.event("ANNOTATION_CREATED", 1, "sad", "one"))
        #expect(created.status == 201 && created.object["status"] as? String == "ok", "\(created)")
        #expect((created.object["result"] as? [String: Any])?["added"] as? Int == 1)
        _ = tell(Self.event("ANNOTATION_UPDATED", 1, "happy", "one"))
        #expect(rows(service, "desk") == ["happy: one"])
        _ = tell(Self.event("ANNOTATION_CREATED", 2, "sad", "two", #","was_cancelled":true"#))
        #expect(rows(service, "desk") == ["happy: one"])
        let several =
            #"{"action":"ANNOTATIONS_CREATED","annotation":["#
            + #"\#(Self.annotation(3, "sad", task: 3)),"#
            + #"\#(Self.annotation(4, "happy", task: 4))],"task":[{"id":4,"data":{"text":"four"}},"#
            + #"{"id":3,"data":{"text":"three"}}],\#(Self.project)}"#
        #expect(tell(several).status == 201)
        #expect(rows(service, "desk") == ["happy: one", "sad: three", "happy: four"])
        let project = #""project":{"id":3}"#
        #expect(
            tell(#"{"action":"ANNOTATION_DELETED","annotation":{"id":1},\#(project)}"#).status
                == 201
        )
        _ = tell(
            #"{"action":"ANNOTATIONS_DELETED","annotations":[{"id":3},{"id":99}],\#(project)}"#
        )
        #expect(rows(service, "desk") == ["happy: four"])
        // The same number in another project is another annotation.
        _ = tell(#"{"action":"ANNOTATIONS_DELETED","annotations":[{"id":4}],"project":{"id":8}}"#)
        #expect(rows(service, "desk") == ["happy: four"])
        _ = tell(Self.event("ANNOTATION_UPDATED", 4, "happy", "four", #","was_cancelled":true"#))
        #expect(rows(service, "desk").isEmpty)
        _ = tell(Self.event("ANNOTATION_CREATED", 5, "sad", "five"))
        _ = tell(#"{"action":"TASKS_DELETED","tasks":[{"id":5}],\#(project)}"#)
        #expect(rows(service, "desk").isEmpty)
        let other = tell(#"{"action":"PROJECT_UPDATED",\#(Self.project)}"#)
        #expect(other.status == 200 && other.object["status"] as? String == "Unknown event")
    }

    @Test("training is on what is stored, and its job can be followed")
    func trains() throws {
        let service = try TestService()
        let nothing = service.post("/label-studio/desk/webhook", #"{"action":"START_TRAINING"}"#)
        #expect(nothing.status == 422 && nothing.object["detail"] is String, "\(nothing)")
        let task = { (id: Int, label: String) in
            #"{"id":\#(id),"data":{"text":"text \#(id)"},"annotations":["#
                + #"\#(Self.annotation(id, label, task: id))]}"#
        }
        let tasks = [(1, "sad"), (2, "happy"), (3, "sad")].map(task).joined(separator: ",")
        let answer = service.post(
            "/label-studio/desk/train",
            #"{"annotations":[\#(tasks)],"project":"3.17","label_config":"\#(Self.config)"}"#
        )
        #expect(answer.status == 201, "\(answer)")
        #expect(rows(service, "desk").count == 3)
        let job = try #require(answer.object["job"] as? String)
        func status(_ model: String, _ job: String) -> Received {
            service.post("/label-studio/\(model)/job_status", #"{"job":"\#(job)"}"#)
        }
        #expect(status("desk", job).object["job_status"] as? String == "queued")
        let claimed = try #require(try service.store.claim(worker: "w", lease: .seconds(30)))
        #expect(claimed.job.rowCount == 3 && claimed.job.id == job)
        #expect(status("desk", job).object["job_status"] as? String == "started")
        try service.publish(claimed)
        #expect(status("desk", job).object["job_status"] as? String == "finished")
        #expect(status("mood", job).status == 410)
        #expect(status("desk", "job-1").status == 410)
    }

    @Test("enough new annotations start a job once; it waits for the next number then")
    func trainsAfter() throws {
        let service = try TestService { $0.labelStudioTrainAfter = 3 }
        var jobs: [String?] = []
        for id in 1...7 {
            let label = id % 2 == 0 ? "sad" : "happy"
            let event = Self.event("ANNOTATION_CREATED", id, label, "text \(id)")
            jobs.append(
                service.post("/label-studio/desk/webhook", event).object["job"] as? String
            )
        }
        #expect(jobs.map { $0 != nil } == [false, false, true, false, false, true, false])
        #expect(jobs[2] != jobs[5])
    }

    @Test(
        "what cannot be learnt is refused with the reason, and nothing is stored",
        arguments: [
            (#"{}"#, "/action"), (#"[]"#, "object"),
            (#"{"action":"ANNOTATION_CREATED"}"#, "payload"),
            (
                #"{"action":"ANNOTATION_CREATED","annotation":{"id":1,"result":[]}}"#,
                ""
            ),
            (event("ANNOTATION_CREATED", 1, "a", " "), "empty"),
            (event("ANNOTATION_CREATED", 1, "a\\u202eb", "x"), "U+202E"),
            (
                event("ANNOTATION_CREATED", 1, #"a","b"#, "x").replacing(
                    #""a","b""#,
                    with: #"["a","b"]"#
                ),
                "nested"
            ),
            (event("ANNOTATION_CREATED", 1, "a", "x").replacing("$text", with: "$body"), "member"),
            (
                event("ANNOTATION_CREATED", 1, "a", "x").replacing(
                    "<View>",
                    with: "<!DOCTYPE x><View>"
                ),
                "DOCTYPE"
            ),
        ] as [(String, String)]
    )
    func refusals(_ body: String, _ reason: String) throws {
        let service = try TestService()
        let answer = service.post("/label-studio/desk/webhook", body)
        if reason.isEmpty {
            #expect(answer.status == 201)
        } else {
            #expect(answer.status == 422)
            #expect((answer.object["detail"] as? String)?.contains(reason) == true, "\(answer)")
        }
        #expect(rows(service, "desk").isEmpty)
    }

    @Test("a token comes as the password of any user, or as a bearer; not so on other paths")
    func tokens() throws {
        let fixture = try TokenFixture()
        let service = try TestService { $0.tokens = fixture.table }
        func status(_ user: String, _ scope: Scope, _ path: String, _ body: String) -> Int {
            let pair = "\(user):\(fixture.tokens[scope] ?? "")"
            let value = "Basic " + Data(pair.utf8).base64EncodedString()
            return service.post(path, body, headers: [("Authorization", value)]).status
        }
        let event = Self.event("ANNOTATION_CREATED", 1, "sad", "one")
        #expect(status("me", .train, "/label-studio/desk/webhook", event) == 201)
        #expect(status("", .train, "/label-studio/desk/webhook", event) == 201)
        #expect(status("me", .classify, "/label-studio/desk/webhook", event) == 403)
        #expect(status("me", .classify, "/classify", #"{"text":"a"}"#) == 401)
        let bearer = fixture.header(.train)
        #expect(service.post("/label-studio/desk/webhook", event, headers: bearer).status == 201)
        let none = service.post("/label-studio/desk/webhook", event)
        #expect(none.status == 401)
        #expect((none.object["detail"] as? String)?.contains("password") == true)
        for value in ["Basic", "Basic ", "Basic !!!", "Basic YQ==", "Basic YTo="] {
            let headers = [(name: "Authorization", value: value)]
            #expect(service.send(.get, "/label-studio/desk/", headers: headers).status == 401)
        }
    }
}
