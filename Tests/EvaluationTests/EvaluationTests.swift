import Evaluation
import Report
import Testing

@Suite struct EvaluationTests {
    // True label by row: 5 of a, 3 of b, 2 of c; c is never predicted.
    private let evaluation = Evaluation(
        labels: ["a", "b", "c"],
        confusion: [[4, 1, 0], [0, 3, 0], [1, 1, 0]],
        totalLoss: 4.2
    )

    @Test("accuracy, precision, recall and F1 equal scikit-learn's")
    func scores() {
        // classification_report([0]*5+[1]*3+[2]*2, [0]*4+[1]+[1]*3+[0,1], zero_division=0)
        #expect(evaluation.rows == 10)
        #expect(evaluation.right == 7)
        #expect(evaluation.accuracy == 0.7)
        #expect(evaluation.macroF1 == 0.516667)
        #expect(evaluation.loss == 0.42)
        let scores = evaluation.labelScores
        #expect(scores.map(\.precision) == [0.8, 0.6, 0])
        #expect(scores.map(\.recall) == [0.8, 1, 0])
        #expect(scores.map(\.f1) == [0.8, 0.75, 0])
        #expect(scores.map(\.rows) == [5, 3, 2])
    }

    @Test("a label that occurs nowhere does not lower macro-F1, as in scikit-learn")
    func absentLabel() {
        let evaluation = Evaluation(
            labels: ["a", "b", "c"],
            confusion: [[2, 0, 0], [0, 2, 0], [0, 0, 0]],
            totalLoss: 0
        )
        #expect(evaluation.macroF1 == 1)
    }

    @Test("no rows give zeros, not NaN")
    func empty() {
        let evaluation = Evaluation(
            labels: ["a", "b"],
            confusion: [[0, 0], [0, 0]],
            totalLoss: 0
        )
        #expect(evaluation.accuracy == 0)
        #expect(evaluation.macroF1 == 0)
        #expect(evaluation.loss == 0)
    }

    @Test("the report has the table, the matrix and the summary")
    func report() {
        #expect(
            EvaluationReport(evaluation).description == """
                label  precision  recall     F1  rows
                a          0.800   0.800  0.800     5
                b          0.600   1.000  0.750     3
                c          0.000   0.000  0.000     2

                true \\ predicted  a  b  c
                a                 4  1  0
                b                 0  3  0
                c                 1  1  0

                accuracy 70.00 % (7 of 10), macro-F1 0.517, loss 0.4200

                """
        )
    }

    @Test("with many labels the report lists the most frequent mistakes, and cuts long names")
    func manyLabels() {
        let labels = (0..<20).map { "label \($0) " + String(repeating: "x", count: $0 * 3) }
        var confusion = labels.map { _ in [Int](repeating: 0, count: 20) }
        for index in 0..<20 { confusion[index][index] = 5 }
        confusion[3][4] = 2
        confusion[2][19] = 7
        let report = EvaluationReport(
            Evaluation(labels: labels, confusion: confusion, totalLoss: 0)
        ).description
        let mistakes = report.split(separator: "\n").suffix(4)
        #expect(
            Array(mistakes) == [
                "true label         predicted                     rows",
                "label 2 xxxxxx     label 19 xxxxxxxxxxxxxxxxxx…     7",
                "label 3 xxxxxxxxx  label 4 xxxxxxxxxxxx             2",
                "accuracy 91.74 % (100 of 109), macro-F1 0.942, loss 0.0000",
            ]
        )
    }

    @Test(
        "decimals round as printf does, and keep the sign",
        arguments: [
            (0.0, "0.00"), (1.005, "1.00"), (0.999, "1.00"), (-0.125, "-0.13"), (-0.001, "0.00"),
            (12.3456, "12.35"),
        ]
    )
    func decimals(_ value: Double, _ expected: String) {
        #expect(decimal(value, digits: 2) == expected)
    }
}
