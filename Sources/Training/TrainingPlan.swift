public import Examples
public import Model
public import Optimization
private import TextForm

/// Everything that a training run needs: rows, options, rows to score.
///
/// Equal plans give equal checkpoints, bit for bit, on any number of threads.
public struct TrainingPlan: Sendable {
    /// The name of the model.
    public var model: String
    /// The rows to learn from; the article's recipe goes through them in this order.
    public var examples: [Example]
    /// How to train.
    public var options: TrainingOptions
    /// Rows that choose among epochs when a run is stopped, and are scored at the end.
    public var development: [Example] = []
    /// Rows that are scored at the end and influence nothing.
    public var test: [Example] = []
    /// An earlier version whose weights training begins with, where that is of use: a mixed network
    /// with many rows.
    public var warmStart: WarmStart?
    /// Why there is no version to begin with although a warm start was asked for.
    public var coldStart: String?
    /// Whether a recipe that learns from all rows also measures itself on rows held out for that,
    /// with networks that are not kept.
    ///
    /// It adds figures to the record and changes no weight.
    public var measuresHeldOut = false
    /// Whether a run that is stopped gives its best weights so far, instead of an error.
    public var keepsBest = false

    /// Plans a run that learns from `examples`.
    public init(model: String, examples: [Example], options: TrainingOptions) {
        self.model = model
        self.examples = examples
        self.options = options
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
        case .article:
            return try plan.measuredArticle(
                data,
                options: plan.options,
                measures: measuresHeldOut && development.isEmpty && test.isEmpty,
                observer: observer
            )
        case .auto where data.isTiny:
            return try plan.trainTiny(data, observer: observer)
        case .auto, .linear, .mlp, .elman, .gru, .lstm:
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
            fittedRows: Array(examples.indices)
        )
    }
}

/// The rows of a plan as the network sees them.
struct TrainingData {
    let labels: [String]
    let tokenizer = Tokenizer()
    let vocabulary: Vocabulary
    let training: EncodedExamples
    let development: EncodedExamples?

    /// Checks and encodes the rows of `plan`.
    init(_ plan: TrainingPlan) throws(TrainingError) {
        // Sorted, so that the order of the outputs does not depend on the order of the rows.
        labels = Set(plan.examples.map(\.label)).sorted()
        try TrainingData.check(labels, model: plan.model)
        vocabulary = WordList.vocabulary(of: plan.examples, tokenizer: tokenizer)
        training = try EncodedExamples(
            plan.examples,
            part: "training",
            labels: labels,
            vocabulary: vocabulary,
            tokenizer: tokenizer
        )
        try TrainingData.checkContradictions(training)
        let development = try EncodedExamples(
            plan.development,
            part: "development",
            labels: labels,
            vocabulary: vocabulary,
            tokenizer: tokenizer
        )
        self.development = development.count > 0 ? development : nil
        // A bad row is reported before the training, not after it.
        _ = try EncodedExamples(
            plan.test,
            part: "test",
            labels: labels,
            vocabulary: vocabulary,
            tokenizer: tokenizer
        )
    }

    /// Whether there are so few rows of so few words that their order may be all there is to learn:
    /// the kind of data that the article has.
    var isTiny: Bool {
        TrainingData.isTiny(rows: training.count, words: vocabulary.count)
    }

    static func isTiny(rows: Int, words: Int) -> Bool { rows <= 200 && words <= 64 }

    /// How many rows to learn from each label has.
    var labelRows: [Int] {
        var rows = [Int](repeating: 0, count: labels.count)
        for label in training.labels { rows[label] += 1 }
        return rows
    }

    /// Refuses an architecture with more weights than a checkpoint may have.
    func checkParameters(_ architecture: Architecture) throws(TrainingError) {
        let parameters = architecture.parameterCount(
            vocabularySize: vocabulary.count,
            classCount: labels.count
        )
        guard let parameters, parameters <= Architecture.maximumParameters else {
            throw .tooManyParameters(
                words: vocabulary.count,
                hidden: architecture.hiddenSize,
                limit: Architecture.maximumParameters
            )
        }
    }

    private static func check(_ labels: [String], model: String) throws(TrainingError) {
        guard Checkpoint.isValidName(model) else {
            throw .notAllowed(
                "the model's name \"\(model)\" must be 1 to 64 letters, digits, '.', '_' or '-', "
                    + "a letter or digit first"
            )
        }
        guard let first = labels.first else { throw .noExamples }
        guard labels.count > 1 else { throw .oneLabel(first) }
        guard labels.count <= Architecture.maximumLabels else {
            throw .tooManyLabels(count: labels.count, limit: Architecture.maximumLabels)
        }
        for label in labels {
            do throws(TextFormError) { try LabelRule().requireForm(label) } catch {
                throw .notAllowed("the label that begins \"\(label.prefix(20))\" \(error)")
            }
        }
    }

    /// Some noise is normal; rows in which fewer than two labels have a text of their own teach
    /// nothing.
    private static func checkContradictions(_ texts: EncodedExamples) throws(TrainingError) {
        var labelOfText: [ArraySlice<UInt32>: Int] = [:]
        var contradictory: Set<ArraySlice<UInt32>> = []
        for index in 0..<texts.count {
            let text = texts.words[texts.range(index)]
            let label = labelOfText.updateValue(texts.labels[index], forKey: text)
            if let label, label != texts.labels[index] { contradictory.insert(text) }
        }
        let clear = Set(labelOfText.filter { !contradictory.contains($0.key) }.values)
        if clear.count < 2 { throw .contradictory(texts: contradictory.count) }
    }
}
