internal import Model

/// A trained mixed network in flat form.
struct MixedWeights {
    var lookup: FeatureLookup
    var shape: RecurrentShape
    /// Empty without that path.
    var recurrent: [Float]
    /// Empty without that path.
    var linear: [Float]
    var mix: (recurrent: Float, linear: Float)
    /// Epochs that the weights of each path have seen.
    var recurrentEpochs: Int
    var linearEpochs: Int
    var heldOut: HeldOutAnswers
    /// Whether no path was stopped before its end.
    var isComplete = true
}

/// Trains both paths of a mixed network and mixes them.
///
/// Where there are enough rows, each path stops by itself when held-out rows no longer gain; where
/// there are few, the schedule is fixed and the mix comes from cross-validation.
struct MixedTrainer {
    let texts: TokenizedTexts
    let labels: [Int]
    let classCount: Int
    let options: MixedOptions
    let monitor: RunMonitor

    /// From this many rows on, some are held out to stop and to mix by.
    static let fewRows = 2000
    static let folds = 5
    private static let patience = 4

    /// Trains on `rows`, choosing by `development`.
    func trainWithHeldOut(rows: [Int], development: [Int]) throws -> MixedWeights {
        let data = Fold(self, training: rows, scored: development)
        let held = HeldOutLogits(classCount: classCount, labels: development.map { labels[$0] })
        let schedule = Schedule(
            batchSize: 16,
            epochs: options.epochs,
            learningRate: options.learningRate
        )
        var results: [BestEpoch] = [.init(), .init()]
        try concurrently(count: 2, threads: options.threads) { path in
            guard let trainer = data.trainer(path, schedule: schedule) else { return BestEpoch() }
            return try earlyStopped(trainer, data: data, held: held, epochs: schedule.epochs)
        } collect: {
            results[$0] = $1
        }
        return mixed(data, held: held, recurrent: results[0], linear: results[1])
    }

    /// Trains on all `rows` with a fixed number of epochs; the mix comes from the logits that five
    /// models of four fifths give to the other fifth.
    func trainCrossValidated(rows: [Int]) throws -> MixedWeights {
        let epochs = options.epochs(fewRows: rows.count, classes: classCount)
        let schedule = Schedule(
            batchSize: 4,
            epochs: epochs,
            learningRate: options.learningRate
        )
        let parts = stratifiedFolds(rows)
        var folds = parts.indices.map { index in
            (
                training: parts.enumerated().filter { $0.offset != index }.flatMap(\.element),
                scored: parts[index]
            )
        }
        folds.append((training: rows, scored: []))
        var logits = [[[Float]]](
            repeating: Array(repeating: [], count: 2),
            count: MixedTrainer.folds + 1
        )
        var results: [BestEpoch] = [.init(), .init()]
        let data = folds.map { Fold(self, training: $0.training, scored: $0.scored) }
        try concurrently(count: folds.count * 2, threads: options.threads) { task in
            let (fold, path) = (task / 2, task % 2)
            guard let trainer = data[fold].trainer(path, schedule: schedule) else {
                return BestEpoch()
            }
            var best = BestEpoch(epoch: epochs)
            for epoch in 1...epochs { try trainEpoch(epoch, trainer) }
            best.logits = trainer.logits(data[fold].scored)
            best.parameters = fold == MixedTrainer.folds ? trainer.averagedParameters() : []
            return best
        } collect: { task, best in
            logits[task / 2][task % 2] = best.logits
            if task / 2 == MixedTrainer.folds { results[task % 2] = best }
        }
        results[0].logits = logits[..<MixedTrainer.folds].flatMap { $0[0] }
        results[1].logits = logits[..<MixedTrainer.folds].flatMap { $0[1] }
        let held = HeldOutLogits(
            classCount: classCount,
            labels: parts.flatMap(\.self).map { labels[$0] }
        )
        return mixed(
            data[MixedTrainer.folds],
            held: held,
            recurrent: results[0],
            linear: results[1]
        )
    }

    /// The best epoch of one path.
    struct BestEpoch {
        var epoch = 0
        var loss = Double.infinity
        var logits: [Float] = []
        var parameters: [Float] = []
        var isComplete = true
    }

    private func trainEpoch(_ epoch: Int, _ trainer: any PathTrainer) throws {
        let score = try trainer.trainEpoch(epoch) { try monitor.check(share: $0) }
        guard score.loss.isFinite else {
            throw TrainingError.diverged(epoch: epoch, detail: "the loss is no longer a number")
        }
        monitor.finished(epoch: epoch, score: score)
    }

    private func earlyStopped(
        _ trainer: any PathTrainer,
        data: Fold,
        held: HeldOutLogits,
        epochs: Int
    ) throws -> BestEpoch {
        var best = BestEpoch()
        for epoch in 1...epochs {
            do {
                try trainEpoch(epoch, trainer)
            } catch is RunMonitor.Stopped where options.keepsBest && best.epoch > 0 {
                best.isComplete = false
                return best
            }
            let logits = trainer.logits(data.scored)
            let heldOutLoss = held.temperedCrossEntropy(logits)
            if heldOutLoss < best.loss - 1e-4 {
                best = BestEpoch(
                    epoch: epoch,
                    loss: heldOutLoss,
                    logits: logits,
                    parameters: trainer.averagedParameters()
                )
            }
            guard epoch - best.epoch < MixedTrainer.patience else {
                monitor.skipped(epochs: epochs - epoch)
                break
            }
        }
        return best
    }

    private func mixed(
        _ data: Fold,
        held: HeldOutLogits,
        recurrent: BestEpoch,
        linear: BestEpoch
    ) -> MixedWeights {
        let zeros = [Float](repeating: 0, count: held.labels.count * classCount)
        let first = recurrent.logits.isEmpty ? zeros : recurrent.logits
        let second = linear.logits.isEmpty ? zeros : linear.logits
        let mix = held.bestMix(recurrent: first, linear: second)
        return MixedWeights(
            lookup: data.lookup,
            shape: data.shape,
            recurrent: recurrent.parameters,
            linear: linear.parameters,
            mix: mix,
            recurrentEpochs: recurrent.epoch,
            linearEpochs: linear.epoch,
            heldOut: HeldOutAnswers(
                labels: held.labels,
                probabilities: held.probabilities(first, mix.recurrent, second, mix.linear),
                classCount: classCount
            ),
            isComplete: recurrent.isComplete && linear.isComplete
        )
    }

    /// Cuts `rows` into five parts with about the same share of every label; equal texts stay
    /// together, so that no row is scored by a model that has learnt it by heart.
    private func stratifiedFolds(_ rows: [Int]) -> [[Int]] {
        let order = shuffledOrder(count: rows.count, seed: options.seed &+ 99, epoch: 0)
        var groups: [[Int]] = []
        var groupOfText: [ArraySlice<Int32>: Int] = [:]
        for row in order.map({ rows[$0] }) {
            if let group = groupOfText[texts[row]] {
                groups[group].append(row)
            } else {
                groupOfText[texts[row]] = groups.count
                groups.append([row])
            }
        }
        let byLabel = groups.enumerated()
            .sorted { (labels[$0.element[0]], $0.offset) < (labels[$1.element[0]], $1.offset) }
        var folds = [[Int]](repeating: [], count: MixedTrainer.folds)
        for (index, group) in byLabel.enumerated() {
            folds[index % MixedTrainer.folds] += group.element
        }
        return folds
    }
}
