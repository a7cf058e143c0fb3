public import DataDoctor
internal import Evaluation
public import Examples
public import Judgement
internal import Model
public import Optimization

/// Everything that happens to the rows of a job, from a look at the data to a verdict about the
/// model.
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
    ) throws(TrainingError) -> Candidate {
        entering(.examining)
        let data = plan.doctor.report(threads: plan.options.threads)
        entering(.training)
        let result = try plan.run(observer: observer)
        entering(.judging)
        return try Candidate(data: data, result: result)
    }
}

/// A model that is ready to be judged.
public struct Candidate: Sendable {
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

    /// Brings the model before the judge.
    ///
    /// - Parameters:
    ///   - rule: when it may become live.
    ///   - version: the number that it will have.
    ///   - live: what is live; nil if nothing is.
    ///   - anchor: what it may not fall far behind; nil where that is the live version.
    ///   - standing: what earlier decisions leave.
    ///   - corrections: rows that feedback taught since the live version came.
    ///   - golden: texts with the labels that they must get.
    /// - Returns: The verdict with its reasons; a warm start that was asked for and could not be
    ///   used is among these.
    public func judged(
        by rule: Verdict.Rule,
        as version: Int,
        against live: KnownVersion?,
        anchor: KnownVersion? = nil,
        standing: Standing,
        corrections: [Example] = [],
        golden: [Example]
    ) -> Verdict {
        var trial = Trial(
            model: result.checkpoint.model,
            version: version,
            classifier: classifier,
            answers: result.answers,
            live: live,
            anchor: anchor,
            standing: standing,
            // No version learns or answers that a text has none of the labels.
            corrections: ExampleSet.parted(corrections, hasSets: classifier.output == .multi)
                .labelled,
            golden: golden,
            rows: result.rows
        )
        trial.objective = result.checkpoint.training.options.objective ?? .micro
        guard case .cold(_, let cause) = result.warmStart else { return Verdict(rule, trial) }
        return Verdict(rule, trial, remark: "warm_start was not used: \(cause)")
    }
}
