internal import Evaluation
internal import Judgement
internal import Model
internal import Optimization

/// The trial of a recurrent path that first learns to predict words, beside one that does not,
/// where rows are held out.
struct LanguageModelTrial {
    private let trainer: MixedTrainer
    /// The rows, with the dictionary of all texts that are read.
    let data: Fold
    private let schedule: Schedule
    private let jury: EpochJury
    private let plan: LanguageModelPlan
    /// What tells first whether it can pay; nil where it is asked for in any case.
    private let probe: LanguageModelProbe?

    /// Tasks of a trial, used or not: the language model, the recurrent path that begins with it,
    /// and those of the probe.
    static let taskCount = 2 + LanguageModelProbe.taskCount
    private static let firstTask = NetworkPath.allCases.count
    /// What stands in the forecast where there is no trial, so that later tasks keep their numbers.
    static let noTasks = [RunForecast.Task](
        repeating: .init(.linear, texts: 0, epochs: 0),
        count: taskCount
    )

    /// - Returns: nil where the options ask for none.
    init?(
        _ trainer: MixedTrainer,
        _ data: Fold,
        _ split: RowSplit,
        _ schedule: Schedule,
        _ jury: EpochJury
    ) {
        guard trainer.options.languageModel != .off else { return nil }
        (self.trainer, self.schedule, self.jury) = (trainer, schedule, jury)
        let others = trainer.unlabelled
        self.data =
            others.isEmpty
            ? data
            : Fold(trainer, training: split.training, heldOut: split.heldOut, reads: others)
        plan = LanguageModelPlan(split.training + others, of: trainer.texts)
        probe =
            trainer.options.languageModel == .auto
            ? LanguageModelProbe(trainer, split, first: LanguageModelTrial.firstTask + 2) : nil
    }

    /// How many texts the language model reads.
    var textCount: Int { plan.rows.count }

    /// What is to be trained, for the forecast.
    var tasks: [RunForecast.Task] {
        [
            .init(.languageModel, texts: plan.textsPerEpoch, epochs: plan.epochs),
            .init(.recurrent, texts: data.trained.count, epochs: schedule.epochs),
        ]
            + (probe?.tasks ?? Array(LanguageModelTrial.noTasks.dropFirst(2)))
    }

    /// Runs it.
    ///
    /// - Returns: The recurrent path that began as a language model, or why there is none.
    /// - Throws: `TrainingError.diverged`, or `RunMonitor.Stopped`.
    func run(_ team: WorkerTeam) throws -> MixedTrainer.PathRun {
        let first = LanguageModelTrial.firstTask
        defer {
            for task in 0..<LanguageModelTrial.taskCount { trainer.monitor.ended(first + task) }
        }
        do {
            if let probe, let reason = try probe.run(team).map(doubt) ?? MixedTrainer.noWords {
                return MixedTrainer.PathRun(doubt: reason)
            }
            let start = try trainer.learnWords(
                plan,
                lookup: data.lookup,
                task: first,
                team: team
            )
            guard let start,
                let path = data.trainer(
                    .recurrent,
                    schedule: schedule,
                    team: team,
                    start: start
                )
            else { return MixedTrainer.PathRun(doubt: MixedTrainer.noWords) }
            var run = try trainer.earlyStopped(
                path,
                (first + 1, nil),
                data: data,
                jury: jury,
                schedule.epochs
            )
            run.start = start
            return run
        } catch is RunMonitor.Stopped where trainer.options.keepsBest {
            var run = MixedTrainer.PathRun()
            run.isComplete = false
            return run
        }
    }

    /// Why it is left at the probe; nil where it is promising.
    private func doubt(_ outcome: LanguageModelProbe.Outcome) -> String? {
        guard let probe, !outcome.isPromising else { return nil }
        let (without, with) = (outcome.without, outcome.with)
        let change =
            "from \(decimal(without, digits: 3)) to \(decimal(with, digits: 3))"
        return "on \(grouped(probe.rowCount)) of the rows it took the held-out loss \(change), "
            + "and \(Int((100 * LanguageModelProbe.leastFall).rounded())) % less is asked for"
    }
}
