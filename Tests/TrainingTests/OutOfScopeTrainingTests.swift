import DataDoctor
import Evaluation
import Examples
import JSON
import Model
import TestClassifiers
import Testing

@testable import Training

/// Texts of none of the labels beside the rows of a run.
@Suite struct OutOfScopeTrainingTests {
    private static let labelled = SyntheticTexts(240, noise: 0.1).examples
    private static let strangers = [
        "what a fine day", "hy", "fly me to the moon", "who are you", "sing it again", "why so",
        "buy me the red one", "is it raining", "the end", "my dog sleeps",
    ]

    /// Every eighth row is one of none.
    private static var mixed: [Example] {
        var rows = labelled
        for (place, text) in strangers.enumerated() {
            rows.insert(Example(outOfScope: text), at: place * 8)
        }
        return rows
    }

    private func plan(_ rows: [Example], _ recipe: TrainingOptions.Recipe) -> TrainingPlan {
        TrainingPlan(model: "m", examples: rows, options: TrainingOptions(recipe: recipe))
    }

    @Test(
        "they change no weight, no figure of a label, and no digest",
        arguments: [.auto, .linear, .gru] as [TrainingOptions.Recipe]
    )
    func changesNothing(recipe: TrainingOptions.Recipe) throws {
        let alone = try plan(Self.labelled, recipe).run()
        let result = try plan(Self.mixed, recipe).run()
        let found = try #require(result.checkpoint.training.outOfScope)
        #expect(found.rows == Self.strangers.count && found.isCrossFitted)
        #expect(found.auroc > 0.7 && found.threshold > 0)
        #expect(found.rightAnswers == result.validation?.right)
        #expect(alone.checkpoint.training.outOfScope == nil)
        var same = result.checkpoint
        same.training.outOfScope = nil
        #expect(same.encoded() == alone.checkpoint.encoded())
        #expect(result.answers == alone.answers)
        #expect(result.answers.allSatisfy { !LabelSet.isOutOfScope($0.truth) })
    }

    @Test("the record goes through a file, and says nothing where there is nothing")
    func file() throws {
        let checkpoint = try plan(Self.mixed, .linear).run().checkpoint
        let bytes = checkpoint.encoded()
        let again = try Checkpoint(parsing: bytes, source: "m")
        #expect(again.training.outOfScope == checkpoint.training.outOfScope)
        #expect(again.encoded() == bytes)
        let classifier = try TextClassifier(again)
        let found = try #require(again.training.outOfScope)
        #expect(classifier.outOfScopeThreshold == Float(found.threshold))
        let alone = try plan(Self.labelled, .linear).run().checkpoint
        let text = String(decoding: alone.encoded(), as: UTF8.self)
        #expect(!text.contains("out_of_scope"))
        #expect(try TextClassifier(alone).outOfScopeThreshold == nil)
    }

    @Test("test rows of none measure and choose nothing; those of development choose")
    func parts() throws {
        var plan = TrainingPlan(
            model: "m",
            rows: TrainingRows(
                training: Self.labelled,
                development: Array(Self.labelled.suffix(40)) + [Example(outOfScope: "hy")],
                test: Array(Self.labelled.prefix(60)) + [
                    Example(outOfScope: "fly me to the moon"), Example(outOfScope: "why so"),
                ]
            ),
            options: TrainingOptions(recipe: .linear)
        )
        let result = try plan.run()
        let found = try #require(result.checkpoint.training.outOfScope)
        #expect(found.rows == 1 && !found.isCrossFitted)
        let report = try #require(result.test?.outOfScope)
        #expect(report.rows == 2 && result.test?.rows == 60)
        #expect(report.proposed?.threshold == Float(found.threshold))
        plan.test = Array(Self.labelled.prefix(10))
        #expect(try plan.run().test?.outOfScope?.rows == 2)
    }

    @Test("a text of none that is also a row to learn from says nothing")
    func contradictions() throws {
        let known = Self.labelled.prefix(20).map { Example(outOfScope: $0.text) }
        let plan = plan(Self.labelled + known, .linear)
        #expect(try plan.run().checkpoint.training.outOfScope == nil)
        let report = plan.doctor.report(threads: 1)
        #expect(report.outOfScopeRows == 20 && report.rows == 260)
        #expect(report.contradictoryTexts >= 20)
        #expect(report.labels.reduce(0) { $0 + $1.rows } == 240)
        var writer = JSONWriter()
        report.encode(to: &writer)
        let json = String(decoding: writer.finish(), as: UTF8.self)
        #expect(json.contains(#""out_of_scope":20"#) && json.contains(#"{"label":null,"rows":1}"#))
        #expect(!json.contains("\\u001f"))
    }

    @Test("the doctor counts them apart, and numbers all rows as they were given")
    func doctor() {
        let alone = DataDoctor(Self.labelled).report(threads: 1)
        let report = plan(Self.mixed, .linear).doctor.report(threads: 1)
        #expect(report == DataDoctor(Self.mixed).report(threads: 2))
        #expect(report.labels == alone.labels && report.outOfScopeRows == 10)
        #expect(report.suspectRows == alone.suspectRows)
        for suspect in report.suspects {
            #expect(Self.mixed[suspect.row].text == suspect.text)
        }
        #expect(alone.outOfScopeRows == nil)
    }

    @Test("a share that is held out holds none of them, and both sides know of all")
    func holdOut() throws {
        let split = try HoldOut(TokenizedRows(Self.mixed), fraction: 0.2, seed: 1)
        let alone = try HoldOut(TokenizedRows(Self.labelled), fraction: 0.2, seed: 1)
        #expect(split.training == alone.training && split.heldOut == alone.heldOut)
        let rows = split.trainingRows(test: [Self.labelled[0], Example(outOfScope: "hm")])
        #expect(rows.outOfScope == Self.strangers && rows.testOutOfScope == ["hm"])
        #expect(rows.test.count == 1)
    }

    @Test("where texts may have several labels they are rows without one")
    func sets() throws {
        let sets = Self.labelled.map { Example(labels: LabelSet([$0.label]), text: $0.text) }
        let empty = Self.strangers.map { Example(labels: LabelSet([]), text: $0) }
        let none = Self.strangers.map { Example(outOfScope: $0) }
        let first = try plan(sets + empty, .linear).run().checkpoint
        let second = try plan(sets + none, .linear).run().checkpoint
        #expect(first.encoded() == second.encoded())
        #expect(second.training.outOfScope == nil && second.training.rows == 250)
    }

    @Test("without rows that were not learnt there is nothing to compare them with")
    func nothingToCompare() throws {
        var plan = plan(Self.mixed, .article)
        plan.options.epochs = 2
        #expect(try plan.run().checkpoint.training.outOfScope == nil)
        plan.measuresHeldOut = true
        #expect(try plan.run().checkpoint.training.outOfScope?.rows == 10)
    }
}
