internal import Examples
public import Model

/// A trained model with its scores.
public struct TrainingResult: Sendable {
    /// The model, ready to be written or served.
    public let checkpoint: Checkpoint
    /// Whether all epochs were run; if not, the run was stopped and these are its best weights.
    public let isComplete: Bool
    /// The scores on the rows that it learnt from.
    public let train: Evaluation
    /// The scores on the development rows, if there are any.
    public let development: Evaluation?
    /// The scores on the test rows, if there are any.
    public let test: Evaluation?
    /// The scores on rows that training held out by itself or cross-validated, if it did.
    public let validation: Evaluation?

    /// Puts the checkpoint together and scores it with the code that serves.
    init(
        plan: TrainingPlan,
        data: TrainingData,
        network: TrainedNetwork
    ) throws(TrainingError) {
        let unscored = TrainingRecord.Scores(rows: 0, accuracy: 0, macroF1: 0, loss: 0)
        var checkpoint = Checkpoint(
            model: plan.model,
            architecture: network.architecture,
            labels: data.labels,
            vocabulary: network.vocabulary,
            tokenizer: data.tokenizer,
            features: network.features,
            calibration: network.calibration,
            training: TrainingRecord(
                rows: plan.examples.count,
                dataDigest: ExampleSet.digest(of: plan.examples),
                options: network.options,
                choice: network.choice,
                train: unscored
            ),
            tensors: network.tensors
        )
        let classifier: TextClassifier
        do {
            classifier = try TextClassifier(checkpoint)
        } catch {
            throw .notAllowed(error.description)
        }
        train = try Evaluation(of: classifier, on: plan.examples, part: "training")
        development =
            try plan.development.isEmpty
            ? nil : Evaluation(of: classifier, on: plan.development, part: "development")
        test =
            try plan.test.isEmpty ? nil : Evaluation(of: classifier, on: plan.test, part: "test")
        checkpoint.training.train = train.scores
        let internally = network.heldOut?.evaluation(labels: data.labels)
        if let heldOut = test ?? development ?? internally {
            checkpoint.training.heldOut = heldOut.scores
            checkpoint.training.coverage = (internally ?? heldOut).confidence.coverage
            checkpoint.training.baselines = [heldOut.majorityBaseline(training: train)]
        }
        self.checkpoint = checkpoint
        isComplete = network.isComplete
        validation = internally
    }
}

extension Evaluation {
    /// What always answering the most frequent label of the training rows scores on these rows.
    func majorityBaseline(training: Evaluation) -> TrainingRecord.Baseline {
        let counts = training.labelScores.map(\.rows)
        // Of equals, the first: `max(by:)` would give the last.
        let majority = counts.firstIndex(of: counts.reduce(0, max)) ?? 0
        let answers = labelScores.map { scores in
            labels.indices.map { $0 == majority ? scores.rows : 0 }
        }
        let evaluation = Evaluation(labels: labels, confusion: answers, totalLoss: 0)
        return TrainingRecord.Baseline(
            name: "majority",
            accuracy: evaluation.accuracy,
            macroF1: evaluation.macroF1
        )
    }
}
