import Evaluation
import Examples
import Foundation
import Judgement
import Model
import Optimization
import TestClassifiers
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

    private static func trained(_ plan: TrainingPlan) throws -> Candidate {
        try TrainingPipeline(plan).run(observer: { _ in .proceed }, entering: { _ in })
    }

    private func report(_ model: Candidate, _ verdict: Verdict) throws -> [String: Any] {
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
        let verdict = model.judged(
            by: .ifNotWorse,
            as: 1,
            against: nil,
            standing: Standing(anchor: nil),
            golden: []
        )
        #expect(verdict.isPromoted)
        #expect(verdict.reason == "no version is live that it could be compared with")
        let report = try report(model, verdict)
        #expect(
            Set(report.keys) == [
                "model", "data", "split", "baselines", "network", "calibration", "per_class",
                "confusion", "top_confusions", "mistakes",
                "coverage", "comparison", "anchor", "golden", "corrections", "new_labels",
                "decision",
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
            model.judged(
                by: .always,
                as: 1,
                against: nil,
                standing: Standing(anchor: nil),
                golden: []
            )
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
        let report = try report(
            model,
            model.judged(
                by: .always,
                as: 1,
                against: nil,
                standing: Standing(anchor: nil),
                golden: []
            )
        )
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

    @Test(
        "the article's recipe is measured as the others are",
        arguments: [(220, 220), (2000, 200)]
    )
    func articleHoldOut(rows: Int, heldOut: Int) throws {
        let examples = SyntheticTexts(rows).examples
        let model = try Self.trained(Self.plan(examples) { $0.recipe = .article })
        #expect(model.result.checkpoint.training.rows == rows)
        #expect(model.result.answers.count == heldOut)
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
        "equal seed, data and options give equal bytes on one and two threads, five times of five",
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
            reports.insert(
                model.report(
                    model.judged(
                        by: .always,
                        as: 1,
                        against: nil,
                        standing: Standing(anchor: nil),
                        golden: []
                    )
                )
            )
        }
        #expect(documents.count == 1)
        #expect(reports.count == 1)
    }
}
