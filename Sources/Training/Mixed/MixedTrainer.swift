internal import CMalloc
internal import Judgement
internal import Model
internal import Optimization

/// Trains both paths of a mixed network and mixes them.
///
/// Where there are enough rows, each path stops by itself when held-out rows no longer gain; where
/// there are few, the schedule is fixed and the mix comes from cross-validation.
struct MixedTrainer {
    let texts: TokenizedTexts
    /// The target of each text.
    let labels: [Int]
    /// What each text is sorted by when texts are parted.
    let strata: [Int]
    let classCount: Int
    let options: MixedOptions
    let monitor: RunMonitor
    /// Word vectors that were brought; nil without them.
    var vectors: WordVectors?
    /// The length of a text's mean word vector beside the features of the linear path.
    var vectorWeight: Float = 1
    /// What the linear path reads, and how it learns.
    var rule = FeatureRule()
    /// The numbers of texts without labels.
    var unlabelled: [Int] = []

    /// Below this many rows, what five models of four fifths score depends on how the fifths were
    /// cut, so it is measured on two different cuts where measuring is asked for.
    static let rowsToRepeat = 200

    /// Trains on the split's training rows, choosing by its held-out ones; begins with the weights
    /// that `transfer` has.
    ///
    /// - Parameters:
    ///   - split: the rows to learn from, and the rows that stop and mix.
    ///   - kind: whether the held-out rows are some of the training rows or were given.
    ///   - transfer: the weights to begin with; nil for fresh ones.
    ///   - refits: whether the held-out rows are learnt too, once they have chosen epochs and mix.
    /// - Returns: The weights, with the evidence of the held-out rows.
    /// - Throws: `TrainingError`, or `RunMonitor.Stopped`.
    func trainWithHeldOut(
        _ split: RowSplit,
        kind: Evidence.Kind,
        transfer: WeightTransfer?,
        refits: Bool = false
    ) throws -> MixedWeights {
        let data = Fold(self, training: split.training, heldOut: split.heldOut)
        try checkSize(data)
        // Counting words and features has used many small blocks.
        return_free_memory()
        let rows = EvidenceRows(
            kind: kind,
            splits: [split],
            crossFitting: CrossFitting(
                Partition(texts: texts, labels: strata, rows: split.heldOut),
                rows: split.heldOut
            ),
            labels: labels,
            classCount: classCount,
            head: options.head
        )
        let jury = EpochJury(rows, head: options.head)
        let schedule = Schedule(
            batchSize: 16,
            epochs: options.epochs,
            learningRate: transfer == nil ? options.learningRate : options.warmLearningRate
        )
        let trial =
            transfer == nil ? LanguageModelTrial(self, data, split, schedule, jury) : nil
        expect(split, schedule, refits: refits, trial: trial)
        let team = WorkerTeam(threads: options.threads)
        let paths = NetworkPath.allCases.count
        let runs = try team.map(count: paths + (trial == nil ? 0 : 1)) { index in
            guard index < paths else { return try trial?.run(team) ?? PathRun() }
            let path = NetworkPath.allCases[index]
            let trainer = data.trainer(path, schedule: schedule, team: team, transfer: transfer)
            guard let trainer else { return PathRun() }
            let tasks = (path.rawValue, refits ? refitTask(path) : nil)
            return try earlyStopped(trainer, tasks, data: data, jury: jury, schedule.epochs)
        }
        func weights(_ paths: [PathRun], _ data: Fold) throws -> MixedWeights {
            try mixed(
                data,
                paths,
                fittedRows: split.training,
                evidence: rows,
                answering: [data]
            ) { part in
                paths.map { path in
                    guard let part, !path.parameters.isEmpty else { return path.choice.logits }
                    return path.withoutPart[part].logits
                }
            }
        }
        var chosen = try weights(Array(runs[..<paths]), data)
        if let trial, let run = runs.last, run.isComplete, chosen.isComplete {
            let other = run.start == nil ? nil : try weights([run, runs[.linear]], trial.data)
            chosen = preferred(chosen, other, run, texts: trial.textCount)
        }
        guard refits && chosen.isComplete else { return chosen }
        return try refitted(chosen, split, schedule, team)
    }

    /// Tells the monitor what is to be trained where rows are held out.
    private func expect(
        _ split: RowSplit,
        _ schedule: Schedule,
        refits: Bool,
        trial: LanguageModelTrial?
    ) {
        func paths(_ count: Int) -> [RunForecast.Task] {
            NetworkPath.allCases.map {
                .init($0.work, texts: count, epochs: options.has($0) ? schedule.epochs : 0)
            }
        }
        let refit = refits ? paths(split.training.count + split.heldOut.count) : []
        monitor.expect(
            [paths(split.training.count) + (trial?.tasks ?? LanguageModelTrial.noTasks), refit],
            threads: options.threads
        )
    }

    /// Refuses a network with more weights than a checkpoint may have, before it is trained.
    func checkSize(_ data: Fold) throws(TrainingError) {
        let architecture = Architecture(
            network: .mixed(
                MixedShape(
                    recurrent: options.hasRecurrentPath ? data.shape : nil,
                    featureCount: options.hasLinearPath ? data.lookup.lists.featureCount : 0,
                    vectorSize: data.shape.vectorSize
                )
            )
        )
        let parameters = architecture.parameterCount(
            vocabularySize: data.lookup.vocabulary.count,
            classCount: classCount
        )
        guard let parameters, parameters <= Architecture.maximumParameters else {
            throw .tooManyParameters(
                words: data.lookup.vocabulary.count,
                hidden: options.hiddenSize,
                limit: Architecture.maximumParameters
            )
        }
    }

    /// What became of one path.
    struct PathRun {
        /// The epoch that all held-out rows chose, or the last one of a fixed schedule.
        var choice = EpochChoice()
        /// The epochs that all held-out rows but those of each part chose.
        var withoutPart: [EpochChoice] = []
        /// Empty for a path that is left out, or whose weights are not kept.
        var parameters: [Float] = []
        var curve: [LossCurve.Point] = []
        var isComplete = true
        /// What the linear path makes of texts without labels.
        var pseudo = PseudoLabels()
        /// What a recurrent path began with, if it had learnt to predict words.
        var start: LanguageModelStart?
        /// Why it did not, where that was tried.
        var doubt: String?

        /// The epoch that is likely to be chosen, if the path is likely to end after epoch `end`.
        func likelyChoice(_ end: Double) -> Double {
            let chosen = Double(choice.epoch)
            return choice.isFinal ? chosen : max(chosen, end - Double(EpochChoice.patience))
        }
    }

    /// Trains an epoch and returns its loss.
    func trainEpoch(
        _ epoch: Int,
        _ trainer: any PathTrainer,
        _ task: Int
    ) throws -> Double {
        let score = try trainer.trainEpoch(epoch) { try monitor.check(task, share: $0) }
        guard score.loss.isFinite else {
            throw TrainingError.diverged(epoch: epoch, detail: "the loss is no longer a number")
        }
        monitor.finished(task, score: score)
        return score.loss
    }

    /// Trains a path, a task by this number, for a fixed number of epochs.
    func fixed(
        _ trainer: any PathTrainer,
        _ task: Int,
        data: Fold,
        epochs: Int
    ) throws -> PathRun {
        defer { monitor.ended(task) }
        var run = PathRun()
        var done = 0
        do {
            for epoch in 1...epochs {
                let loss = try trainEpoch(epoch, trainer, task)
                run.curve.append(LossCurve.Point(epoch: epoch, loss: loss))
                done = epoch
            }
        } catch is RunMonitor.Stopped where options.keepsBest {
            run.isComplete = false
        }
        guard done > 0 else { return run }
        run.choice = EpochChoice(
            lastEpoch: done,
            logits: run.isComplete ? trainer.logits(data.heldOut) : []
        )
        // Only the model of all rows is kept.
        if data.heldOut.count == 0 { run.parameters = trainer.averagedParameters() }
        return run
    }

    /// Trains a path until held-out rows no longer gain.
    ///
    /// - Parameters:
    ///   - trainer: the path.
    ///   - tasks: its number among the tasks, and that of its refit, if there will be one.
    ///   - data: the rows to learn from, and those to choose by.
    ///   - jury: how these choose.
    ///   - epochs: epochs at most.
    /// - Returns: What became of it.
    /// - Throws: `TrainingError.diverged`, or `RunMonitor.Stopped`.
    func earlyStopped(
        _ trainer: any PathTrainer,
        _ tasks: (own: Int, refit: Int?),
        data: Fold,
        jury: EpochJury,
        _ epochs: Int
    ) throws -> PathRun {
        defer { monitor.ended(tasks.own) }
        var run = PathRun()
        run.withoutPart = (0..<jury.partCount).map { _ in EpochChoice() }
        for epoch in 1...epochs {
            let loss: Double
            do {
                loss = try trainEpoch(epoch, trainer, tasks.own)
            } catch is RunMonitor.Stopped where options.keepsBest {
                run.isComplete = false
                return run
            }
            let logits = trainer.logits(data.heldOut)
            let losses = jury.losses(logits)
            run.curve.append(.init(epoch: epoch, loss: loss, heldOutLoss: losses.all))
            if run.choice.consider(epoch: epoch, loss: losses.all, logits: logits) {
                run.parameters = trainer.averagedParameters()
            }
            for (part, loss) in losses.withoutPart.enumerated() {
                _ = run.withoutPart[part].consider(epoch: epoch, loss: loss, logits: logits)
            }
            let open = ([run.choice] + run.withoutPart).filter { !$0.isFinal }.map(\.epoch)
            guard let last = open.max() else { break }
            let likely = LossCurve.likelyEnd(run.curve, atMost: epochs, isLinear: tasks.own == 1)
            let end = max(likely, min(Double(last + EpochChoice.patience), Double(epochs)))
            monitor.expect(tasks.own, epochs: end)
            if let refit = tasks.refit { monitor.expect(refit, epochs: run.likelyChoice(end)) }
        }
        return run
    }
}
