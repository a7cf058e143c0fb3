internal import DataDoctor
internal import Evaluation
internal import JSON
public import Judgement
internal import Model

extension Candidate {
    /// The job's report, a JSON document; openapi.yaml describes it.
    ///
    /// - Parameter verdict: what was decided; nil where nothing was, away from the service.
    /// - Returns: The bytes.
    public func report(_ verdict: Verdict? = nil) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("model", string: result.checkpoint.model)
        writer.key("data")
        data.encode(to: &writer)
        encodeMembers(of: result, to: &writer)
        if let verdict { verdict.encodeMembers(to: &writer) }
        writer.endObject()
        return writer.finish()
    }
}

/// Writes what training tells of itself into an object that is open: `split`, `baselines`,
/// `network`, `calibration`, `per_class`, `confusion`, `top_confusions`, `mistakes` and `coverage`;
/// with texts of none of the labels also `out_of_scope`.
private func encodeMembers(of result: TrainingResult, to writer: inout JSONWriter) {
    let record = result.checkpoint.training
    writer.key("split")
    encodeSplit(result, to: &writer)
    writer.member("baselines", array: record.baselines) { $0.encode(to: &$1) }
    writer.key("network")
    encodeNetwork(result, to: &writer)
    let heldOut = result.heldOut
    writer.key("calibration")
    if let heldOut {
        encodeCalibration(result.checkpoint.calibration, heldOut.confidence, to: &writer)
    } else {
        writer.null()
    }
    writer.member("per_class", array: heldOut?.labelScores ?? []) { $0.encode(to: &$1) }
    writer.key("confusion")
    encodeConfusion(heldOut, to: &writer)
    if let outOfScope = record.outOfScope {
        writer.key("out_of_scope")
        outOfScope.encode(to: &writer)
    }
    // Of rows that it has not learnt: those it was measured by, else those behind the figures.
    var seen = heldOut ?? Evaluation(labels: [], confusion: [], totalLoss: 0)
    seen.mistakes = seen.mistakes ?? Mistake.surest(of: result.answers)
    seen.encodeMistakes(to: &writer)
    writer.member("coverage", array: record.coverage) { $0.encode(to: &$1) }
}

/// `kind` is `held_out`, `cross_validation`, `given` for rows that were given to measure by, or
/// `none` where nothing could be scored.
private func encodeSplit(_ result: TrainingResult, to writer: inout JSONWriter) {
    let (evidence, heldOut) = (result.evidence, result.heldOut)
    // Rows that were given come before those that training keeps apart.
    let isGiven = heldOut != nil && heldOut != result.validation
    writer.beginObject()
    writer.member("kind", string: isGiven ? "given" : evidence?.kind.rawValue ?? "none")
    writer.member("folds", int: isGiven ? 0 : evidence?.source.splits.count ?? 0)
    writer.member(
        "repeats",
        int: isGiven || evidence == nil ? 0 : max(result.repeatedAccuracies.count, 1)
    )
    writer.member("held_out_rows", int: heldOut?.rows ?? 0)
    writer.member("is_lower_bound", bool: !isGiven && evidence?.isLowerBound == true)
    writer.member("seed", int: result.checkpoint.training.options.seed)
    writer.endObject()
}

private func encodeNetwork(_ result: TrainingResult, to writer: inout JSONWriter) {
    let checkpoint = result.checkpoint
    writer.beginObject()
    writer.member("description", string: "\(checkpoint.architecture)")
    writer.key("choice")
    if let choice = checkpoint.training.choice { writer.string(choice) } else { writer.null() }
    writer.key("warm_start")
    if let warmStart = result.warmStart { writer.string("\(warmStart)") } else { writer.null() }
    checkpoint.training.encodeOptions(to: &writer)
    if let vectors = checkpoint.training.vectors {
        writer.key("vectors")
        vectors.encode(to: &writer)
    }
    if let start = result.languageModel {
        writer.key("language_model")
        start.encode(to: &writer)
    }
    if let unlabelled = result.unlabelled {
        writer.key("unlabelled")
        unlabelled.encode(to: &writer)
    }
    writer.member("parameters", int: checkpoint.tensors.values.reduce(0) { $0 + $1.count })
    for (key, evaluation) in [("train", result.train), ("held_out", result.heldOut)] {
        writer.key(key)
        if let evaluation { evaluation.scores.encode(to: &writer) } else { writer.null() }
    }
    writer.member("repeated_accuracies", array: result.repeatedAccuracies) { $1.double($0) }
    writer.member("loss_curves", array: result.curves) { $0.encode(to: &$1) }
    writer.endObject()
}

private func encodeCalibration(
    _ calibration: Calibration,
    _ confidence: Confidence,
    to writer: inout JSONWriter
) {
    writer.beginObject()
    writer.member("recurrent", double: calibration.recurrent)
    writer.member("linear", double: calibration.linear)
    writer.member("ece", double: confidence.expectedCalibrationError)
    writer.member("reliability", objects: confidence.reliability) { bin, writer in
        writer.member("from", double: bin.lowerBound)
        writer.member("to", double: bin.upperBound)
        writer.member("rows", int: bin.rows)
        writer.member("score", double: bin.meanScore)
        writer.member("accuracy", double: bin.accuracy)
    }
    writer.endObject()
}

/// Most cells of a matrix of many labels are 0, so only the others are written: true label,
/// predicted label (both as places in `labels`), rows.
private func encodeConfusion(_ evaluation: Evaluation?, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("labels", array: evaluation?.labels ?? []) { $1.string($0) }
    writer.key("cells")
    writer.beginArray()
    for (truth, row) in (evaluation?.confusion ?? []).enumerated() {
        for (predicted, count) in row.enumerated() where count > 0 {
            writer.ints([truth, predicted, count])
        }
    }
    writer.endArray()
    writer.endObject()
}

extension LossCurve {
    fileprivate func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("path", string: path)
        writer.key("epochs")
        writer.ints(points.map(\.epoch))
        writer.member("loss", array: points) { $1.double(rounded($0.loss)) }
        let heldOut = points.compactMap(\.heldOutLoss)
        let isFinite = heldOut.allSatisfy(\.isFinite)
        writer.member("held_out_loss", array: isFinite ? heldOut : []) {
            $1.double(rounded($0))
        }
        writer.endObject()
    }
}
