internal import Model

/// A network with its weights, and what its record tells beside the scores.
struct TrainedNetwork {
    var architecture: Architecture
    var vocabulary: Vocabulary
    var features: FeatureLists?
    var calibration = Calibration.none
    var tensors: [String: Tensor]
    /// The options that made it.
    var options: TrainingOptions
    /// Whether all was run that the options ask for.
    var isComplete: Bool
    /// The share of rows whose label was found before the last step on them, where that was counted.
    var accuracyInTraining = 0.0
    /// What a recipe that chooses chose, and why.
    var choice: String?
    /// What the network says of rows that its weights were not fitted on.
    var heldOut: HeldOutAnswers?
}

/// Rows that were held out while training, or went round in cross-validation, with their answers.
struct HeldOutAnswers {
    /// The index of each row's label.
    var labels: [Int]
    /// The probabilities of each row, (rows × classes).
    var probabilities: [Float]
    let classCount: Int

    /// The scores of the answers.
    func evaluation(labels names: [String]) -> Evaluation {
        var evaluation = Evaluation.Counts(labels: names)
        for (row, label) in labels.enumerated() {
            let start = row * classCount
            evaluation.add(label: label, probabilities[start..<(start + classCount)])
        }
        return Evaluation(evaluation)
    }
}
