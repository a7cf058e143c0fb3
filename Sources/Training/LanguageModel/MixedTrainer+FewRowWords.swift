internal import Judgement
internal import Model
internal import Optimization

/// Where rows are few: recurrent paths of all folds that first learnt to predict words, beside
/// those that did not.
extension MixedTrainer {
    /// Whether that is tried.
    ///
    /// Few texts teach few words, and their training is to end within seconds.
    var triesWordsOfFewRows: Bool {
        switch options.languageModel {
        case .off: false
        case .on: true
        case .auto: readsUnlabelledAlone
        }
    }

    /// Whether one language model reads the texts without labels, which no row is among, for all
    /// folds; else each fold has its own, which reads its rows too.
    private var readsUnlabelledAlone: Bool {
        unlabelled.count >= LanguageModelPlan.leastUnlabelled
    }

    private func plan(_ split: RowSplit) -> LanguageModelPlan {
        LanguageModelPlan(
            readsUnlabelledAlone ? unlabelled : split.training + unlabelled,
            of: texts
        )
    }

    /// What is to be trained, for the forecast.
    func fewRowWordTasks(_ splits: [RowSplit], epochs: Int) -> [RunForecast.Task] {
        guard triesWordsOfFewRows else { return [] }
        let plans = (readsUnlabelledAlone ? Array(splits[..<1]) : splits).map(plan)
        return plans.map { .init(.languageModel, texts: $0.textsPerEpoch, epochs: $0.epochs) }
            + splits.map { .init(.recurrent, texts: $0.training.count, epochs: epochs) }
    }

    /// The paths and weights that the cross-validated loss prefers: those at hand, or others whose
    /// recurrent path has learnt to predict words first.
    ///
    /// - Parameters:
    ///   - paths: what was trained without.
    ///   - weights: what came of it.
    ///   - rows: the rows.
    ///   - cuts: how they were parted.
    ///   - schedule: how the recurrent paths are trained.
    ///   - first: the number of the first task.
    ///   - team: the threads.
    /// - Returns: The preferred ones.
    /// - Throws: `TrainingError.diverged`, or `RunMonitor.Stopped`.
    func begunWithWords(
        _ paths: CrossValidatedPaths,
        _ weights: MixedWeights,
        rows: [Int],
        cuts: [[RowSplit]],
        schedule: Schedule,
        first: Int,
        team: WorkerTeam
    ) throws -> (CrossValidatedPaths, MixedWeights) {
        let splits = [RowSplit(training: rows, heldOut: [])] + cuts.joined()
        let folds =
            unlabelled.isEmpty
            ? paths.folds
            : team.map(count: splits.count) { index in
                Fold(
                    self,
                    training: splits[index].training,
                    heldOut: splits[index].heldOut,
                    reads: unlabelled
                )
            }
        do { try checkSize(folds[0]) } catch {
            let reason = "its words would need more weights than a checkpoint may have"
            return (paths, weights.withoutLanguageModel(reason))
        }
        let runs: [PathRun]
        do {
            runs = try wordRuns(folds, splits, schedule: schedule, first: first, team: team)
        } catch is RunMonitor.Stopped where options.keepsBest {
            // Stopped here, the run has its weights without.
            return (paths, weights)
        }
        guard runs.allSatisfy(\.isComplete) else { return (paths, weights) }
        if let run = runs.first(where: { $0.start == nil }) {
            return (paths, preferred(weights, nil, run, texts: 0))
        }
        let others = CrossValidatedPaths(
            folds: folds,
            recurrent: runs,
            linear: paths.linear,
            machines: paths.machines
        )
        let chosen = preferred(
            weights,
            try answered(others, rows: rows, cuts: cuts),
            runs[0],
            texts: plan(splits[0]).rows.count
        )
        return (chosen.start == nil ? paths : others, chosen)
    }

    /// The recurrent path of each fold; one without `start` could not learn to predict words.
    private func wordRuns(
        _ folds: [Fold],
        _ splits: [RowSplit],
        schedule: Schedule,
        first: Int,
        team: WorkerTeam
    ) throws -> [PathRun] {
        var shared: LanguageModelStart?
        if readsUnlabelledAlone {
            var builder = DictionaryBuilder(
                textCount: unlabelled.count,
                classCount: classCount
            )
            builder.vectors = vectors
            let lookup = builder.build(texts, rows: [], reads: unlabelled)
            shared = try learnWords(plan(splits[0]), lookup: lookup, task: first, team: team)
            if shared == nil { return [PathRun(doubt: MixedTrainer.noWords)] }
        }
        let paths = first + (shared == nil ? splits.count : 1)
        return try team.map(count: splits.count) { index in
            let start =
                try shared
                ?? learnWords(
                    plan(splits[index]),
                    lookup: folds[index].lookup,
                    task: first + index,
                    team: team
                )
            let path = folds[index].trainer(
                .recurrent,
                schedule: schedule,
                team: team,
                start: start
            )
            guard let start, let path else { return PathRun(doubt: MixedTrainer.noWords) }
            var run = try fixed(
                path,
                paths + index,
                data: folds[index],
                epochs: schedule.epochs
            )
            run.start = start
            return run
        }
    }
}
