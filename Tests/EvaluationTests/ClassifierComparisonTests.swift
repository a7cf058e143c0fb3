import Evaluation
import Examples
import JSON
import Model
import TestClassifiers
import Testing

@Suite struct GoldenCheckTests {
    @Test("names the cases that fail, with what was answered")
    func failures() throws {
        let classifier = try KeywordClassifier.make(
            ["billing", "other"],
            words: ["refund": "billing", "hello": "other"]
        )
        let check = GoldenCheck(
            classifier,
            cases: [
                Example(label: "billing", text: "please Refund"),
                Example(label: "billing", text: "say \"hello"),
                Example(label: "gone", text: "hello"),
            ]
        )
        #expect(!check.isPassed)
        #expect(check.outcomes.map(\.isPassed) == [true, false, false])
        #expect(check.failures.map(\.label) == ["other", "other"])
        var writer = JSONWriter()
        check.encode(to: &writer)
        let score = check.failures[0].score
        #expect(abs(score - 0.982014) < 1e-5)
        #expect(
            String(decoding: writer.finish(), as: UTF8.self)
                == #"{"cases":3,"passed":1,"failures":["#
                + #"{"text":"say \"hello","label":"billing","answer":"other","score":\#(score)},"#
                + #"{"text":"hello","label":"gone","answer":"other","score":\#(score)}]}"#
        )
    }

    @Test("no cases pass")
    func noCases() throws {
        let classifier = try KeywordClassifier.make(["a", "b"], words: ["x": "a"])
        #expect(GoldenCheck(classifier, cases: [Example]()).isPassed)
    }
}

@Suite struct ClassifierDifferenceTests {
    @Test("a model does not differ from itself")
    func same() throws {
        let classifier = try KeywordClassifier.make(["a", "b"], words: ["x": "a", "y": "b"])
        let difference = ClassifierDifference(
            from: classifier,
            to: classifier,
            on: [.init("x", expected: "a"), .init("y")],
            leastChange: 0.000001
        )
        #expect(difference.count == 2 && difference.rows.isEmpty)
    }

    @Test("lists other labels first, then by how much probability moved")
    func order() throws {
        let before = try KeywordClassifier.make(
            ["a", "b"],
            words: ["x": "a", "y": "b", "z": "a"],
            strength: 1
        )
        let after = try KeywordClassifier.make(
            ["a", "b", "c"],
            words: ["x": "a", "y": "c", "z": "b"],
            strength: 8
        )
        let difference = ClassifierDifference(
            from: before,
            to: after,
            on: [("x", "a"), ("z", "a"), ("nothing", "a"), ("y", "c")].map {
                .init($0.0, expected: $0.1)
            }
        )
        // softmax([1, 0]) has 0.731; of "nothing" a third of the probability moves to c.
        #expect(difference.rows.map(\.question.text) == ["y", "z", "nothing", "x"])
        #expect(difference.rows.map(\.index) == [3, 1, 2, 0])
        #expect(difference.labelChanges == 2)
        #expect(difference.fixed == 1 && difference.broken == 1)
        #expect(abs(difference.rows[0].change - 0.99933) < 1e-4)
        #expect(abs(difference.rows[2].change - 1.0 / 3) < 1e-5)
        #expect(abs(difference.rows[3].change - 0.268) < 1e-3)
        #expect(difference.rows[3].before.label == "a" && !difference.rows[3].isLabelChanged)
    }

    @Test("what went to a label that the second model no longer has counts once")
    func lostLabel() throws {
        let before = try KeywordClassifier.make(["a", "b", "c"], words: ["y": "c"], strength: 12)
        let after = try KeywordClassifier.make(["a", "b"], words: ["y": "b"], strength: 12)
        let forth = ClassifierDifference(from: before, to: after, on: [.init("y")])
        let back = ClassifierDifference(from: after, to: before, on: [.init("y")])
        #expect(abs(forth.rows[0].change - 1) < 1e-4)
        #expect(forth.rows[0].change == back.rows[0].change)
        #expect(forth.fixed == 0 && forth.broken == 0)
    }

    @Test("writes what changed, as many rows as asked for")
    func json() throws {
        let before = try KeywordClassifier.make(["a", "b"], words: ["x": "a", "y": "a"])
        let after = try KeywordClassifier.make(["a", "b"], words: ["x": "b", "y": "b"])
        let difference = ClassifierDifference(
            from: before,
            to: after,
            on: [.init("x", expected: "b"), .init("y"), .init("?")]
        )
        var writer = JSONWriter()
        writer.beginObject()
        difference.encodeMembers(to: &writer, limit: 1)
        writer.endObject()
        let row = difference.rows[0]
        #expect(
            String(decoding: writer.finish(), as: UTF8.self)
                == #"{"texts":3,"label_changes":2,"fixed":1,"broken":0,"changes":[{"index":0,"#
                + #""text":"x","expected":"b","before":{"label":"a","score":\#(row.before.score)},"#
                + #""after":{"label":"b","score":\#(row.after.score)},"change":\#(row.change)}]}"#
        )
    }
}
