internal import Evaluation
internal import Examples
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
    /// How many epochs each path ran.
    var epochs: [TrainingRecord.Epochs.Path]
    /// Whether all was run that the options ask for.
    var isComplete: Bool
    /// The share of rows whose label was found before the last step on them, where that was counted.
    var accuracyInTraining = 0.0
    /// What a recipe that chooses chose, and why.
    var choice: String?
    /// What became of a warm start, if there was a version to begin with.
    var warmth: Warmth?
    /// How the losses fell.
    var curves: [LossCurve] = []
    /// What the network says of rows that its weights were not fitted on.
    var heldOut: HeldOutAnswers?
}

extension TrainedNetwork {
    /// The network as a checkpoint whose scores are not known yet.
    func checkpoint(_ plan: TrainingPlan, _ data: TrainingData) -> Checkpoint {
        Checkpoint(
            model: plan.model,
            architecture: architecture,
            labels: data.labels,
            vocabulary: vocabulary,
            tokenizer: data.tokenizer,
            features: features,
            calibration: calibration,
            training: TrainingRecord(
                rows: plan.examples.count,
                labelRows: data.labelRows,
                dataDigest: ExampleSet.digest(of: plan.examples),
                options: options.recorded,
                epochs: TrainingRecord.Epochs(
                    asked: options.given.contains(.epochs) ? options.epochs : nil,
                    paths: epochs
                ),
                choice: choice,
                train: TrainingRecord.Scores(rows: 0, accuracy: 0, macroF1: 0, loss: 0)
            ),
            tensors: tensors
        )
    }
}

extension Checkpoint {
    /// The checkpoint ready to classify; every check of a served one is made.
    var classifier: TextClassifier {
        get throws(TrainingError) {
            do {
                return try TextClassifier(self)
            } catch {
                throw .notAllowed(error.description)
            }
        }
    }
}

/// Rows that were held out while training, or went round in cross-validation, with their answers.
///
/// The answers are in the order of the scored rows of `splits`.
struct HeldOutAnswers {
    /// Which rows were scored by weights that were fitted on which.
    var splits: [RowSplit]
    /// The index of each row's label.
    var labels: [Int]
    /// The probabilities of each row, (rows × classes).
    var probabilities: [Float]
    let classCount: Int
    /// Where cross-validation was repeated with other parts: the accuracy of each time, these answers
    /// being the first.
    var repeatedAccuracies: [Double] = []

    /// The rows that were scored, in the order of the answers.
    var rows: [Int] { splits.flatMap(\.scored) }

    /// The answer to one row: the index of the most probable label.
    func answer(_ index: Int) -> Int {
        let row = probabilities[(index * classCount)..<((index + 1) * classCount)]
        var best = row.startIndex
        for place in row.indices where row[place] > row[best] { best = place }
        return best - row.startIndex
    }

    /// The share of rows whose label was found, rounded to six digits; 0 without rows.
    var accuracy: Double {
        let right = labels.indices.count { answer($0) == labels[$0] }
        return labels.isEmpty ? 0 : rounded(Double(right) / Double(labels.count))
    }

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
