internal import Judgement
internal import Model
internal import Optimization

/// What was trained where all rows are learnt: of each path first the network of all rows, then
/// those of the folds.
struct CrossValidatedPaths {
    let folds: [Fold]
    let recurrent: [MixedTrainer.PathRun]
    let linear: [MixedTrainer.PathRun]
    /// nil where none are averaged in.
    let machines: FewRowMachines?

    /// The networks of all rows.
    var whole: [MixedTrainer.PathRun] { [recurrent[0], linear[0]] }
}

extension MixedTrainer {
    /// Trains on all `rows` with a fixed number of epochs; the mix comes from the logits that
    /// models of the other parts give to each part.
    ///
    /// - Parameters:
    ///   - rows: the rows to learn from.
    ///   - cuts: the ways in which they are parted; the mix comes from the first.
    /// - Returns: The weights, with the evidence of all rows.
    /// - Throws: `TrainingError`, or `RunMonitor.Stopped`.
    func trainCrossValidated(rows: [Int], cuts: [[RowSplit]]) throws -> MixedWeights {
        let epochs = options.epochs(fewRows: rows.count, classes: classCount)
        let schedule = Schedule(
            batchSize: 4,
            epochs: epochs,
            learningRate: options.learningRate
        )
        let team = WorkerTeam(threads: options.threads)
        let splits = [RowSplit(training: rows, heldOut: [])] + cuts.joined()
        let data = team.map(count: splits.count) { index in
            Fold(self, training: splits[index].training, heldOut: splits[index].heldOut)
        }
        try checkSize(data[0])
        let learnsOthers =
            !unlabelled.isEmpty && options.hasLinearPath && !options.isMulti && !cuts.isEmpty
            && rows.count <= FewRowMachines.mostRows
        // The model itself comes first, so that a stopped run has most of it; then the recurrent
        // paths of the folds, which take longest, so that all threads end at about the same time.
        let tasks = data.indices.dropFirst()
        let order: [(fold: Int, path: NetworkPath)] =
            [(0, .recurrent), (0, .linear)] + tasks.map { ($0, .recurrent) }
            + tasks.map { ($0, .linear) }
        monitor.expect(
            [
                order.map { fold, path in
                    let count = splits[fold].training.count
                    return .init(path.work, texts: count, epochs: options.has(path) ? epochs : 0)
                }, cuts.isEmpty ? [] : fewRowWordTasks(splits, epochs: epochs),
                learnsOthers ? selfTraining(splits) : [],
            ],
            threads: options.threads
        )
        let runs = try team.map(count: order.count) { task in
            let (fold, path) = (data[order[task].fold], order[task].path)
            let trainer = fold.trainer(path, schedule: schedule, team: team)
            guard let trainer else { return PathRun() }
            var run = try fixed(trainer, task, data: fold, epochs: epochs)
            if learnsOthers && path == .linear && run.isComplete {
                run.pseudo = pseudoLabels(trainer, fold)
            }
            return run
        }
        let isComplete = runs.allSatisfy(\.isComplete)
        var paths = CrossValidatedPaths(
            folds: data,
            recurrent: runs.indices.filter { order[$0].path == .recurrent }.map { runs[$0] },
            linear: runs.indices.filter { order[$0].path == .linear }.map { runs[$0] },
            machines: isComplete ? try machines(data, team) : nil
        )
        guard isComplete && !cuts.isEmpty else {
            return try unanswered(paths, rows: rows, isComplete: isComplete)
        }
        var weights = try answered(paths, rows: rows, cuts: cuts)
        var first = order.count
        if triesWordsOfFewRows {
            (paths, weights) = try begunWithWords(
                paths,
                weights,
                rows: rows,
                cuts: cuts,
                schedule: schedule,
                first: first,
                team: team
            )
            first += fewRowWordTasks(splits, epochs: epochs).count
        }
        guard learnsOthers else { return weights }
        return try selfTrained(paths, weights, rows: rows, cuts: cuts, first: first, team: team)
    }

    /// The weights of a run whose rows nothing could answer.
    private func unanswered(
        _ paths: CrossValidatedPaths,
        rows: [Int],
        isComplete: Bool
    ) throws -> MixedWeights {
        var whole = paths.whole
        for path in whole.indices { whole[path].isComplete = isComplete }
        return try mixed(
            paths.folds[0],
            whole,
            fittedRows: rows,
            evidence: evidenceRows([]),
            answering: []
        ) { _ in [[], []] }
    }

    /// The weights, with the answers of the folds to each cut of the rows.
    func answered(
        _ paths: CrossValidatedPaths,
        rows: [Int],
        cuts: [[RowSplit]]
    ) throws -> MixedWeights {
        var first = 1
        let answered = try cuts.map { splits in
            let members = first..<(first + splits.count)
            first = members.upperBound
            return try mixed(
                paths.folds[0],
                paths.whole,
                fittedRows: rows,
                evidence: evidenceRows(splits),
                answering: Array(paths.folds[members]),
                machines: paths.machines.map { ($0, (members.lowerBound - 1)..<(first - 1)) }
            ) { _ in
                [paths.recurrent, paths.linear].map { runs in
                    members.flatMap { runs[$0].choice.logits }
                }
            }
        }
        var weights = answered[0]
        if answered.count > 1 {
            weights.evidence?.repeatedAccuracies = answered.compactMap { $0.evidence?.accuracy }
        }
        return weights
    }

    private func evidenceRows(_ splits: [RowSplit]) -> EvidenceRows {
        EvidenceRows(
            kind: .crossValidation,
            splits: splits,
            labels: labels,
            classCount: classCount,
            head: options.head
        )
    }
}
