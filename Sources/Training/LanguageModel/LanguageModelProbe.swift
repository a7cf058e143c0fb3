internal import Judgement
internal import Model
internal import Optimization

/// Finds out on some of the rows whether learning to predict words first can pay: a small mix is
/// trained on them with and without, and held-out rows tell.
struct LanguageModelProbe {
    private let trainer: MixedTrainer
    private let data: Fold
    private let labels: [Int]
    private let plan: LanguageModelPlan
    private let schedule: Schedule
    /// The number of its first task.
    private let first: Int

    /// Its tasks: the language model, the recurrent path without it and with it, the linear path.
    static let taskCount = 4
    /// Rows that are learnt, held-out rows that tell, and texts that the language model reads.
    private static let (mostRows, mostHeldOut, mostTexts) = (500, 1000, 1500)
    private static let (epochs, wordEpochs, batchSize) = (6, 4, 4)
    private static let (mostWords, candidates) = (25_000, 448)
    /// The loss must fall by this share.
    ///
    /// Measured: 3 to 10 % on TREC, where it pays; at most 0.5 %
    /// on SST-2, HWU64 and Banking77, where it does not.
    static let leastFall = 0.02

    /// What held-out rows say, in nats.
    struct Outcome {
        var without: Double
        var with: Double

        /// Whether the whole is worth trying.
        var isPromising: Bool { with < without * (1 - LanguageModelProbe.leastFall) }
    }

    init(_ trainer: MixedTrainer, _ split: RowSplit, first: Int) {
        (self.trainer, self.first) = (trainer, first)
        let seed = trainer.options.seed
        let order = shuffledOrder(count: split.training.count, seed: seed, epoch: 0)
            .prefix(LanguageModelProbe.mostTexts).map { split.training[$0] }
        let rows = Array(order.prefix(LanguageModelProbe.mostRows))
        let heldOut = Array(split.heldOut.prefix(LanguageModelProbe.mostHeldOut))
        labels = heldOut.map { trainer.labels[$0] }
        data = Fold(
            trainer,
            training: rows,
            heldOut: heldOut,
            reads: Array(order.dropFirst(rows.count))
        )
        plan = LanguageModelPlan(
            order,
            of: trainer.texts,
            epochs: LanguageModelProbe.wordEpochs,
            mostWords: LanguageModelProbe.mostWords,
            candidates: LanguageModelProbe.candidates
        )
        schedule = Schedule(
            batchSize: LanguageModelProbe.batchSize,
            epochs: LanguageModelProbe.epochs,
            learningRate: trainer.options.learningRate
        )
    }

    /// How many rows are learnt.
    var rowCount: Int { data.trained.count }

    /// What is to be trained, for the forecast.
    var tasks: [RunForecast.Task] {
        [.init(.languageModel, texts: plan.textsPerEpoch, epochs: plan.epochs)]
            + [NetworkPath.recurrent, .recurrent, .linear].map { path in
                let epochs = trainer.options.has(path) ? schedule.epochs : 0
                return .init(path.work, texts: rowCount, epochs: epochs)
            }
    }

    /// Runs it.
    ///
    /// - Returns: What held-out rows say; nil where no words could be learnt.
    /// - Throws: `RunMonitor.Stopped`.
    func run(_ team: WorkerTeam) throws -> Outcome? {
        let start = try trainer.learnWords(plan, lookup: data.lookup, task: first, team: team)
        guard let start else { return nil }
        let paths: [(path: NetworkPath, start: LanguageModelStart?)] = [
            (.recurrent, nil), (.recurrent, start), (.linear, nil),
        ]
        let logits = try team.map(count: paths.count) { index in
            try self.logits(
                paths[index].path,
                paths[index].start,
                task: first + 1 + index,
                team: team
            )
        }
        func loss(_ recurrent: [Float]?) -> Double {
            let fit = MixFit(
                recurrent: recurrent,
                linear: logits[2],
                labels: labels,
                classCount: trainer.classCount,
                head: trainer.options.head
            )
            let rows = Array(labels.indices)
            return fit.best(rows: rows).map { fit.smoothedLoss($0, rows: rows) } ?? .infinity
        }
        return Outcome(without: loss(logits[0]), with: loss(logits[1]))
    }

    /// What a path says of the held-out rows in the end; nil for one that the options leave out.
    private func logits(
        _ path: NetworkPath,
        _ start: LanguageModelStart?,
        task: Int,
        team: WorkerTeam
    ) throws -> [Float]? {
        defer { trainer.monitor.ended(task) }
        let path = data.trainer(path, schedule: schedule, team: team, start: start)
        guard let path else { return nil }
        for epoch in 1...schedule.epochs {
            _ = try path.trainEpoch(epoch) { try trainer.monitor.check(task, share: $0) }
            trainer.monitor.finished(task)
        }
        return path.logits(data.heldOut)
    }
}
