internal import Evaluation
internal import Examples
internal import Judgement
internal import Model

/// A network with its weights, and what its record tells beside the scores.
struct TrainedNetwork {
    var architecture: Architecture
    var vocabulary: Vocabulary
    var features: FeatureLists?
    /// Word vectors that were brought.
    var vectors: WordVectors?
    var calibration = Calibration.none
    var tensors: [String: Tensor]
    /// The options that made it.
    var options: TrainingOptions
    /// How many epochs each path ran.
    var epochs: [TrainingRecord.Epochs.Path]
    /// Whether all was run that the options ask for.
    var isComplete: Bool
    /// What a recipe that chooses chose, and why.
    var choice: String?
    /// What became of a warm start, if there was a version to begin with.
    var warmStart: WarmStart.Outcome?
    /// What became of a language model, if one was tried.
    var languageModel: LanguageModelOutcome?
    /// What became of texts without labels, if there were any.
    var unlabelled: UnlabelledOutcome?
    /// How the losses fell.
    var curves: [LossCurve] = []
    /// The numbers of the rows that its weights were fitted on, in the plan's order.
    var fittedRows: [Int]
    /// Answers of it, or of others of its kind, to rows that they had not learnt.
    var evidence: Evidence?
}

extension TrainedNetwork {
    /// The network as a checkpoint whose scores are not known yet.
    func checkpoint(_ plan: TrainingPlan, _ data: TrainingData) -> Checkpoint {
        var checkpoint = Checkpoint(
            model: plan.model,
            architecture: architecture,
            labels: data.labels,
            vocabulary: vocabulary,
            tokenizer: data.tokenizer,
            features: features,
            vectors: vectors,
            calibration: calibration,
            training: TrainingRecord(
                rows: plan.rows.training.count,
                labelRows: data.labelRows,
                dataDigest: ExampleSet.digest(of: plan.examples),
                options: options.recorded,
                epochs: TrainingRecord.Epochs(
                    asked: options.given.contains(.epochs) ? options.epochs : nil,
                    paths: epochs
                ),
                choice: choice,
                train: nil
            ),
            tensors: tensors
        )
        checkpoint.training.vectors = vectors?.source
        return checkpoint
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
