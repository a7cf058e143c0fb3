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
    var curves: [LossCurve]
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
    /// Below this many rows, what five models of four fifths score depends on how the fifths were
    /// cut, so it is measured on two different cuts where measuring is asked for.
    static let rowsToRepeat = 200
    private static let patience = 4

    /// Trains on the split's training rows, choosing by its scored ones; begins with the weights that
    /// `transfer` has.
    func trainWithHeldOut(
        _ split: RowSplit,
        transfer: WeightTransfer?
    ) throws -> MixedWeights {
        let data = Fold(self, training: split.training, scored: split.scored)
        try checkSize(data)
        let held = HeldOutLogits(classCount: classCount, labels: split.scored.map { labels[$0] })
        let schedule = Schedule(
            batchSize: 16,
            epochs: options.epochs,
            learningRate: transfer == nil ? options.learningRate : options.warmLearningRate
        )
        let team = WorkerTeam(threads: options.threads)
        let results = try team.map(count: 2) { path in
            let trainer = data.trainer(path, schedule: schedule, team: team, transfer: transfer)
            guard let trainer else { return BestEpoch() }
            return try earlyStopped(trainer, data: data, held: held, epochs: schedule.epochs)
        }
        return try mixed(data, held: held, splits: [split], results)
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
        let cuts = (0..<options.cuts(rows: rows.count)).map { cut in
            CrossValidation(
                texts: texts,
                labels: labels,
                rows: rows,
                folds: MixedTrainer.folds,
                seed: options.seed &+ 99 &+ UInt64(cut) &* 1_000_003
            ).splits.filter { !$0.scored.isEmpty }
        }
        let splits = cuts[0]
        // The model itself comes first, so that a stopped run has most of it.
        let data =
            [Fold(self, training: rows, scored: [])]
            + cuts.joined().map { Fold(self, training: $0.training, scored: $0.scored) }
        try checkSize(data[0])
        let team = WorkerTeam(threads: options.threads)
        let tasks = try team.map(count: data.count * 2) { task in
            let (fold, path) = task.quotientAndRemainder(dividingBy: 2)
            guard let trainer = data[fold].trainer(path, schedule: schedule, team: team) else {
                return BestEpoch()
            }
            return try fixed(trainer, data: data[fold], epochs: epochs)
        }
        let results = data.indices.map { Array(tasks[(2 * $0)..<(2 * $0 + 2)]) }
        let isComplete = tasks.allSatisfy(\.isComplete)
        var whole = results[0]
        for path in whole.indices {
            whole[path].logits = results[1...].prefix(splits.count).flatMap { $0[path].logits }
            whole[path].isComplete = isComplete
        }
        let scored = isComplete ? splits.flatMap(\.scored) : []
        let held = HeldOutLogits(classCount: classCount, labels: scored.map { labels[$0] })
        var weights = try mixed(data[0], held: held, splits: isComplete ? splits : [], whole)
        if isComplete && cuts.count > 1 {
            weights.heldOut.repeatedAccuracies = repeatedAccuracies(
                cuts,
                results[1...],
                mix: weights.mix
            )
        }
        return weights
    }

    /// The accuracy on each cut, with the mix of the first.
    private func repeatedAccuracies(
        _ cuts: [[RowSplit]],
        _ results: ArraySlice<[BestEpoch]>,
        mix: (recurrent: Float, linear: Float)
    ) -> [Double] {
        var rest = results
        return cuts.map { splits in
            let paths = rest.prefix(splits.count)
            rest = rest.dropFirst(splits.count)
            let scored = splits.flatMap(\.scored)
            let held = HeldOutLogits(classCount: classCount, labels: scored.map { labels[$0] })
            func logits(_ path: Int) -> [Float]? {
                let logits = paths.flatMap { $0[path].logits }
                return logits.isEmpty ? nil : logits
            }
            return HeldOutAnswers(
                splits: splits,
                labels: held.labels,
                probabilities: held.probabilities(logits(0), mix.recurrent, logits(1), mix.linear),
                classCount: classCount
            ).accuracy
        }
    }

    /// Refuses a network with more weights than a checkpoint may have, before it is trained.
    private func checkSize(_ data: Fold) throws(TrainingError) {
        let architecture = Architecture(
            network: .mixed(
                MixedShape(
                    recurrent: options.hasRecurrentPath ? data.shape : nil,
                    featureCount: options.hasLinearPath ? data.lookup.lists.featureCount : 0
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

    /// The best epoch of one path.
    struct BestEpoch {
        var epoch = 0
        var loss = Double.infinity
        var logits: [Float] = []
        var parameters: [Float] = []
        var curve: [LossCurve.Point] = []
        var isComplete = true
    }

    /// Trains an epoch and returns its loss.
    private func trainEpoch(_ epoch: Int, _ trainer: any PathTrainer) throws -> Double {
        let score = try trainer.trainEpoch(epoch) { try monitor.check(share: $0) }
        guard score.loss.isFinite else {
            throw TrainingError.diverged(epoch: epoch, detail: "the loss is no longer a number")
        }
        monitor.finished(epoch: epoch, score: score)
        return score.loss
    }

    /// Trains a path for a fixed number of epochs.
    private func fixed(
        _ trainer: any PathTrainer,
        data: Fold,
        epochs: Int
    ) throws -> BestEpoch {
        var best = BestEpoch()
        do {
            for epoch in 1...epochs {
                let loss = try trainEpoch(epoch, trainer)
                best.curve.append(LossCurve.Point(epoch: epoch, loss: loss))
                best.epoch = epoch
            }
            best.logits = trainer.logits(data.scored)
        } catch is RunMonitor.Stopped where options.keepsBest {
            best.isComplete = false
        }
        // Only the model of all rows is kept.
        let isWhole = data.scored.count == 0
        best.parameters = isWhole && best.epoch > 0 ? trainer.averagedParameters() : []
        return best
    }

    private func earlyStopped(
        _ trainer: any PathTrainer,
        data: Fold,
        held: HeldOutLogits,
        epochs: Int
    ) throws -> BestEpoch {
        var best = BestEpoch()
        for epoch in 1...epochs {
            let loss: Double
            do {
                loss = try trainEpoch(epoch, trainer)
            } catch is RunMonitor.Stopped where options.keepsBest {
                best.isComplete = false
                return best
            }
            let logits = trainer.logits(data.scored)
            let heldOutLoss = held.temperedCrossEntropy(logits)
            best.curve.append(.init(epoch: epoch, loss: loss, heldOutLoss: heldOutLoss))
            if heldOutLoss < best.loss - 1e-4 {
                best = BestEpoch(
                    epoch: epoch,
                    loss: heldOutLoss,
                    logits: logits,
                    parameters: trainer.averagedParameters(),
                    curve: best.curve
                )
            }
            guard epoch - best.epoch < MixedTrainer.patience else {
                monitor.skipped(epochs: epochs - epoch)
                break
            }
        }
        return best
    }

    /// Mixes both paths; one that was not trained, or no epoch of which was of use, is left out.
    private func mixed(
        _ data: Fold,
        held: HeldOutLogits,
        splits: [RowSplit],
        _ paths: [BestEpoch]
    ) throws -> MixedWeights {
        let isComplete = paths.allSatisfy(\.isComplete)
        let logits = paths.map { $0.parameters.isEmpty ? nil : $0.logits }
        guard logits.contains(where: { $0 != nil }),
            let mix = held.bestMix(recurrent: logits[0], linear: logits[1])
        else {
            if !isComplete { throw RunMonitor.Stopped() }
            throw TrainingError.diverged(
                epoch: max(paths[0].epoch, paths[1].epoch, 1),
                detail: "the loss on held-out rows is no longer a number"
            )
        }
        return MixedWeights(
            lookup: data.lookup,
            shape: data.shape,
            recurrent: paths[0].parameters,
            linear: paths[1].parameters,
            mix: mix,
            recurrentEpochs: paths[0].epoch,
            linearEpochs: paths[1].epoch,
            heldOut: HeldOutAnswers(
                splits: splits,
                labels: held.labels,
                probabilities: held.probabilities(
                    logits[0],
                    mix.recurrent,
                    logits[1],
                    mix.linear
                ),
                classCount: classCount
            ),
            curves: zip(["recurrent", "linear"], paths).filter { !$1.curve.isEmpty }
                .map { LossCurve(path: $0, points: $1.curve) },
            isComplete: isComplete
        )
    }
}
