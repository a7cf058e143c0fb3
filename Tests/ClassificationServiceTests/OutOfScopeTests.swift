import ClassificationService
import Examples
import Foundation
import HTTPServer
import Model
import Store
import TestClassifiers
import Testing

/// Texts of none of the labels: rows whose label is null, and answers that say so.
@Suite struct OutOfScopeTests {
    private func service() throws -> TestService {
        var scoped = try KeywordClassifier.checkpoint(
            ["bill", "bug"],
            words: ["invoice": "bill", "crash": "bug", "x": ""]
        )
        scoped.model = "desk"
        scoped.training.outOfScope = TrainingRecord.OutOfScope(
            rows: 3,
            auroc: 0.9,
            aurocBounds: 0.8...1,
            threshold: 0.7,
            caught: 2,
            rightAnswers: 5,
            lost: 1,
            isCrossFitted: true
        )
        return try TestService(
            files: [
                "desk.json": scoped.encoded(),
                "mood.json": try checkpoint(model: "mood").encoded(),
            ]
        ) { $0.rememberedPredictions = 10 }
    }

    @Test("the version's card has the proposal, and an answer may be held to it")
    func classifies() throws {
        let service = try service()
        let card = service.get("/models/desk/versions/1").object
        let metrics = try #require(card["metrics"] as? [String: Any])
        let found = try #require(metrics["out_of_scope"] as? [String: Any])
        #expect(found["threshold"] as? Double == 0.7 && found["caught"] as? Int == 2)
        #expect(found["cross_fitted"] as? Bool == true)
        func answer(_ text: String, _ settings: String) -> [String: Any] {
            service.post("/classify", #"{"model":"desk","text":"\#(text)"\#(settings)}"#).object
        }
        let proposed = #","min_confidence":"proposed""#
        let none = answer("x", proposed)
        #expect(none["abstained"] as? Bool == true && none["reason"] as? String == "none of these")
        #expect(none["label"] as? String == "bill" && none["certainty"] as? Double == 0.5)
        let sure = answer("invoice", proposed)
        #expect(sure["abstained"] as? Bool == false && sure["reason"] == nil)
        let number = answer("x", #","min_confidence":0.7"#)
        #expect(number["abstained"] as? Bool == true && number["reason"] == nil)
        #expect(number["certainty"] == nil)
        #expect(answer("x", "")["abstained"] as? Bool == false)
        #expect(answer("zzz", proposed)["reason"] as? String == "no known words")
        let explained = answer("x", proposed + #","explain":true"#)
        #expect(explained["reason"] as? String == "none of these")
        let list = service.post(
            "/classify",
            #"{"model":"desk","texts":["x","crash"],"min_confidence":"proposed"}"#
        )
        let results = try #require(list.object["results"] as? [[String: Any]])
        #expect(results.map { $0["abstained"] as? Bool } == [true, false])
        let lines = service.send(
            .post,
            "/classify?model=desk&min_confidence=proposed",
            headers: [("Content-Type", "application/x-ndjson")],
            body: Array("\"x\"\n".utf8)
        )
        #expect(lines.text.contains("none of these"), "\(lines.text)")
        let plain = service.send(
            .post,
            "/classify?model=desk&min_confidence=proposed",
            headers: [("Content-Type", "text/plain")],
            body: Array("x".utf8)
        )
        #expect(plain.text.contains("none of these"))
    }

    @Test("a version without a proposal says so")
    func noProposal() throws {
        let service = try service()
        let body = #"{"model":"mood","text":"happy","min_confidence":"proposed"}"#
        let refused = service.post("/classify", body)
        #expect(refused.status == 422 && refused.text.contains("/min_confidence"))
        #expect(refused.text.contains("proposes nothing"))
        for bad in [#""suggested""#, "true", "2"] {
            let body = #"{"model":"desk","text":"x","min_confidence":\#(bad)}"#
            #expect(service.post("/classify", body).status == 422)
        }
    }

    @Test("rows come, are listed, found, exported, relabelled and restored with their null")
    func rows() throws {
        let service = try service()
        let path = "/models/desk/examples"
        let posted = service.post(
            path,
            #"{"examples":[{"text":"a","label":null},{"text":"b","label":"bug"},"#
                + #"{"text":"c","label":"hm"}]}"#
        )
        #expect(posted.object["added"] as? Int == 3, "\(posted)")
        let cells = service.send(
            .post,
            path + "?none_label=",
            headers: [("Content-Type", "text/csv")],
            body: Array("label,text\n,d\nbill,e\n".utf8)
        )
        #expect(cells.object["added"] as? Int == 2, "\(cells)")
        let named = service.post(path + "?none_label=oos", #"[{"text":"f","label":"oos"}]"#)
        #expect(named.object["added"] as? Int == 1, "\(named)")
        func listed(_ query: String) throws -> [String] {
            let rows = service.get(path + query).object["examples"] as? [[String: Any]]
            return try #require(rows).map { row in
                "\(row["text"] ?? "") \(row["label"] is NSNull ? "null" : row["label"] ?? "")"
            }
        }
        #expect(try listed("") == ["a null", "b bug", "c hm", "d null", "e bill", "f null"])
        #expect(try listed("?out_of_scope=true") == ["a null", "d null", "f null"])
        #expect(service.get(path + "?out_of_scope=no").status == 400)
        #expect(service.get(path + "?out_of_scope=true&label=bug").status == 400)
        let export = service.get(path + "?format=jsonl").text
        #expect(export.contains(#"{"label":null,"text":"a","source":"import"}"#))
        let table = service.get(path + "?format=csv&out_of_scope=true").text
        #expect(table == "label,text,source\n,a,import\n,d,import\n,f,import\n")
        let relabelled = service.post(
            path,
            #"{"examples":[{"text":"a","label":"bug"},{"text":"b","label":null}]}"#
        )
        #expect(relabelled.object["relabelled"] as? Int == 2)
        #expect(try listed("?out_of_scope=true") == ["d null", "f null", "b null"])
    }

    @Test("feedback says that an answer was none of the labels")
    func feedback() throws {
        let service = try service()
        let answer = service.post("/classify", #"{"model":"desk","text":"x crash"}"#).object
        let id = try #require(answer["prediction_id"] as? String)
        let taught = service.post("/feedback", #"{"prediction_id":"\#(id)","label":null}"#)
        #expect(taught.object["added"] as? Int == 1, "\(taught)")
        #expect(taught.object["new_label"] as? Bool == false)
        let other = #"{"model":"desk","text":"y","label":null}"#
        #expect(service.post("/feedback", other).status == 200)
        for bad in [
            #"{"model":"desk","text":"y"}"#, #"{"model":"desk","text":"y","labels":[null]}"#,
            #"{"model":"desk","text":"y","label":null,"labels":[]}"#,
        ] { #expect(service.post("/feedback", bad).status == 422, "\(bad)") }
        let page = try #require(
            try service.store.examples(of: "desk", where: RowFilter(), limit: 9, after: 0)
        )
        #expect(page.rows.map(\.example.isOutOfScope) == [true, true])
        #expect(page.rows.allSatisfy { $0.source == .feedback })
    }

    @Test("a golden case of none must score below the proposal")
    func golden() throws {
        let service = try service()
        let answer = service.put(
            "/models/desk/golden",
            #"{"cases":[{"text":"x","label":null},{"text":"crash","label":null},"#
                + #"{"text":"invoice","label":"bill"}]}"#
        )
        let cases = try #require(answer.object["cases"] as? [[String: Any]], "\(answer)")
        #expect(cases.map { $0["label"] is NSNull } == [true, true, false])
        let check = try #require(answer.object["check"] as? [String: Any])
        #expect(check["passed"] as? Int == 2)
        let failure = try #require((check["failures"] as? [[String: Any]])?.first)
        #expect(failure["label"] is NSNull && failure["answer"] as? String == "bug")
    }

    @Test("evaluation tells them apart from the others")
    func evaluates() throws {
        let service = try service()
        let body =
            #"{"examples":[{"text":"invoice","label":"bill"},{"text":"x","label":null},"#
            + #"{"text":"crash","label":"bill"}]}"#
        let answer = service.post("/models/desk/evaluate", body).object
        #expect(answer["rows"] as? Int == 2 && answer["accuracy"] as? Double == 0.5)
        let scope = try #require(answer["out_of_scope"] as? [String: Double])
        #expect(scope["rows"] == 1 && scope["auroc"] == 1 && scope["caught"] == 1)
        #expect(scope["right_answers"] == 1 && scope["lost"] == 0)
        let odd = #"{"examples":[{"text":"x","label":null},{"text":"y","label":"odd"}]}"#
        let refused = service.post("/models/desk/evaluate", odd)
        #expect(refused.status == 422 && refused.text.contains("/examples/1/label"))
    }

    @Test("rows to train on need two labels beside them")
    func training() throws {
        let service = try service()
        func post(_ rows: String) -> Received {
            service.post("/train", #"{"model":"new","examples":[\#(rows)]}"#)
        }
        let none = #"{"text":"a","label":null}"#
        #expect(post(none + "," + none).text.contains("No example has a label"))
        #expect(post(none + #",{"text":"b","label":"x"}"#).text.contains("the same label"))
        let good = post(none + #",{"text":"b","label":"x"},{"text":"c","label":"y"}"#)
        #expect(good.status == 202 && good.object["examples"] as? Int == 3, "\(good)")
    }
}
