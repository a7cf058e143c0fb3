import ClassificationService
import Examples
import Foundation
import HTTPServer
import Model
import Store
import TestClassifiers
import Testing

/// Models that give a text several labels, and their rows.
@Suite struct SeveralLabelsTests {
    private func service() throws -> TestService {
        let tags = try TagClassifier.checkpoint(
            ["bill", "bug"],
            words: ["invoice": "bill", "crash": "bug", "hello": ""]
        )
        return try TestService(
            files: [
                "mood.json": try checkpoint(model: "mood").encoded(), "tags.json": tags.encoded(),
            ]
        ) { $0.rememberedPredictions = 100 }
    }

    /// The raw scores by label in an answer of TEI or vLLM.
    private func rawScores(_ answer: Received) throws -> [String: Double] {
        let json = try JSONSerialization.jsonObject(with: Data(answer.body))
        if let list = json as? [[String: Any]] {
            return list.reduce(into: [:]) { scores, one in
                scores[one["label"] as? String ?? ""] = one["score"] as? Double
            }
        }
        let labels = answer.object["labels"] as? [String] ?? []
        let data = answer.object["data"] as? [[String: Any]] ?? []
        let scores = data.first?["probs"] as? [Double] ?? []
        return Dictionary(uniqueKeysWithValues: zip(labels, scores))
    }

    private func classify(_ service: TestService, _ body: String) -> [String: Any] {
        service.post("/classify", body).object
    }

    @Test(
        "the answer has the labels that pass, possibly none, and the scores of all",
        arguments: [
            ("invoice", ["bill"]), ("crash invoice", ["bill", "bug"]), ("hello", []),
        ] as [(String, [String])]
    )
    func classifies(text: String, labels: [String]) throws {
        let service = try service()
        let answer = classify(service, #"{"model":"tags","text":"\#(text)"}"#)
        #expect(answer["labels"] as? [String] == labels)
        #expect(answer["label"] == nil && answer["score"] == nil)
        let scores = try #require(answer["scores"] as? [String: Double])
        #expect(scores.keys.sorted() == ["bill", "bug"])
        for label in ["bill", "bug"] {
            #expect(labels.contains(label) == (scores[label, default: 0] >= 0.5))
        }
        #expect(answer["abstained"] as? Bool == false)
        for (path, body) in [
            ("/predict?model=tags", #"{"inputs":"\#(text)","raw_scores":true}"#),
            ("/v1/classify", #"{"model":"tags","input":"\#(text)","use_activation":false}"#),
        ] {
            let raw = try rawScores(service.post(path, body))
            #expect(raw.count == scores.count)
            // The logistic function of a raw score is the probability, as near as Float32 is.
            for (label, score) in raw {
                #expect(abs(1 / (1 + exp(-score)) - scores[label, default: 2]) < 1e-5)
            }
        }
        let list = classify(service, #"{"model":"tags","texts":["\#(text)","hello"]}"#)
        let results = try #require(list["results"] as? [[String: Any]])
        #expect(results.map { $0["labels"] as? [String] } == [labels, []])
    }

    @Test("a model of one label beside it answers as ever")
    func oneLabel() throws {
        let service = try service()
        let answer = service.post("/classify", #"{"model":"mood","text":"happy"}"#)
        #expect(answer.object["label"] as? String == "happy" && answer.object["labels"] == nil)
        #expect(answer.text.hasPrefix(#"{"model":"mood","version":1,"label":"happy","score":"#))
    }

    @Test("min_confidence holds labels back, top_k ranks them")
    func settings() throws {
        let service = try service()
        let body = #"{"model":"tags","text":"invoice crash","top_k":1,"min_confidence":1}"#
        let answer = classify(service, body)
        #expect(answer["labels"] as? [String] == [])
        #expect(answer["abstained"] as? Bool == true)
        #expect((answer["ranking"] as? [[String: Any]])?.count == 1)
        let unknown = classify(service, #"{"model":"tags","text":"zzz"}"#)
        #expect(unknown["abstained"] as? Bool == true)
        #expect(unknown["scores"] as? [String: Double] == ["bill": 0.3, "bug": 0.3])
    }

    @Test("each label that a text got is explained word by word")
    func explains() throws {
        let service = try service()
        let answer = classify(
            service,
            #"{"model":"tags","text":"invoice crash","explain":true}"#
        )
        let words = try #require(answer["explanation"] as? [[String: Any]])
        #expect(words.count == 2)
        let labels = try #require(words[0]["labels"] as? [String: [String: Double]])
        #expect(labels.keys.sorted() == ["bill", "bug"])
        #expect(labels["bill"]?["evidence"] ?? 0 > 0.8)
        // Without the other word, crash alone counts for more.
        #expect(abs(labels["bug"]?["evidence"] ?? 1) < 0.1)
        let none = classify(service, #"{"model":"tags","text":"hello","explain":true}"#)
        let word = try #require((none["explanation"] as? [[String: Any]])?.first)
        #expect((word["labels"] as? [String: Any])?.count == 1)
    }

    @Test("rows come as sets, are listed and exported as such, and come back")
    func rows() throws {
        let service = try service()
        let posted = service.post(
            "/models/tags/examples",
            #"{"examples":[{"text":"a","labels":["bug","bill"]},{"text":"b","labels":[]},"#
                + #"{"text":"c","label":"bug"}]}"#
        )
        #expect(posted.object["added"] as? Int == 3, "\(posted)")
        let listed = try #require(
            service.get("/models/tags/examples").object["examples"] as? [[String: Any]]
        )
        #expect(listed.map { $0["labels"] as? [String] } == [["bill", "bug"], [], nil])
        #expect(listed.map { $0["label"] as? String } == [nil, nil, "bug"])
        let found = service.get("/models/tags/examples?label=bug").object["examples"]
        #expect((found as? [Any])?.count == 2)
        for format in ["csv", "tsv", "jsonl"] {
            let export = service.get("/models/tags/examples?format=\(format)")
            #expect(!export.text.contains("\u{1F}"))
            let rows = try ExampleReader.read(
                Array(export.text.utf8),
                format: ExampleFormat(rawValue: format)
            ).examples
            #expect(rows.map(\.labelSet.labels) == [["bill", "bug"], [], ["bug"]], "\(format)")
        }
    }

    @Test("texts to label next come by the label that is closest to its threshold")
    func ranksTexts() throws {
        let service = try service()
        _ = service.post(
            "/models/tags/texts",
            #"{"texts":["invoice","hello","crash invoice","hello hello invoice hello crash"]}"#
        )
        let answer = service.get("/models/tags/texts?order=uncertain").object
        let texts = try #require(answer["texts"] as? [[String: Any]])
        #expect(texts.allSatisfy { $0["labels"] is [String] && $0["label"] == nil })
        let margins = texts.compactMap { $0["margin"] as? Double }
        #expect(margins.count == 4 && margins == margins.sorted())
        let hello = try #require(texts.first { $0["text"] as? String == "hello" })
        #expect(hello["labels"] as? [String] == [])
        #expect(abs((hello["margin"] as? Double ?? 0) - (0.5 - 1 / (1 + exp(2.0)))) < 1e-5)
    }

    @Test("a separator in the query divides a column")
    func separator() throws {
        let service = try service()
        func post(_ query: String) -> Received {
            service.send(
                .post,
                "/models/new/examples?\(query)",
                headers: [("Content-Type", "text/csv")],
                body: Array("label,text\n\"bill, bug\",x\n,y\n".utf8)
            )
        }
        #expect(post("label_separator=").status == 400)
        #expect(post("label_separator=%2C").object["added"] as? Int == 2)
        let rows = service.get("/models/new/examples").object["examples"] as? [[String: Any]]
        #expect(rows?.map { $0["labels"] as? [String] } == [["bill", "bug"], []])
    }

    @Test("bad sets are named by pointer, and nothing is stored")
    func refusals() throws {
        let service = try service()
        for (row, pointer) in [
            (#"{"text":"a","labels":["x",1]}"#, "/examples/0/labels"),
            (#"{"text":"a","labels":["x"," "]}"#, "/examples/0/labels/1"),
            (#"{"text":"a","label":"x","labels":["y"]}"#, "/examples/0/labels"),
            (#"{"text":"a","labels":7}"#, "/examples/0/labels"),
        ] {
            let answer = service.post("/models/tags/examples", #"{"examples":[\#(row)]}"#)
            #expect(answer.status == 422)
            #expect(answer.text.contains("\"pointer\":\"\(pointer)\""), "\(answer.text)")
        }
    }

    @Test("corrections and golden cases take sets")
    func feedback() throws {
        let service = try service()
        let answer = service.post(
            "/feedback",
            #"{"model":"tags","text":"hm","labels":["bug","new"]}"#
        )
        #expect(answer.object["added"] as? Int == 1, "\(answer)")
        #expect(answer.object["new_label"] as? Bool == true)
        let known = #"{"model":"tags","text":"hm","labels":["new"]}"#
        #expect(service.post("/feedback", known).object["new_label"] as? Bool == false)
        for bad in [
            #"{"model":"tags","text":"hm","labels":"bug"}"#,
            #"{"model":"tags","text":"hm","label":"bug","labels":["bug"]}"#,
            #"{"model":"tags","text":"hm"}"#,
        ] { #expect(service.post("/feedback", bad).status == 422) }
        let golden = service.put(
            "/models/tags/golden",
            #"{"cases":[{"text":"invoice","labels":["bill"]},{"text":"hello","labels":[]},"#
                + #"{"text":"crash","label":"bill"}]}"#
        )
        let cases = try #require(golden.object["cases"] as? [[String: Any]], "\(golden)")
        #expect(cases.map { $0["labels"] as? [String] } == [["bill"], [], nil])
        let check = try #require(golden.object["check"] as? [String: Any])
        #expect(check["passed"] as? Int == 2)
        let failure = try #require((check["failures"] as? [[String: Any]])?.first)
        #expect(failure["labels"] as? [String] == ["bill"])
        #expect(failure["answers"] as? [String] == ["bug"])
    }

    @Test("what was answered is remembered as a set, and can be corrected by its identifier")
    func predictions() throws {
        let service = try service()
        let answer = classify(service, #"{"model":"tags","text":"invoice crash"}"#)
        let id = try #require(answer["prediction_id"] as? String)
        let list = service.get("/predictions?model=tags").object["predictions"]
        let first = try #require((list as? [[String: Any]])?.first)
        #expect(first["labels"] as? [String] == ["bill", "bug"] && first["label"] == nil)
        let done = service.post("/feedback", #"{"prediction_id":"\#(id)","labels":["bug"]}"#)
        #expect(done.object["added"] as? Int == 1)
    }

    @Test("a version is evaluated on sets, and told of as one that gives several")
    func evaluates() throws {
        let service = try service()
        let answer = service.post(
            "/models/tags/evaluate",
            #"{"examples":[{"text":"invoice","labels":["bill"]},{"text":"hello","labels":[]},"#
                + #"{"text":"crash","labels":["bill"]}]}"#
        )
        #expect(answer.object["micro_f1"] as? Double == 0.5, "\(answer)")
        #expect(answer.object["subset_accuracy"] as? Double == 0.666667)
        #expect(service.get("/models/tags").object["output"] as? String == "multi")
        #expect(service.get("/models/mood").object["output"] == nil)
        let metrics = service.get("/metrics").text
        #expect(!metrics.contains("\u{1F}"))
    }

    @Test("a job takes rows with sets, and options with an objective")
    func train() throws {
        let service = try service()
        let rows =
            #""examples":[{"text":"a b","labels":["x","y"]},{"text":"c","labels":[]},"#
            + #"{"text":"d","labels":["x"]}]"#
        let answer = service.post(
            "/train",
            #"{"model":"n",\#(rows),"options":{"objective":"macro"}}"#
        )
        #expect(answer.status == 202, "\(answer)")
        let bad = service.post("/train", #"{"model":"n",\#(rows),"options":{"objective":"best"}}"#)
        #expect(bad.status == 422 && bad.text.contains("/options/objective"))
        let same = #""examples":[{"text":"a","labels":["x","y"]},{"text":"b","labels":["y","x"]}]"#
        #expect(service.post("/train", #"{"model":"n",\#(same)}"#).status == 422)
    }

    @Test("Label Studio gets all labels of a text, and brings several")
    func labelStudio() throws {
        let service = try service()
        let config =
            #"<View><Text name=\"t\" value=\"$text\"/><Choices name=\"c\" toName=\"t\" "#
            + #"choice=\"multiple\"><Choice value=\"bill\"/><Choice value=\"bug\"/></Choices>"#
            + "</View>"
        let answer = service.post(
            "/label-studio/tags/predict",
            #"{"tasks":[{"id":1,"data":{"text":"invoice crash"}},"#
                + #"{"id":2,"data":{"text":"hello"}}],"#
                + #""label_config":"\#(config)"}"#
        )
        #expect(answer.text.contains(#""choices":["bill","bug"]"#), "\(answer)")
        func event(_ id: Int, _ text: String, _ choices: String) -> Received {
            service.post(
                "/label-studio/tags/webhook",
                #"{"action":"ANNOTATION_CREATED","annotation":{"id":\#(id),"task":\#(id),"#
                    + #""result":["#
                    + choices + #"]},"task":{"id":\#(id),"data":{"text":"\#(text)"}},"#
                    + #""project":{"id":3,"label_config":"\#(config)"}}"#
            )
        }
        let two =
            #"{"from_name":"c","to_name":"t","type":"choices","value":{"choices":["bug","bill"]}}"#
        #expect(event(1, "one", two).status == 201)
        #expect(event(2, "none", "").status == 201)
        let rows = service.get("/models/tags/examples").object["examples"] as? [[String: Any]]
        #expect(rows?.map { $0["labels"] as? [String] } == [["bill", "bug"], []])
    }
}
