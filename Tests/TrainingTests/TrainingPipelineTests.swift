import Evaluation
import Examples
import Foundation
import Model
import Testing
import Training

@Suite struct TrainingPipelineTests {
    private static let few = SyntheticTexts(120).examples

    private static func plan(
        _ examples: [Example],
        _ change: (inout TrainingOptions) -> Void = { _ in }
    ) -> TrainingPlan {
        var options = TrainingOptions(recipe: .linear)
        options.epochs = 2
        change(&options)
        return TrainingPlan(model: "topics", examples: examples, options: options)
    }

    private static func trained(_ plan: TrainingPlan) throws -> TrainedModel {
        try TrainingPipeline(plan).run(observer: { _ in .proceed }, entering: { _ in })
    }

    private func report(_ model: TrainedModel, _ verdict: Verdict) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(model.report(verdict)))
        return try #require(object as? [String: Any])
    }

    @Test("goes through its stages in order, and the report tells of each step")
    func report() throws {
        var stages: [TrainingPipeline.Stage] = []
        let model = try TrainingPipeline(Self.plan(Self.few)).run(
            observer: { _ in .proceed },
            entering: { stages.append($0) }
        )
        #expect(stages == [.examining, .training, .judging])
        let verdict = model.judged(by: .ifBetter, against: nil, golden: [])
        #expect(verdict.isPromoted)
        #expect(verdict.reason == "no version is live that it could be compared with")
        let report = try report(model, verdict)
        #expect(
            Set(report.keys) == [
                "model", "data", "split", "baselines", "network", "calibration", "per_label",
                "confusion", "top_confusions", "mistakes",
                "coverage", "comparison", "golden", "decision",
            ]
        )
        let split = try #require(report["split"] as? [String: Any])
        #expect(split["kind"] as? String == "cross_validation")
        #expect(split["held_out_rows"] as? Int == 120)
        #expect(split["repeats"] as? Int == 2)
        #expect((report["baselines"] as? [Any])?.count == 2)
        let network = try #require(report["network"] as? [String: Any])
        #expect((network["repeated_accuracies"] as? [Double])?.count == 2)
        #expect(
            (network["repeated_accuracies"] as? [Double])?.first
                == (network["held_out"] as? [String: Any])?["accuracy"] as? Double
        )
        let curves = try #require(network["loss_curves"] as? [[String: Any]])
        #expect(curves.map { $0["path"] as? String } == ["linear"])
        #expect((curves[0]["loss"] as? [Double])?.count ?? 0 >= 2)
        let confusion = try #require(report["confusion"] as? [String: Any])
        let cells = try #require(confusion["cells"] as? [[Int]])
        #expect(cells.reduce(0) { $0 + $1[2] } == 120)
        let reliability = (report["calibration"] as? [String: Any])?["reliability"]
        #expect(
            (reliability as? [[String: Any]])?.reduce(0) { $0 + ($1["rows"] as? Int ?? 0) } == 120
        )
    }

    @Test(
        "a report's mistakes are of held-out rows, the surest first, and agree with its figures",
        arguments: [120, 2100]
    )
    func mistakes(rows: Int) throws {
        let examples = SyntheticTexts(rows, noise: 0.3).examples
        let model = try Self.trained(Self.plan(examples))
        let report = try report(
            model,
            model.judged(by: .always, against: nil, golden: [])
        )
        let mistakes = try #require(report["mistakes"] as? [[String: Any]])
        #expect(mistakes.count == Mistake.listed)
        let scores = mistakes.compactMap { $0["score"] as? Double }
        #expect(scores.count == mistakes.count && scores == scores.sorted(by: >))
        let answers = model.result.answers
        let wrong = answers.filter { $0.label != $0.truth }
        #expect(scores.first == wrong.map(\.score).max())
        for mistake in mistakes {
            #expect(
                wrong.contains {
                    $0.text == mistake["text"] as? String && $0.truth == mistake["label"] as? String
                        && $0.label == mistake["answer"] as? String
                }
            )
        }
        let confusions = try #require(report["top_confusions"] as? [[String: Any]])
        #expect(confusions.reduce(0) { $0 + ($1["rows"] as? Int ?? 0) } == wrong.count)
    }

    @Test("rows that were given to measure by give the mistakes, not those that were learnt")
    func givenRows() throws {
        var plan = Self.plan(Self.few)
        plan.test = SyntheticTexts(60, seed: 9, noise: 0.5).examples.map {
            Example(label: $0.label, text: "test " + $0.text)
        }
        let model = try Self.trained(plan)
        let report = try report(model, model.judged(by: .always, against: nil, golden: []))
        let mistakes = try #require(report["mistakes"] as? [[String: Any]])
        #expect(!mistakes.isEmpty)
        #expect(mistakes.allSatisfy { ($0["text"] as? String)?.hasPrefix("test ") == true })
    }

    @Test("measuring changes no weight", arguments: [TrainingOptions.Recipe.linear, .article])
    func measuring(recipe: TrainingOptions.Recipe) throws {
        let examples = Array(Self.few.prefix(40))
        let plan = Self.plan(examples) { $0.recipe = recipe }
        let model = try Self.trained(plan).result.checkpoint
        let plain = try plan.run().checkpoint
        #expect(model.tensors == plain.tensors && model.calibration == plain.calibration)
        #expect(model.training.heldOut != nil)
        #expect(model.training.heldOut?.rows == 40)
    }

    @Test("the article's recipe is measured by a held-out fifth where rows are many")
    func articleHoldOut() throws {
        let examples = SyntheticTexts(220).examples
        let model = try Self.trained(Self.plan(examples) { $0.recipe = .article })
        #expect(model.result.checkpoint.training.rows == 220)
        #expect((40...48).contains(model.result.answers.count))
        #expect(try Self.plan(examples) { $0.recipe = .article }.run().validation == nil)
    }

    @Test("a run that is stopped while it is measured gives no model")
    func stopped() throws {
        let plan = Self.plan(Self.few) {
            $0.recipe = .article
            $0.epochs = 40
        }
        #expect(throws: TrainingError.self) {
            try TrainingPipeline(plan).run(
                observer: { $0.fraction > 0.5 ? .stop : .proceed },
                entering: { _ in }
            )
        }
    }

    @Test(
        "equal seed, data and options give equal bytes on one and on two threads, five times of five",
        arguments: [
            (TrainingOptions.Recipe.auto, 260), (.auto, 2100), (.article, 60),
        ]
    )
    func bitIdentical(_ recipe: TrainingOptions.Recipe, _ rows: Int) throws {
        let examples = SyntheticTexts(rows, noise: 0.1).examples
        var documents: Set<[UInt8]> = []
        var reports: Set<[UInt8]> = []
        for threads in [1, 2, 1, 2, 2] {
            let model = try Self.trained(
                Self.plan(examples) {
                    $0 = TrainingOptions(recipe: recipe)
                    ($0.epochs, $0.hidden, $0.threads) = (2, 16, threads)
                }
            )
            documents.insert(model.result.checkpoint.encoded())
            reports.insert(model.report(model.judged(by: .always, against: nil, golden: [])))
        }
        #expect(documents.count == 1)
        #expect(reports.count == 1)
    }
}

@Suite struct VerdictTests {
    /// A model that has learnt nothing to speak of, and its held-out answers.
    private static func model(_ examples: [Example], epochs: Int) throws -> TrainedModel {
        var options = TrainingOptions(recipe: .linear)
        options.epochs = epochs
        let plan = TrainingPlan(model: "topics", examples: examples, options: options)
        return try TrainingPipeline(plan).run(observer: { _ in .proceed }, entering: { _ in })
    }

    private func incumbent(
        _ model: TrainedModel,
        answers: [AnsweredExample]? = nil,
        examples: [Example]
    ) throws -> Incumbent {
        Incumbent(
            version: 3,
            classifier: try TextClassifier(model.result.checkpoint),
            answers: answers ?? model.result.answers,
            examples: examples
        )
    }

    @Test("a model is compared with its own like: no row differs, and it stays a candidate")
    func same() throws {
        let rows = SyntheticTexts(100).examples
        let model = try Self.model(rows, epochs: 2)
        let verdict = model.judged(
            by: .ifBetter,
            against: try incumbent(model, examples: rows),
            golden: []
        )
        let comparison = try #require(verdict.comparison)
        #expect(comparison.paired.rows == 100 && comparison.leftOut == 0)
        #expect(comparison.paired.differing == 0)
        #expect(!verdict.isPromoted)
        #expect(
            verdict.reason.hasPrefix(
                "not enough evidence: 0 held-out rows differ, 0 for the new version, p = 1.00; "
            )
        )
    }

    @Test("a better model is promoted, a worse one is not, each with figures")
    func betterAndWorse() throws {
        let rows = SyntheticTexts(150).examples
        let good = try Self.model(rows, epochs: 20)
        let wrong = rows.indices.map {
            Example(label: rows[($0 + 37) % 150].label, text: rows[$0].text)
        }
        let bad = try Self.model(wrong, epochs: 1)
        let better = good.judged(
            by: .ifBetter,
            against: try incumbent(bad, examples: rows),
            golden: []
        )
        #expect(better.isPromoted)
        #expect(better.reason.hasPrefix("better: "), "\(better.reason)")
        #expect(better.reason.contains(" of version 3 on 150 held-out rows"))
        let noisy = SyntheticTexts(150, noise: 0.6).examples
        let perfect = noisy.map {
            AnsweredExample(
                text: $0.text,
                truth: $0.label,
                label: $0.label,
                score: 1,
                truthScore: 1
            )
        }
        let worse = try Self.model(noisy, epochs: 2).judged(
            by: .ifBetter,
            against: try incumbent(good, answers: perfect, examples: noisy),
            golden: []
        )
        #expect(!worse.isPromoted)
        #expect(worse.reason.hasPrefix("worse: "), "\(worse.reason)")
    }

    @Test("rows that the live version has learnt, without a fair answer, are left out and counted")
    func leftOut() throws {
        let rows = SyntheticTexts(100).examples
        let model = try Self.model(rows, epochs: 2)
        let half = Array(rows.prefix(50))
        let comparison = try #require(
            model.judged(
                by: .ifBetter,
                against: try incumbent(model, answers: [], examples: half),
                golden: []
            ).comparison
        )
        let learnt = Set(half.map(\.text))
        #expect(comparison.leftOut == rows.count { learnt.contains($0.text) })
        #expect(comparison.paired.rows + comparison.leftOut == 100)
        let none = model.judged(
            by: .ifBetter,
            against: try incumbent(model, answers: [], examples: rows),
            golden: []
        )
        #expect(!none.isPromoted)
        #expect(
            none.reason
                == "not enough evidence: there is no held-out row that version 3 has not learnt"
        )
    }

    @Test("rows whose label the live version does not know count against it")
    func newLabel() throws {
        let old = SyntheticTexts(100, labels: 2).examples
        let live = try Self.model(old, epochs: 2)
        let rows = SyntheticTexts(150, labels: 3).examples
        let model = try Self.model(rows, epochs: 20)
        let comparison = try #require(
            model.judged(
                by: .ifBetter,
                against: try incumbent(live, answers: [], examples: []),
                golden: []
            ).comparison
        )
        let new = model.result.answers.count { $0.truth == "label 2" && $0.label == $0.truth }
        #expect(new > 20 && comparison.paired.candidateOnly >= new)
    }

    @Test("failing golden cases block every promotion and are named")
    func golden() throws {
        let rows = SyntheticTexts(100).examples
        let model = try Self.model(rows, epochs: 20)
        let cases = [
            Example(label: "label 1", text: "topic1word1 topic1word2"),
            Example(label: "label 2", text: "topic1word1 topic1word2"),
        ]
        for rule in [Verdict.Rule.always, .ifBetter] {
            let verdict = model.judged(by: rule, against: nil, golden: cases)
            #expect(!verdict.isPromoted)
            #expect(
                verdict.reason
                    == "1 of 2 golden cases fail: \"topic1word1 topic1word2\" must be label 2 "
                    + "and is label 1"
            )
            #expect(model.judged(by: rule, against: nil, golden: [cases[0]]).isPromoted)
        }
    }

    @Test("without the right to promote, or when told never to, a model stays a candidate")
    func rules() throws {
        let model = try Self.model(SyntheticTexts(60).examples, epochs: 1)
        let notAllowed = model.judged(by: .notAllowed, against: nil, golden: [])
        #expect(!notAllowed.isPromoted && notAllowed.reason.contains("may not promote"))
        let never = model.judged(by: .never, against: nil, golden: [])
        #expect(!never.isPromoted && never.reason.contains("never"))
    }

    @Test("a live version that cannot be read is no reason to promote")
    func unreadable() throws {
        let model = try Self.model(SyntheticTexts(60).examples, epochs: 1)
        let verdict = model.judged(
            by: .ifBetter,
            against: Incumbent(version: 7, classifier: nil, answers: [], examples: []),
            golden: []
        )
        #expect(!verdict.isPromoted && verdict.reason.contains("version 7"))
    }
}
