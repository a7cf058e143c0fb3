public import Evaluation
internal import Examples

/// An evaluation as text for people: per-label table, confusion matrix, mistakes, accuracy.
public struct EvaluationReport: CustomStringConvertible {
    /// With more labels than this, the matrix gives way to a list of the most frequent mistakes.
    public static let widestMatrix = 12
    private static let longestLabel = 28
    private static let longestText = 72
    private static let shownConfusions = 10

    private let evaluation: Evaluation

    /// Prepares the report of `evaluation`.
    public init(_ evaluation: Evaluation) { self.evaluation = evaluation }

    /// The report, each line ended.
    public var description: String {
        let lines = table + [""] + confusions + mistakes + [summary] + confidence + outOfScope
        return lines.map { $0 + "\n" }.joined()
    }

    /// `accuracy 98.75 % (79 of 80), macro-F1 0.987, loss 0.0412`.
    ///
    /// Where texts may have several labels: `micro-F1 0.588, macro-F1 0.465, exact sets 45.10 %
    /// (2447 of 5427), Hamming loss 0.0312, loss 2.3456`.
    public var summary: String {
        let accuracy = percent(evaluation.accuracy, digits: 2)
        if let sets = evaluation.sets {
            return "micro-F1 \(decimal(sets.microF1, digits: 3)), "
                + "macro-F1 \(decimal(sets.macroF1, digits: 3)), "
                + "exact sets \(accuracy) (\(evaluation.right) of \(evaluation.rows)), "
                + "Hamming loss \(decimal(sets.hammingLoss, digits: 4)), "
                + "loss \(decimal(evaluation.loss, digits: 4))"
        }
        return "accuracy \(accuracy) (\(evaluation.right) of \(evaluation.rows)), "
            + "macro-F1 \(decimal(evaluation.macroF1, digits: 3)), "
            + "loss \(decimal(evaluation.loss, digits: 4))"
    }

    /// The calibration error, and which threshold gives which accuracy.
    private var confidence: [String] {
        let confidence = evaluation.confidence
        guard !confidence.scores.isEmpty else { return [] }
        let error = percent(confidence.expectedCalibrationError, digits: 2)
        return ["expected calibration error \(error)", ""]
            + CoverageTable(confidence.coverage).lines
    }

    /// How texts of none of the labels were told from others.
    private var outOfScope: [String] {
        guard let report = evaluation.outOfScope else { return [] }
        func digits(_ value: Double) -> String { decimal(value, digits: 4) }
        let bounds = report.aurocBounds
        var lines = [
            "",
            "out of scope: AUROC \(digits(report.auroc)) (95 % interval "
                + "\(digits(bounds.lowerBound)) to \(digits(bounds.upperBound))) on "
                + "\(report.rows) rows; \(percent(report.acceptedAt95, digits: 2)) of them have a "
                + "certainty of \(digits(Double(report.threshold))) or more, as 95 % of the rows "
                + "in scope have",
        ]
        if let proposed = report.proposed {
            lines.append(
                "below \(digits(Double(proposed.threshold))), which the model proposes, are "
                    + "\(proposed.caught) of them and \(proposed.lost) of \(proposed.rightAnswers) "
                    + "right answers"
            )
        }
        return lines
    }

    private var table: [String] {
        let rows = evaluation.labelScores.map { scores in
            [name(scores.label)]
                + [scores.precision, scores.recall, scores.f1].map { decimal($0, digits: 3) }
                + [String(scores.rows)]
        }
        return TextTable.lines([["label", "precision", "recall", "F1", "rows"]] + rows)
    }

    private var confusions: [String] {
        evaluation.labels.count <= EvaluationReport.widestMatrix && evaluation.sets == nil
            ? matrix : mostFrequent
    }

    private var matrix: [String] {
        let names = evaluation.labels.map(name)
        let rows = zip(names, evaluation.confusion).map { [$0] + $1.map(String.init) }
        return TextTable.lines([["true \\ predicted"] + names] + rows) + [""]
    }

    private var mostFrequent: [String] {
        let confusions = evaluation.topConfusions.prefix(EvaluationReport.shownConfusions)
        guard !confusions.isEmpty else { return [] }
        let lines = confusions.map { [name($0.label), name($0.answer), String($0.rows)] }
        let head =
            evaluation.sets == nil
            ? ["true label", "predicted", "rows"] : ["missing label", "wrong label", "rows"]
        return TextTable.lines([head] + lines, leading: 2) + [""]
    }

    /// The rows that were got wrong, the surest first.
    private var mistakes: [String] {
        guard let mistakes = evaluation.mistakes, !mistakes.isEmpty else { return [] }
        let rows = mistakes.map { mistake in
            [
                name(LabelSet.shown(mistake.label)), name(LabelSet.shown(mistake.answer)),
                decimal(mistake.score, digits: 3),
            ]
        }
        let texts = ["text"] + mistakes.map { line($0.text) }
        let table = TextTable.lines([["true label", "predicted", "score"]] + rows, leading: 2)
        return ["the surest of \(evaluation.rows - evaluation.right) mistakes:"]
            + zip(table, texts).map { "\($0)  \($1)" } + [""]
    }

    /// A text on one line of a terminal, which obeys none of its control characters.
    private func line(_ text: String) -> String {
        let plain = text.unicodeScalars.map { scalar in
            let properties = scalar.properties
            switch properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: return Character(" ")
            default: return properties.isBidiControl ? " " : Character(scalar)
            }
        }
        return Mistake.shortened(String(plain), to: EvaluationReport.longestText)
    }

    private func name(_ label: String) -> String {
        guard label.count > EvaluationReport.longestLabel else { return label }
        return label.prefix(EvaluationReport.longestLabel - 1) + "…"
    }
}
