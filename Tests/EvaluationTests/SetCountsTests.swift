import Evaluation
import Examples
import JSON
import Model
import TestClassifiers
import Testing

@Suite struct SetCountsTests {
    @Test("figures are those of scikit-learn on the same rows")
    func figures() {
        var counts = SetCounts(labelCount: 3)
        // f1_score, hamming_loss and accuracy_score of scikit-learn 1.9 on these indicator rows.
        counts.add(truth: [0, 1], answer: [0])
        counts.add(truth: [], answer: [])
        counts.add(truth: [2], answer: [1, 2])
        counts.add(truth: [0], answer: [1])
        counts.add(truth: [1, 2], answer: [1, 2])
        #expect(counts.rows == 5 && counts.exact == 2)
        #expect(counts.hits == [1, 1, 2] && counts.actual == [2, 2, 2])
        #expect(counts.answered == [1, 3, 2])
        #expect(counts.microF1 == 0.666667)
        #expect(counts.macroF1 == 0.688889)
        #expect(counts.hammingLoss == 0.266667)
    }

    @Test("labels that nothing has or got do not count, and no rows score 0")
    func nothing() {
        var counts = SetCounts(labelCount: 3)
        #expect(counts.microF1 == 0 && counts.macroF1 == 0 && counts.hammingLoss == 0)
        counts.add(truth: [0], answer: [0])
        #expect(counts.microF1 == 1 && counts.macroF1 == 1 && counts.hammingLoss == 0)
        counts.add(truth: [], answer: [])
        #expect(counts.exact == 2)
    }
}

/// Models that give a text several labels, measured and compared.
@Suite struct TagEvaluationTests {
    private let labels = ["bill", "bug"]
    private let rows = [
        (["bill"], "invoice"), (["bill", "bug"], "invoice crash"), ([], "hello"),
        (["bug"], "invoice"), (["bill"], "invoice crash"),
    ].map { Example(labels: LabelSet($0), text: $1) }

    private func classifier(_ words: KeyValuePairs<String, String>) throws -> TextClassifier {
        try TagClassifier.make(labels, words: words)
    }

    private func all() throws -> TextClassifier {
        try classifier(["invoice": "bill", "crash": "bug", "hello": ""])
    }

    private func json(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        write(&writer)
        writer.endObject()
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    @Test("counts rows that got exactly their labels, and each label by itself")
    func evaluation() throws {
        let evaluation = try Evaluation(of: try all(), on: rows, mistakeCount: 5)
        #expect(evaluation.rows == 5 && evaluation.right == 3 && evaluation.accuracy == 0.6)
        #expect(evaluation.sets?.actual == [3, 2] && evaluation.sets?.answered == [4, 2])
        #expect(evaluation.labelScores.map(\.recall) == [1, 0.5])
        let mistakes = try #require(evaluation.mistakes)
        #expect(mistakes.count == 2)
        #expect(mistakes.allSatisfy { LabelSet.isStored($0.label) })
        let text = json { evaluation.encodeMembers(to: &$0) }
        for part in [
            #""micro_f1":0.727273"#, #""subset_accuracy":0.6"#, #""hamming_loss":0.3"#,
            #""confusion":[]"#, #""labels":["bug"],"answers":["bill"]"#,
            #""top_confusions":[{"label":"bug","answer":"bill","rows":1}]"#,
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
        #expect(!text.contains("\\u001"))
    }

    @Test("a row with a label that the model does not have is named")
    func unknown() throws {
        let strange = [rows[0], Example(labels: LabelSet(["bug", "new"]), text: "crash")]
        #expect(throws: Evaluation.UnknownLabel(row: 1, label: "new")) {
            _ = try Evaluation(of: try all(), on: strange)
        }
        let one = try KeywordClassifier.make(["bill", "bug"], words: ["crash": "bug"])
        #expect(throws: Evaluation.UnknownLabel(row: 0, label: "bill, bug")) {
            _ = try Evaluation(of: one, on: [rows[1]])
        }
        // A set of one is that label to a model of one label.
        #expect(
            try Evaluation(of: one, on: [Example(labels: LabelSet(["bug"]), text: "crash")]).right
                == 1
        )
    }

    @Test("golden cases need exactly their labels, none included")
    func golden() throws {
        let check = GoldenCheck(
            try all(),
            cases: rows.prefix(3) + [Example(label: "bug", text: "crash"), rows[3]]
        )
        #expect(check.outcomes.map(\.isPassed) == [true, true, true, true, false])
        let text = json {
            $0.key("golden")
            check.encode(to: &$0)
        }
        #expect(text.contains(#""labels":["bug"],"answers":["bill"]"#), "\(text)")
    }

    @Test("models differ by the labels that they give, and by the label that moves most")
    func difference() throws {
        let difference = ClassifierDifference(
            from: try all(),
            to: try classifier(["invoice": "bill", "crash": "", "hello": ""]),
            on: rows.map { .init($0.text, expected: $0.label) }
        )
        #expect(difference.labelChanges == 2 && difference.broken == 1 && difference.fixed == 1)
        let row = try #require(difference.rows.first)
        // The probability of bug falls from σ(12/√2 - 2) to σ(-2).
        #expect(abs(row.change - (0.998 - 0.119)) < 1e-3)
        let text = json { difference.encodeMembers(to: &$0) }
        #expect(text.contains(#""expected":["bill","bug"]"#), "\(text)")
        #expect(text.contains(#""after":{"labels":["bill"],"#), "\(text)")
    }
}
