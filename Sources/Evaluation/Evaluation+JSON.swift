public import JSON
internal import Model

extension Evaluation {
    /// Writes the evaluation's members into an object that is open: `rows`, `accuracy`,
    /// `macro_f1`, `loss`, `ece`, `coverage`, `labels`, `per_label` and `confusion` (first index
    /// the true label, second the predicted); with mistakes also `top_confusions` and `mistakes`.
    ///
    /// Where texts may have several labels also `micro_f1`, `subset_accuracy` (the accuracy by its
    /// usual name) and `hamming_loss`; `confusion` is then empty. With rows of none of the labels
    /// also `out_of_scope`.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("rows", int: rows)
        writer.member("accuracy", double: accuracy)
        writer.member("macro_f1", double: macroF1)
        if let sets {
            writer.member("micro_f1", double: sets.microF1)
            writer.member("subset_accuracy", double: accuracy)
            writer.member("hamming_loss", double: sets.hammingLoss)
        }
        writer.member("loss", double: loss)
        writer.member("ece", double: confidence.expectedCalibrationError)
        writer.member("coverage", array: confidence.coverage) { $0.encode(to: &$1) }
        writer.member("labels", array: labels) { $1.string($0) }
        writer.member("per_label", array: labelScores) { $0.encode(to: &$1) }
        writer.key("confusion")
        writer.beginArray()
        for row in confusion {
            writer.beginArray()
            for count in row { writer.int(count) }
            writer.endArray()
        }
        writer.endArray()
        if mistakes != nil { encodeMistakes(to: &writer) }
        if let outOfScope {
            writer.key("out_of_scope")
            outOfScope.encode(to: &writer)
        }
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
