public import DataDoctor
internal import Evaluation
public import Examples
public import Model
public import Optimization

/// Everything that a training run needs: rows, options, rows to score.
///
/// Equal plans give equal checkpoints, bit for bit, on any number of threads.
public struct TrainingPlan: Sendable {
    /// The name of the model.
    public var model: String
    /// The rows; the article's recipe goes through those to learn from in this order.
    public var rows: TrainingRows
    /// How to train.
    public var options: TrainingOptions
    /// Word vectors that a mixed network reads beside what it learns itself; nil without them.
    public var vectors: WordVectors?
    /// Texts without labels, from which few rows gain; where they do not, they change nothing.
    public var unlabelled: [String] = []
    /// Whether training begins with the weights of an earlier version.
    public var warmStart = WarmStart.Request.notAsked
    /// Whether a recipe that learns from all rows also measures itself on rows held out for that,
    /// with networks that are not kept.
    ///
    /// It adds figures to the record and changes no weight.
    public var measuresHeldOut = false
    /// Whether a run that is stopped gives its best weights so far, instead of an error.
    public var keepsBest = false

    /// Plans a run that learns from `examples`.
    public init(model: String, examples: [Example], options: TrainingOptions) {
        self.init(model: model, rows: TrainingRows(training: examples), options: options)
    }

    /// Plans a run with rows that are split already.
    public init(model: String, rows: TrainingRows, options: TrainingOptions) {
        self.model = model
        self.rows = rows
        self.options = options
    }

    /// The rows to learn from; setting them splits all texts again.
    public var examples: [Example] {
        get { rows.examples(rows.training) }
        set { rows = rows.replacing(training: newValue) }
    }
    /// Rows that choose among epochs when a run is stopped, and are scored at the end; setting them
    /// splits all texts again.
    public var development: [Example] {
        get { rows.examples(rows.development) }
        set { rows = rows.replacing(development: newValue) }
    }
    /// Rows that are scored at the end and influence nothing; setting them splits all texts again.
    public var test: [Example] {
        get { rows.examples(rows.test) }
        set { rows = rows.replacing(test: newValue) }
    }

    /// Looks at the rows to learn from, and at texts of none of the labels among them.
    public var doctor: DataDoctor {
        rows.given.map { DataDoctor($0) } ?? DataDoctor(rows.all, first: rows.training.count)
    }

    /// Trains.
    ///
    /// - Parameter observer: called about every 50 ms; may stop the run.
    /// - Returns: the model and its scores.
    /// - Throws: `TrainingError` if the rows cannot be learnt from, the run diverges or is stopped.
    public func run(
        observer: @escaping TrainingObserver = { _ in .proceed }
    ) throws(TrainingError) -> TrainingResult {
        let data = try TrainingData(self)
        let network = try network(data, observer: observer)
        return try TrainingResult(plan: self, data: data, network: network)
    }

    /// Trains without scoring.
    func network(
        _ data: TrainingData,
        observer: @escaping TrainingObserver
    ) throws(TrainingError) -> TrainedNetwork {
        // A record has the values of the network that was chosen; what was not given is chosen
        // again.
        var plan = self
        plan.options = options.resolved(as: options.recipe)
        switch options.recipe {
        case _ where data.output == .multi:
            guard options.recipe != .article else {
                throw .notAllowed(
                    "the article's network gives a text one label, and rows have several; choose "
                        + "another recipe"
                )
            }
            return try MixedRun(plan: plan, data: data, observer: observer).run()
        case _ where options.objective != nil:
            throw .notAllowed(
                "the objective says which of several labels a text gets, and here each text has "
                    + "one; leave it out, or give rows with \"labels\""
            )
        case .article:
            return try plan.measuredArticle(
                data,
                options: plan.options,
                measures: measuresHeldOut && rows.all.examples.count == rows.training.count,
                observer: observer
            )
        case .auto where data.isTiny && vectors == nil:
            return try plan.trainTiny(data, observer: observer)
        default:
            return try MixedRun(plan: plan, data: data, observer: observer).run()
        }
    }

    /// The article's network or a mixed one, whichever answers better what it has not learnt.
    private func trainTiny(
        _ data: TrainingData,
        observer: @escaping TrainingObserver
    ) throws(TrainingError) -> TrainedNetwork {
        let runs = RunSeries(count: 2, observer: observer)
        let mixed = try MixedRun(plan: self, data: data, observer: runs.observer(0)).run()
        guard mixed.isComplete else { return mixed }
        var article: TrainedNetwork
        do {
            article = try measuredArticle(
                data,
                options: options.resolved(as: .article),
                measures: true,
                observer: runs.observer(1)
            )
        } catch .diverged {
            // Its plain SGD may; the mixed network's Adam does not.
            return mixed
        }
        guard article.isComplete else { return article }
        return NetworkChoice(article: article, mixed: mixed).chosen(
            words: data.vocabulary.count - 1
        )
    }

    /// The article's network of all rows, and what others of its kind say of rows that they have
    /// not learnt, or what it says itself of rows that were given.
    private func measuredArticle(
        _ data: TrainingData,
        options: TrainingOptions,
        measures: Bool,
        observer: @escaping TrainingObserver
    ) throws(TrainingError) -> TrainedNetwork {
        let measure = measures ? ArticleMeasure(plan: self, data: data, options: options) : nil
        let runs = RunSeries(count: 1 + (measure?.runCount ?? 0), observer: observer)
        var network = try trainArticle(data, options: options, observer: runs.observer(0))
        if network.isComplete { network.evidence = try measure?.answers(runs, first: 1) }
        return network
    }

    /// The article's network of these rows.
    func trainArticle(
        _ data: TrainingData,
        options: TrainingOptions,
        observer: @escaping TrainingObserver
    ) throws(TrainingError) -> TrainedNetwork {
        try data.checkParameters(Architecture(hiddenSize: options.hidden))
        var run = ArticleRun(
            texts: data.training,
            development: data.development,
            vocabularySize: data.vocabulary.count,
            classCount: data.labels.count,
            options: options,
            observer: observer
        )
        let outcome = try run.run(keepsBest: keepsBest)
        return TrainedNetwork(
            architecture: Architecture(hiddenSize: options.hidden),
            vocabulary: data.vocabulary,
            tensors: outcome.tensors,
            options: options,
            // A stopped run is told as if it had ended where its weights are from.
            epochs: [.init(name: "article", run: outcome.epochs, kept: outcome.epochs)],
            isComplete: outcome.isComplete,
            curves: [
                LossCurve(
                    path: "article",
                    points: outcome.losses.enumerated().map { .init(epoch: $0 + 1, loss: $1) }
                )
            ],
            fittedRows: Array(rows.training)
        )
    }
}
