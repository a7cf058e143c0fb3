/// An evaluation as text for people: per-label table, confusion matrix, accuracy.
public struct EvaluationReport: CustomStringConvertible {
    /// With more labels than this, the matrix gives way to a list of the most frequent mistakes.
    public static let widestMatrix = 12
    private static let longestLabel = 28

    private let evaluation: Evaluation

    /// Prepares the report of `evaluation`.
    public init(_ evaluation: Evaluation) { self.evaluation = evaluation }

    /// The report, each line ended.
    public var description: String {
        let lines = table + [""] + mistakes + [summary] + confidence
        return lines.map { $0 + "\n" }.joined()
    }

    /// `accuracy 98.75 % (79 of 80), macro-F1 0.987, loss 0.0412`.
    public var summary: String {
        let accuracy = decimal(100 * evaluation.accuracy, digits: 2)
        return "accuracy \(accuracy) % (\(evaluation.right) of \(evaluation.rows)), "
            + "macro-F1 \(decimal(evaluation.macroF1, digits: 3)), "
            + "loss \(decimal(evaluation.loss, digits: 4))"
    }

    /// The calibration error, and which threshold gives which accuracy.
    private var confidence: [String] {
        let confidence = evaluation.confidence
        guard !confidence.scores.isEmpty else { return [] }
        let error = decimal(100 * confidence.expectedCalibrationError, digits: 2)
        return ["expected calibration error \(error) %", ""]
            + CoverageTable(confidence.coverage).lines
    }

    private var table: [String] {
        let rows = evaluation.labelScores.map { scores in
            [name(scores.label)]
                + [scores.precision, scores.recall, scores.f1].map { decimal($0, digits: 3) }
                + [String(scores.rows)]
        }
        return TextTable.lines([["label", "precision", "recall", "F1", "rows"]] + rows)
    }

    private var mistakes: [String] {
        evaluation.labels.count <= EvaluationReport.widestMatrix ? matrix : mostFrequent
    }

    private var matrix: [String] {
        let names = evaluation.labels.map(name)
        let rows = zip(names, evaluation.confusion).map { [$0] + $1.map(String.init) }
        return TextTable.lines([["true \\ predicted"] + names] + rows) + [""]
    }

    private var mostFrequent: [String] {
        var pairs: [(count: Int, line: [String])] = []
        for (actual, row) in evaluation.confusion.enumerated() {
            for (predicted, count) in row.enumerated() where actual != predicted && count > 0 {
                let names = [evaluation.labels[actual], evaluation.labels[predicted]].map(name)
                pairs.append((count, names + [String(count)]))
            }
        }
        guard !pairs.isEmpty else { return [] }
        // Equal counts keep the order of the labels: sorting is stable.
        let lines = pairs.sorted { $0.count > $1.count }.prefix(10).map(\.line)
        return TextTable.lines([["true label", "predicted", "rows"]] + lines, leading: 2) + [""]
    }

    private func name(_ label: String) -> String {
        guard label.count > EvaluationReport.longestLabel else { return label }
        return label.prefix(EvaluationReport.longestLabel - 1) + "…"
    }
}
