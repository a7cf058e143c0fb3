import Evaluation
import Examples
import Foundation
import JSON
import Report
import TestClassifiers
import Testing

@Suite struct MistakeTests {
    private static func answer(
        _ text: String,
        _ truth: String,
        _ label: String,
        _ score: Double
    ) -> AnsweredExample {
        AnsweredExample(text: text, truth: truth, label: label, score: score, truthScore: 0)
    }

    @Test("the surest come first, of equal scores the earlier, and right answers are none")
    func order() {
        let answers = [
            Self.answer("a", "x", "y", 0.5), Self.answer("b", "x", "x", 0.99),
            Self.answer("c", "y", "x", 0.9), Self.answer("d", "z", "x", 0.5),
            Self.answer("e", "z", "x", 0.5),
        ]
        #expect(Mistake.surest(of: answers).map(\.text) == ["c", "a", "d", "e"])
        #expect(Mistake.surest(of: answers, count: 2).map(\.text) == ["c", "a"])
        #expect(Mistake.surest(of: answers, count: 0).isEmpty)
        #expect(Mistake.surest(of: answers)[0].label == "y")
        #expect(Mistake.surest(of: answers)[0].answer == "x")
        let many = (0..<500).map { Self.answer("\($0)", "x", "y", Double($0) / 500) }
        #expect(Mistake.surest(of: many).map(\.text) == (480..<500).reversed().map(String.init))
    }

    @Test(
        "a long text is cut to 300 code points and says so",
        arguments: [
            (299, "a", 299), (300, "a", 300), (301, "a", 300), (5000, "é", 300),
            (400, "👩‍👩‍👧‍👦", 300), (150_000, "e\u{301}", 300),
        ]
    )
    func cut(count: Int, character: String, shown: Int) throws {
        let text = String(repeating: character, count: count)
        let mistake = try #require(Mistake.surest(of: [Self.answer(text, "x", "y", 1)]).first)
        #expect(mistake.text.unicodeScalars.count == shown)
        #expect(mistake.text.hasSuffix("…") == (text.unicodeScalars.count > 300))
        #expect(text.unicodeScalars.starts(with: mistake.text.unicodeScalars.prefix(299)))
    }

    @Test("confusions: the most rows first, then in the order of the labels, 20 at most")
    func confusions() {
        let labels = (0..<30).map { "label \($0)" }
        var matrix = labels.map { _ in [Int](repeating: 0, count: 30) }
        for index in 0..<30 { matrix[index][index] = 9 }
        for index in 1..<30 { matrix[index][index - 1] = 1 }
        matrix[4][9] = 3
        matrix[2][0] = 7
        let top = Evaluation(labels: labels, confusion: matrix, totalLoss: 0).topConfusions
        #expect(top.count == 20)
        #expect(top.prefix(4).map(\.rows) == [7, 3, 1, 1])
        #expect(top.prefix(4).map(\.label) == ["label 2", "label 4", "label 1", "label 2"])
        #expect(top.prefix(4).map(\.answer) == ["label 0", "label 9", "label 0", "label 1"])
    }

    @Test("an evaluation keeps as many mistakes as it is asked for, and writes them by one name")
    func evaluation() throws {
        let classifier = try KeywordClassifier.make(["x", "y"], words: ["a": "x", "b": "y"])
        let rows = [
            Example(label: "x", text: "a"), Example(label: "y", text: "a a"),
            Example(label: "x", text: "b"), Example(label: "y", text: "never seen"),
        ]
        #expect(try Evaluation(of: classifier, on: rows).mistakes == nil)
        let evaluation = try Evaluation(of: classifier, on: rows, mistakeCount: 2)
        #expect(evaluation.mistakes?.map(\.text) == ["a a", "b"])
        #expect(evaluation.mistakes?.allSatisfy { $0.score > 0.9 } == true)
        var writer = JSONWriter()
        writer.beginObject()
        evaluation.encodeMembers(to: &writer)
        writer.endObject()
        let json = try JSONSerialization.jsonObject(with: Data(writer.bytes)) as? [String: Any]
        let mistakes = try #require(json?["mistakes"] as? [[String: Any]])
        #expect(mistakes.map { $0["label"] as? String } == ["y", "x"])
        #expect(mistakes.map { $0["answer"] as? String } == ["x", "y"])
        let confusions = try #require(json?["top_confusions"] as? [[String: Any]])
        #expect(confusions.reduce(0) { $0 + ($1["rows"] as? Int ?? 0) } == 3)
    }

    @Test("the report lists mistakes on a line each, whatever their texts hold")
    func text() {
        var evaluation = Evaluation(
            labels: ["x", "y"],
            confusion: [[1, 1], [1, 1]],
            totalLoss: 0
        )
        evaluation.mistakes = Mistake.surest(of: [
            Self.answer("two\r\nlines \u{1B}[31m\u{2028}\u{85}\u{202E}red", "x", "y", 0.75),
            Self.answer(String(repeating: "long ", count: 50), "y", "x", 0.9876),
        ])
        let lines = EvaluationReport(evaluation).description.split(separator: "\n")
        let start = lines.firstIndex { $0.hasPrefix("the surest of 2 mistakes:") } ?? 0
        #expect(lines[start + 1] == "true label  predicted  score  text")
        #expect(lines[start + 2].hasPrefix("y           x          0.988  long long "))
        #expect(lines[start + 2].hasSuffix("…") && lines[start + 2].count < 120)
        #expect(lines[start + 3] == "x           y          0.750  two  lines  [31m   red")
        #expect(lines[start + 4].hasPrefix("accuracy 50.00 %"))
    }
}
