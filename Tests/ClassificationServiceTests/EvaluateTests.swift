import ClassificationService
import Digest
import Examples
import Foundation
import Model
import Store
import Testing

/// Versions scored and compared.
@Suite struct EvaluateTests {
    let service: TestService

    /// Version 1 knows what is happy; version 2 has it the wrong way round, and has held-out rows.
    init() throws {
        service = try TestService()
        _ = try service.store.submit(
            job: NewJob(
                model: "mood",
                options: Array("{}".utf8),
                promotion: .never,
                examples: [Example(label: "happy", text: "a"), Example(label: "sad", text: "b")]
            )
        )
        let claimed = try #require(try service.store.claim(worker: "w", lease: .seconds(30)))
        let bytes = try checkpoint(model: "mood", weight: -2).encoded()
        let publication = Publication(
            checkpoint: bytes,
            digest: SHA256.hexadecimal(of: bytes),
            metrics: Array("{}".utf8),
            heldOut: ["happy", "sad", "unknown"].map {
                AnsweredExample(text: $0, truth: "sad", label: "sad", score: 0.5, truthScore: 0.5)
            },
            decision: Decision(
                isPromoted: false,
                reason: "a test says so",
                comparedWith: 1,
                goldenRevision: 0
            )
        )
        _ = try service.store.publish(publication, claim: claimed.claim)
    }

    private static let examples =
        #""examples":[{"text":"happy","label":"happy"},{"text":"sad","label":"happy"}]"#

    @Test("rows of one's own are scored by the version that serves, or by another")
    func evaluates() throws {
        let answer = service.post("/models/mood/evaluate", "{\(Self.examples)}")
        #expect(answer.status == 200, "\(answer)")
        #expect(answer.object["version"] as? Int == 1)
        #expect(answer.object["rows"] as? Int == 2)
        #expect(answer.object["accuracy"] as? Double == 0.5)
        #expect(answer.object["confusion"] as? [[Int]] == [[1, 1], [0, 0]])
        #expect((answer.object["per_label"] as? [Any])?.count == 2)
        let one = #"{"version":2,"examples":[{"text":"happy","label":"sad"}]}"#
        #expect(service.post("/models/mood/evaluate", one).object["accuracy"] as? Double == 1)
    }

    @Test(
        "what cannot be scored is refused",
        arguments: [
            (#"{}"#, ["/examples"]), (#"{"examples":[]}"#, ["/examples"]),
            (
                #"{"examples":[{"text":"a","label":"happy"},{"text":"a","label":"x"}]}"#,
                ["/examples/1/label"]
            ),
            (#"{"version":0,"examples":[{"text":"a","label":"happy"}]}"#, ["/version"]),
        ]
    )
    func refusals(_ body: String, _ pointers: [String]) {
        let answer = service.post("/models/mood/evaluate", body)
        #expect(answer.status == 422)
        #expect(answer.pointers == pointers)
        #expect(service.post("/models/none/evaluate", "{\(Self.examples)}").status == 404)
    }

    @Test("golden cases and held-out rows whose answers change are listed, each text once")
    func comparesStored() throws {
        let cases = #"{"cases":[{"text":"happy","label":"happy"}]}"#
        _ = service.put("/models/mood/golden", cases)
        let answer = service.get("/models/mood/diff?from=1&to=2")
        #expect(answer.status == 200, "\(answer)")
        #expect(answer.object["texts"] as? Int == 3)
        #expect(answer.object["label_changes"] as? Int == 2)
        #expect(answer.object["broken"] as? Int == 2)
        #expect(answer.object["fixed"] as? Int == 0)
        let changes = try #require(answer.object["changes"] as? [[String: Any]])
        let happy = try #require(changes.first { $0["text"] as? String == "happy" })
        #expect(happy["expected"] as? String == "happy")
        #expect((happy["before"] as? [String: Any])?["label"] as? String == "happy")
        #expect((happy["after"] as? [String: Any])?["label"] as? String == "sad")
        let same = service.get("/models/mood/diff?from=1&to=1").object
        #expect((same["changes"] as? [Any])?.isEmpty == true)
    }

    @Test("texts of one's own are compared, and bad requests refused")
    func comparesPosted() {
        let body = #"{"from":1,"to":2,"texts":["happy","other"]}"#
        let answer = service.post("/models/mood/diff", body).object
        #expect(answer["texts"] as? Int == 2)
        #expect(answer["label_changes"] as? Int == 1)
        for query in ["", "?from=1", "?from=1&to=x", "?from=1&to=2&x=1"] {
            #expect(service.get("/models/mood/diff" + query).status == 400, "\(query)")
        }
        #expect(service.get("/models/mood/diff?from=1&to=9").code == "version_not_found")
        #expect(service.get("/models/none/diff?from=1&to=2").code == "model_not_found")
        let bad = #"{"from":0,"to":1,"texts":[1]}"#
        #expect(service.post("/models/mood/diff", bad).pointers == ["/from", "/texts/0"])
    }
}
