public import JSON
internal import Model

extension Evaluation {
    /// Writes the evaluation's members into an object that is open: `rows`, `accuracy`,
    /// `macro_f1`, `loss`, `ece`, `coverage`, `labels`, `per_label` and `confusion` (first index
    /// the true label, second the predicted); with mistakes also `top_confusions` and `mistakes`.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("rows", int: rows)
        writer.member("accuracy", double: accuracy)
        writer.member("macro_f1", double: macroF1)
        writer.member("loss", double: loss)
        writer.member("ece", double: confidence.expectedCalibrationError)
        writer.key("coverage")
        writer.beginArray()
        for line in confidence.coverage { line.encode(to: &writer) }
        writer.endArray()
        writer.key("labels")
        writer.beginArray()
        for label in labels { writer.string(label) }
        writer.endArray()
        writer.key("per_label")
        writer.beginArray()
        for scores in labelScores { scores.encode(to: &writer) }
        writer.endArray()
        writer.key("confusion")
        writer.beginArray()
        for row in confusion {
            writer.beginArray()
            for count in row { writer.int(count) }
            writer.endArray()
        }
        writer.endArray()
        if mistakes != nil { encodeMistakes(to: &writer) }
    }
}

extension Evaluation.LabelScores {
    /// Writes an object: `label`, `precision`, `recall`, `f1` and `rows`.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("label", string: label)
        writer.member("precision", double: precision)
        writer.member("recall", double: recall)
        writer.member("f1", double: f1)
        writer.member("rows", int: rows)
        writer.endObject()
    }
}
