import ClassificationService
import Digest
import Examples
import Foundation
import HTTPServer
import Model
import Store
import TestStores
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
                HeldOutAnswer(text: $0, truth: "sad", label: "sad", score: 0.5, truthScore: 0.5)
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

    @Test("mistakes are listed, the surest first, as many as are asked for")
    func mistakes() throws {
        // Version 1 is surer of a word that it knows than of one that it does not.
        let rows = [
            ("other", "happy"), ("other", "sad"), ("happy", "sad"), ("sad", "sad"),
            ("happy happy", "sad"),
        ]
        let examples = rows.map { "{\"text\":\"\($0)\",\"label\":\"\($1)\"}" }
        func evaluated(_ more: String) -> Received {
            service.post(
                "/models/mood/evaluate",
                "{\(more)\"examples\":[\(examples.joined(separator: ","))]}"
            )
        }
        let answer = evaluated("").object
        let mistakes = try #require(answer["mistakes"] as? [[String: Any]])
        #expect(mistakes.count == 3)
        let scores = mistakes.compactMap { $0["score"] as? Double }
        #expect(scores == scores.sorted(by: >) && scores.count == 3)
        #expect(
            Set(mistakes.prefix(2).compactMap { $0["text"] as? String }) == [
                "happy", "happy happy",
            ]
        )
        for mistake in mistakes {
            #expect(Set(mistake.keys) == ["text", "label", "answer", "score"])
        }
        #expect(mistakes[0]["label"] as? String == "sad")
        #expect(mistakes[0]["answer"] as? String == "happy")
        let confusions = try #require(answer["top_confusions"] as? [[String: Any]])
        #expect(confusions[0]["rows"] as? Int ?? 0 >= 2)
        #expect(Set(confusions[0].keys) == ["label", "answer", "rows"])
        for (count, listed) in [(0, 0), (1, 1), (3, 3), (1000, 3)] {
            let answer = evaluated("\"mistakes\":\(count),")
            #expect((answer.object["mistakes"] as? [Any])?.count == listed)
        }
        let rowsOfText = service.send(
            .post,
            "/models/mood/evaluate?mistakes=1",
            headers: [(name: "Content-Type", value: "text/tab-separated-values")],
            body: Array(rows.map { "\($1)\t\($0)\n" }.joined().utf8)
        )
        #expect((rowsOfText.object["mistakes"] as? [Any])?.count == 1, "\(rowsOfText)")
        for bad in ["-1", "1001", "1.5", "true", "null"] {
            #expect(evaluated("\"mistakes\":\(bad),").pointers == ["/mistakes"], "\(bad)")
        }
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
