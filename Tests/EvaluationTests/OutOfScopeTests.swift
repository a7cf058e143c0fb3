import Examples
import JSON
import Model
import TestClassifiers
import Testing

@testable import Evaluation

/// Rows of none of the labels beside rows that have one.
@Suite struct OutOfScopeTests {
    /// Knows three words; `x` tells of nothing.
    private func classifier(proposing threshold: Double? = nil) throws -> TextClassifier {
        var checkpoint = try KeywordClassifier.checkpoint(
            ["bill", "bug"],
            words: ["invoice": "bill", "crash": "bug", "x": ""]
        )
        checkpoint.training.outOfScope = threshold.map {
            TrainingRecord.OutOfScope(
                rows: 3,
                auroc: 0.9,
                aurocBounds: 0.8...1,
                threshold: $0,
                caught: 2,
                rightAnswers: 5,
                lost: 1,
                isCrossFitted: false
            )
        }
        return try TextClassifier(checkpoint)
    }

    private let rows = [
        Example(label: "bill", text: "invoice"), Example(outOfScope: "x"),
        Example(label: "bug", text: "crash"), Example(outOfScope: "quite unknown"),
        Example(outOfScope: "crash"),
    ]

    @Test("they change no other figure, and are told apart by their scores")
    func figures() throws {
        let classifier = try classifier(proposing: 0.7)
        let labelled = try Evaluation(of: classifier, on: rows.filter { !$0.isOutOfScope })
        var all = try Evaluation(of: classifier, on: rows)
        let report = try #require(all.outOfScope)
        // Each row in scope beats "x" and the unknown text, and ties with "crash".
        #expect(report.rows == 3 && report.auroc == 0.833333)
        #expect(report.proposed == .init(threshold: 0.7, caught: 2, rightAnswers: 2, lost: 0))
        all.outOfScope = nil
        #expect(all == labelled)
        #expect(try Evaluation(of: self.classifier(), on: rows).outOfScope?.proposed == nil)
        #expect(try Evaluation(of: classifier, on: [rows[1]]).outOfScope == nil)
    }

    @Test("a bad label is named by its place among all rows")
    func places() throws {
        let classifier = try classifier()
        let odd = rows + [Example(label: "odd", text: "y")]
        #expect(throws: Evaluation.UnknownLabel(row: 5, label: "odd")) {
            try Evaluation(of: classifier, on: odd)
        }
    }

    @Test("a golden case of none passes below the proposal, or where nothing is known")
    func golden() throws {
        func passed(_ threshold: Double?) throws -> [Bool] {
            GoldenCheck(try classifier(proposing: threshold), cases: rows).outcomes.map(\.isPassed)
        }
        #expect(try passed(0.7) == [true, true, true, true, false])
        #expect(try passed(nil) == [true, false, true, true, false])
        var writer = JSONWriter()
        GoldenCheck(try classifier(), cases: [rows[4]]).encode(to: &writer)
        let json = String(decoding: writer.finish(), as: UTF8.self)
        #expect(json.contains(#""text":"crash","label":null,"answer":"bug""#))
    }

    @Test("the interval is that of DeLong")
    func interval() throws {
        // By hand: placements of the rows in scope 1, 1, 2/3, of the others 1, 2/3, 1; each has
        // the variance 1/27, so the standard error is the root of 2/81.
        let report = try #require(
            OutOfScopeReport(inScope: [0.9, 0.8, 0.4], outOfScope: [0.1, 0.5, 0.2])
        )
        #expect(report.auroc == 0.888889)
        #expect(abs(report.aurocBounds.lowerBound - (8.0 / 9 - 1.959964 * 0.157135)) < 1e-5)
        #expect(report.aurocBounds.upperBound == 1)
    }

    @Test("a difference of two models knows no right answer for them")
    func difference() throws {
        let other = try KeywordClassifier.checkpoint(
            ["bill", "bug"],
            words: ["invoice": "bug", "crash": "bill"]
        )
        let difference = ClassifierDifference(
            from: try classifier(),
            to: try TextClassifier(other),
            on: rows.map { ClassifierDifference.Question($0.text, expected: $0.label) }
        )
        #expect(difference.fixed == 0 && difference.broken == 2)
    }
}
