internal import Baselines
public import Evaluation
internal import Examples
internal import Judgement
public import Model

/// A trained model with its scores.
public struct TrainingResult: Sendable {
    /// The model, ready to be written or served.
    public let checkpoint: Checkpoint
    /// Whether all epochs were run; if not, the run was stopped and these are its best weights.
    public let isComplete: Bool
    /// The scores on the rows that it learnt from.
    public let train: Evaluation
    /// The scores on the development rows, if there are any; where these chose something, each part
    /// of them by what the other parts chose.
    public let development: Evaluation?
    /// The scores on the test rows, if there are any.
    public private(set) var test: Evaluation?
    /// The scores on rows that training held out by itself or cross-validated, if it did.
    public let validation: Evaluation?
    /// Where cross-validation was repeated with other parts: the accuracy of each time.
    public let repeatedAccuracies: [Double]
    /// What became of a warm start, if one was asked for.
    public let warmStart: WarmStart.Outcome?
    /// What became of a recurrent path that first learnt to predict words, if that was tried or
    /// asked for.
    public let languageModel: LanguageModelOutcome?
    /// What became of texts without labels, if there were any.
    public let unlabelled: UnlabelledOutcome?
    /// How the losses fell.
    public let curves: [LossCurve]
    /// What the network, or others trained in the same way, say of rows that they had not learnt.
    public let answers: [AnsweredExample]
    /// The rows of the run.
    let rows: TokenizedRows
    /// How the rows of `answers` were kept apart; nil where none could be.
    let evidence: Evidence?

    /// The scores on rows that neither fitted nor chose anything: the test rows, else the
    /// development rows, else those that training kept apart.
    public var heldOut: Evaluation? { test ?? development ?? validation }

    /// Puts the checkpoint together and scores it with the code that serves.
    init(
        plan: TrainingPlan,
        data: TrainingData,
        network: TrainedNetwork
    ) throws(TrainingError) {
        var checkpoint = network.checkpoint(plan, data)
        let classifier = try checkpoint.classifier
        rows = plan.rows.all
        train = try Evaluation(
            of: classifier,
            on: rows,
            numbers: network.fittedRows,
            part: "training"
        )
        test =
            try plan.rows.test.isEmpty
            ? nil
            : Evaluation(
                of: classifier,
                on: rows,
                numbers: Array(plan.rows.test),
                part: "test",
                mistakeCount: Mistake.listed
            )
        checkpoint.training.train = train.scores
        let evidence = network.evidence
        answers = evidence?.answered(rows.examples, labels: data.labels) ?? []
        var figures = evidence?.evaluation(labels: data.labels)
        figures?.mistakes = Mistake.surest(of: answers)
        let haveChosen = evidence?.kind == .given
        development =
            try plan.rows.development.isEmpty || haveChosen
            ? (haveChosen ? figures : nil)
            : Evaluation(
                of: classifier,
                on: rows,
                numbers: Array(plan.rows.development),
                part: "development",
                mistakeCount: Mistake.listed
            )
        validation = haveChosen ? nil : figures
        if classifier.output == .oneLabel {
            checkpoint.training.outOfScope = TrainingResult.outOfScope(
                plan,
                classifier,
                beside: development ?? validation ?? test
            )
        }
        if let heldOut = test ?? development ?? validation {
            checkpoint.training.heldOut = heldOut.scores
            checkpoint.training.coverage = heldOut.confidence.coverage
            checkpoint.training.baselines = TrainingResult.baselines(plan, data, network)
        }
        let measured = test.flatMap {
            OutOfScopeReport(
                inScope: $0.confidence,
                outOfScope: classifier.certainties(of: plan.rows.testOutOfScope),
                proposed: checkpoint.training.outOfScope.map { Float($0.threshold) }
            )
        }
        test?.outOfScope = measured
        self.checkpoint = checkpoint
        isComplete = network.isComplete
        repeatedAccuracies = evidence?.repeatedAccuracies ?? []
        warmStart = TrainingResult.warmStart(plan, network)
        languageModel = TrainingResult.languageModel(plan, network)
        unlabelled = TrainingResult.unlabelled(plan, network)
        curves = network.curves
        self.evidence = evidence
    }

    /// What became of a warm start, also where no network was to look at it.
    private static func warmStart(
        _ plan: TrainingPlan,
        _ network: TrainedNetwork
    ) -> WarmStart.Outcome? {
        switch plan.warmStart {
        case .notAsked: nil
        case .impossible(let reason): .cold(version: nil, reason: reason)
        case .from(let start):
            network.warmStart
                ?? .cold(
                    version: start.version,
                    reason: "the article's network always starts anew"
                )
        }
    }

    /// What score tells texts of none of the labels from others; nil without such texts, or without
    /// rows that were not learnt to compare them with.
    ///
    /// All of them are kept out of training. One that is also a row to learn from says nothing.
    private static func outOfScope(
        _ plan: TrainingPlan,
        _ classifier: TextClassifier,
        beside heldOut: Evaluation?
    ) -> TrainingRecord.OutOfScope? {
        guard !plan.rows.outOfScope.isEmpty, let heldOut else { return nil }
        let learnt = Set(plan.examples.map(\.text))
        let strangers = plan.rows.outOfScope.filter { !learnt.contains($0) }
        return OutOfScopeProposal(
            inScope: heldOut.confidence,
            outOfScope: classifier.certainties(of: strangers)
        ).figures
    }

    /// What became of a language model, also where it was asked for and could not be tried.
    private static func languageModel(
        _ plan: TrainingPlan,
        _ network: TrainedNetwork
    ) -> LanguageModelOutcome? {
        guard network.languageModel == nil, plan.options.languageModel == .on else {
            return network.languageModel
        }
        var reason = "no rows could be kept apart that tell whether it helps"
        if case .from(let version)? = network.warmStart {
            reason = "training went on with the weights of version \(version)"
        }
        let isArticle = network.architecture == Architecture(hiddenSize: network.options.hidden)
        if isArticle || [.linear, .mlp].contains(plan.options.recipe) {
            reason = "the network has no path that could begin so"
        }
        return LanguageModelOutcome(texts: 0, isUsed: false, reason: reason)
    }

    /// What became of texts without labels, also where no network was to look at them.
    private static func unlabelled(
        _ plan: TrainingPlan,
        _ network: TrainedNetwork
    ) -> UnlabelledOutcome? {
        guard network.unlabelled == nil, !plan.unlabelled.isEmpty else {
            return network.unlabelled
        }
        return UnlabelledOutcome(
            texts: UnlabelledTexts(plan).texts.count,
            learnt: 0,
            reason: "only a linear path for one label a text learns them, from "
                + "\(FewRowMachines.mostRows) rows at most and where cross-validation can tell "
                + "what they are worth"
                + (network.languageModel?.isUsed == true ? "; the language model read them" : "")
        )
    }

    /// What the baselines score on the rows of `heldOut`, having learnt what the network has.
    private static func baselines(
        _ plan: TrainingPlan,
        _ data: TrainingData,
        _ network: TrainedNetwork
    ) -> [TrainingRecord.Baseline] {
        let given = plan.rows.test.isEmpty ? plan.rows.development : plan.rows.test
        var rows = network.evidence?.source
        if !given.isEmpty {
            rows = EvidenceRows(
                kind: .given,
                splits: [RowSplit(training: network.fittedRows, heldOut: Array(given))],
                labels: data.labelOfRow,
                classCount: data.labels.count,
                head: data.head
            )
        }
        guard let rows else { return [] }
        return BaselineScore.all(
            data.texts,
            labels: data.labelOfRow,
            names: data.labels,
            rows: rows,
            threads: plan.options.threads
        ).map(\.record)
    }
}
