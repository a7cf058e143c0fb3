internal import Evaluation
public import Examples
internal import Model

/// Everything that happens to the rows of a job, from a look at the data to a verdict about the model.
public struct TrainingPipeline: Sendable {
    /// What the pipeline is doing; the names are shown to whoever waits for the job.
    public enum Stage: String, Sendable {
        /// The data doctor looks at the rows.
        case examining
        /// Networks are trained.
        case training
        /// The network is compared with what is live, and tried on golden cases.
        case judging
    }

    /// How to train, and on what.
    public var plan: TrainingPlan

    /// Prepares the pipeline of a job.
    ///
    /// - Parameter plan: its rows and options; held-out figures are measured whatever the recipe.
    public init(_ plan: TrainingPlan) {
        self.plan = plan
        self.plan.measuresHeldOut = true
    }

    /// Examines the rows, then trains.
    ///
    /// - Parameters:
    ///   - observer: as in `TrainingPlan.run`.
    ///   - entering: called when a stage begins.
    /// - Returns: The model and what is to be told of it.
    /// - Throws: `TrainingError`, as `TrainingPlan.run` does.
    public func run(
        observer: @escaping TrainingObserver,
        entering: (Stage) -> Void
    ) throws(TrainingError) -> TrainedModel {
        entering(.examining)
        let data = DataDoctor(plan.examples).report(threads: plan.options.threads)
        entering(.training)
        let result = try plan.run(observer: observer)
        entering(.judging)
        return try TrainedModel(data: data, result: result)
    }
}

/// A model that is ready to be judged.
public struct TrainedModel: Sendable {
    /// What the data doctor found.
    public let data: DataReport
    /// The model and its scores.
    public let result: TrainingResult
    private let classifier: TextClassifier

    /// Prepares a model for judgement.
    ///
    /// - Throws: `TrainingError.notAllowed` if it cannot be served.
    public init(data: DataReport, result: TrainingResult) throws(TrainingError) {
        self.data = data
        self.result = result
        classifier = try result.checkpoint.classifier
    }

    /// Compares the model with what is live, tries it on the golden cases, and decides.
    ///
    /// - Parameters:
    ///   - rule: when it may become live.
    ///   - incumbent: what is live; nil if nothing is.
    ///   - golden: texts with the labels that they must get.
    /// - Returns: The verdict with its reasons.
    public func judged(
        by rule: Verdict.Rule,
        against incumbent: Incumbent?,
        golden: [Example]
    ) -> Verdict {
        Verdict(
            rule: rule,
            comparison: incumbent.map { IncumbentComparison(result.answers, with: $0) },
            golden: GoldenCheck(classifier, cases: golden),
            warmth: result.warmth
        )
    }
}
