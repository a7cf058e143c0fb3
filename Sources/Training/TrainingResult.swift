public import Evaluation
public import Examples
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
    /// Where cross-validation was repeated with other parts: the accuracy of each time.
    public let repeatedAccuracies: [Double]
    /// What became of a warm start, if one was asked for.
    public let warmth: Warmth?
    /// How the losses fell.
    public let curves: [LossCurve]
    /// What the network, or others trained in the same way, say of rows that they had not learnt:
    /// those behind `validation`.
    public let answers: [AnsweredExample]
    /// Which rows those others learnt from and answered.
    let splits: [RowSplit]

    /// The scores on rows that it has not learnt: those given to measure it, or held out by itself.
    public var heldOut: Evaluation? { test ?? development ?? validation }

    /// Puts the checkpoint together and scores it with the code that serves.
    init(
        plan: TrainingPlan,
        data: TrainingData,
        network: TrainedNetwork
    ) throws(TrainingError) {
        var checkpoint = network.checkpoint(plan, data)
        let classifier = try checkpoint.classifier
        train = try Evaluation(of: classifier, on: plan.examples, part: "training")
        development =
            try plan.development.isEmpty
            ? nil
            : Evaluation(
                of: classifier,
                on: plan.development,
                part: "development",
                mistakeCount: Mistake.listed
            )
        test =
            try plan.test.isEmpty
            ? nil
            : Evaluation(of: classifier, on: plan.test, part: "test", mistakeCount: Mistake.listed)
        checkpoint.training.train = train.scores
        let answers = network.heldOut.flatMap { $0.labels.isEmpty ? nil : $0 }
        let internally = answers?.evaluation(labels: data.labels)
        if let heldOut = test ?? development ?? internally {
            checkpoint.training.heldOut = heldOut.scores
            checkpoint.training.coverage = (internally ?? heldOut).confidence.coverage
            checkpoint.training.baselines = TrainingResult.baselines(plan, data, answers)
        }
        self.checkpoint = checkpoint
        isComplete = network.isComplete
        validation = internally
        repeatedAccuracies = answers?.repeatedAccuracies ?? []
        warmth =
            network.warmth
            ?? plan.warmStart.map {
                .cold(version: $0.version, reason: "the article's network always starts anew")
            } ?? plan.coldStart.map { .cold(version: nil, reason: $0) }
        curves = network.curves
        splits = answers?.splits ?? []
        let given = plan.examples + plan.development
        self.answers = answers?.answered(given, labels: data.labels) ?? []
    }

    /// What the baselines score on the same held-out rows as the network.
    private static func baselines(
        _ plan: TrainingPlan,
        _ data: TrainingData,
        _ answers: HeldOutAnswers?
    ) -> [TrainingRecord.Baseline] {
        let count = plan.examples.count
        let heldOut = plan.test.isEmpty ? plan.development : plan.test
        let examples = plan.examples + heldOut
        let whole = RowSplit(training: Array(0..<count), scored: Array(count..<examples.count))
        let indices = Dictionary(uniqueKeysWithValues: zip(data.labels, data.labels.indices))
        return BaselineScore.all(
            TokenizedTexts(examples.map(\.text), tokenizer: data.tokenizer),
            labels: examples.compactMap { indices[$0.label] },
            names: data.labels,
            splits: heldOut.isEmpty ? answers?.splits ?? [] : [whole]
        ).map(\.record)
    }
}
