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
        let lines = table + [""] + mistakes + [summary]
        return lines.map { $0 + "\n" }.joined()
    }

    /// `accuracy 98.75 % (79 of 80), macro-F1 0.987, loss 0.0412`.
    public var summary: String {
        let accuracy = decimal(100 * evaluation.accuracy, digits: 2)
        return "accuracy \(accuracy) % (\(evaluation.right) of \(evaluation.rows)), "
            + "macro-F1 \(decimal(evaluation.macroF1, digits: 3)), "
            + "loss \(decimal(evaluation.loss, digits: 4))"
    }

    private var table: [String] {
        let rows = evaluation.labelScores.map { scores in
            [name(scores.label)]
                + [scores.precision, scores.recall, scores.f1].map { decimal($0, digits: 3) }
                + [String(scores.rows)]
        }
        return aligned([["label", "precision", "recall", "F1", "rows"]] + rows)
    }

    private var mistakes: [String] {
        evaluation.labels.count <= EvaluationReport.widestMatrix ? matrix : mostFrequent
    }

    private var matrix: [String] {
        let names = evaluation.labels.map(name)
        let rows = zip(names, evaluation.confusion).map { [$0] + $1.map(String.init) }
        return aligned([["true \\ predicted"] + names] + rows) + [""]
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
        return aligned([["true label", "predicted", "rows"]] + lines, leading: 2) + [""]
    }

    private func name(_ label: String) -> String {
        guard label.count > EvaluationReport.longestLabel else { return label }
        return label.prefix(EvaluationReport.longestLabel - 1) + "…"
    }

    /// Columns two spaces apart: the first `leading` ones flush left, the others flush right.
    private func aligned(_ rows: [[String]], leading: Int = 1) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.reduce(0, max) }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column < leading ? cell + padding : padding + cell
            }.joined(separator: "  ")
        }
    }
}
