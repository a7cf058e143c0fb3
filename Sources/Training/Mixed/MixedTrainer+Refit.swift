internal import Judgement
internal import Model
internal import Optimization

extension MixedTrainer {
    /// Up to so many rows the held-out ones are learnt too, after they have chosen: with 2,400 rows
    /// that gains half a point on unseen rows (docs/promotion.md), and takes about as long as the
    /// epochs that were kept.
    static let mostRowsToRefit = 10_000

    /// The number of the task that a path's refit is; the paths themselves and the trial of a
    /// language model come before.
    func refitTask(_ path: NetworkPath) -> Int {
        NetworkPath.allCases.count + LanguageModelTrial.taskCount + path.rawValue
    }

    /// The chosen epochs and mix with the weights of networks that have learnt the held-out rows
    /// too.
    func refitted(
        _ weights: MixedWeights,
        _ split: RowSplit,
        _ schedule: Schedule,
        _ team: WorkerTeam
    ) throws -> MixedWeights {
        let rows = (split.training + split.heldOut).sorted()
        let data = Fold(
            self,
            training: rows,
            heldOut: [],
            reads: weights.start == nil ? [] : unlabelled
        )
        // More rows may need more words than a checkpoint has room for.
        do { try checkSize(data) } catch { return weights }
        let epochs = [
            weights.mix.recurrent > 0 ? weights.recurrentEpochs : 0,
            weights.mix.linear > 0 ? weights.linearEpochs : 0,
        ]
        let runs: [PathRun]
        do {
            runs = try team.map(count: NetworkPath.allCases.count) { index in
                let path = NetworkPath.allCases[index]
                let trainer = data.trainer(
                    path,
                    schedule: schedule,
                    team: team,
                    start: weights.start
                )
                guard let trainer else { return PathRun() }
                let task = refitTask(path)
                monitor.expect(task, epochs: Double(epochs[path]))
                // A path that the mix leaves out is not kept.
                if epochs[path] == 0 {
                    monitor.ended(task)
                    return PathRun()
                }
                return try fixed(trainer, task, data: data, epochs: epochs[path])
            }
        } catch is TrainingError {
            // It diverged, where the weights that have chosen did not.
            return weights
        }
        var refitted = weights
        guard runs.allSatisfy(\.isComplete) else {
            refitted.isComplete = false
            return refitted
        }
        refitted.lookup = data.lookup
        refitted.shape = data.shape
        refitted.offsets = data.offsets
        (refitted.recurrent, refitted.linear) =
            (runs[.recurrent].parameters, runs[.linear].parameters)
        refitted.fittedRows = rows
        refitted.evidence?.isRefitted = true
        refitted.isRefitted = true
        return refitted
    }
}
