public import Evaluation
public import JSON

/// Recipes and baselines on the same rows, as one table.
public struct RecipeTable: CustomStringConvertible {
    private let scores: [RecipeScore]
    private let trainingRows: Int
    private let heldOutRows: Int

    /// Prepares the table of `scores`, in their order.
    ///
    /// - Parameters:
    ///   - scores: what was scored.
    ///   - trainingRows: how many rows each has learnt.
    ///   - heldOutRows: how many rows each was scored on.
    public init(_ scores: [RecipeScore], trainingRows: Int, heldOutRows: Int) {
        self.scores = scores
        self.trainingRows = trainingRows
        self.heldOutRows = heldOutRows
    }

    /// The table and what was chosen, each line ended.
    public var description: String {
        let header =
            ["model"] + (hasSets ? ["micro-F1"] : [])
            + [
                hasSets ? "exact sets" : "accuracy", "macro-F1", "NLL", "ECE", "train s",
                "parameters", "µs/text",
            ]
        var lines = TextTable.lines([header] + scores.map(cells))
        lines.append("")
        for entry in scores {
            if let remark = entry.remark { lines.append("\(entry.name): \(remark)") }
        }
        lines.append(
            "trained on \(trainingRows) rows, scored on \(heldOutRows) others"
        )
        return lines.map { $0 + "\n" }.joined()
    }

    /// Whether texts may have several labels.
    private var hasSets: Bool { scores.contains { $0.evaluation?.sets != nil } }

    private func cells(_ entry: RecipeScore) -> [String] {
        let none = "-"
        let microF1 = entry.evaluation?.sets.map { decimal($0.microF1, digits: 3) } ?? none
        return [entry.name] + (hasSets ? [microF1] : []) + [
            entry.evaluation.map { percent($0.accuracy, digits: 2) } ?? none,
            entry.evaluation.map { decimal($0.macroF1, digits: 3) } ?? none,
            entry.evaluation.map { decimal($0.loss, digits: 4) } ?? none,
            entry.evaluation.map {
                percent($0.confidence.expectedCalibrationError, digits: 2)
            } ?? none,
            decimal(entry.training / .seconds(1), digits: 2),
            entry.parameters.map(String.init) ?? none,
            entry.timePerText.map { decimal($0 / .microseconds(1), digits: 1) } ?? none,
        ]
    }

    /// Writes an object: `training_rows`, `scored_rows` and `models`, each with `name`, the scores
    /// (null without a model), `seconds`, `parameters`, `microseconds_per_text` and `remark`.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("training_rows", int: trainingRows)
        writer.member("scored_rows", int: heldOutRows)
        writer.member("models", array: scores) { entry, writer in encode(entry, to: &writer) }
        writer.endObject()
    }

    private func encode(_ entry: RecipeScore, to writer: inout JSONWriter) {
        func number(_ key: StaticString, _ value: Double?) {
            writer.key("\(key)")
            if let value { writer.double((value * 1e6).rounded() / 1e6) } else { writer.null() }
        }
        writer.beginObject()
        writer.member("name", string: entry.name)
        number("accuracy", entry.evaluation?.accuracy)
        if let sets = entry.evaluation?.sets {
            number("micro_f1", sets.microF1)
            number("subset_accuracy", entry.evaluation?.accuracy)
        }
        number("macro_f1", entry.evaluation?.macroF1)
        number("loss", entry.evaluation?.loss)
        number("ece", entry.evaluation?.confidence.expectedCalibrationError)
        number("seconds", entry.training / .seconds(1))
        writer.key("parameters")
        if let parameters = entry.parameters { writer.int(parameters) } else { writer.null() }
        number("microseconds_per_text", entry.timePerText.map { $0 / .microseconds(1) })
        writer.key("remark")
        if let remark = entry.remark { writer.string(remark) } else { writer.null() }
        writer.endObject()
    }
}
