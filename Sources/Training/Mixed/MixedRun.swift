internal import Evaluation
internal import Examples
internal import Model

/// Runs a plan whose recipe trains a mixed network.
struct MixedRun {
    let plan: TrainingPlan
    let data: TrainingData
    let observer: TrainingObserver

    /// The network and what the record tells of it.
    func run() throws(TrainingError) -> TrainedNetwork {
        let options = MixedOptions(
            plan.options,
            keepsBest: plan.keepsBest,
            repeatsMeasuring: plan.measuresHeldOut
        )
        let isFew = plan.examples.count < MixedTrainer.fewRows
        let texts = TokenizedTexts(
            (plan.examples + plan.development).map(\.text),
            tokenizer: data.tokenizer
        )
        let (split, warmth) = warm(try split(isFew: isFew), isFew: isFew)
        let folds = MixedTrainer.folds * options.cuts(rows: plan.examples.count)
        let tasks = (isFew ? folds + 1 : 1) * options.pathCount
        let epochs =
            isFew
            ? options.epochs(fewRows: plan.examples.count, classes: data.labels.count)
            : options.epochs
        let trainer = MixedTrainer(
            texts: texts,
            labels: data.training.labels + (data.development?.labels ?? []),
            classCount: data.labels.count,
            options: options,
            monitor: RunMonitor(tasks: tasks, epochs: epochs, observer: observer)
        )
        do {
            let weights =
                isFew
                ? try trainer.trainCrossValidated(rows: split.training)
                : try trainer.trainWithHeldOut(split, transfer: warmth.transfer)
            if weights.isComplete { trainer.monitor.end() }
            var network = try network(weights, split: split, isFew: isFew)
            network.options = plan.options.planning(epochs: epochs)
            network.warmth = warmth.told
            if let version = plan.warmStart?.version, warmth.transfer != nil {
                network.choice? += "; begun with the weights of version \(version)"
            }
            return network
        } catch let error as TrainingError {
            throw error
        } catch {
            throw .stopped(epoch: trainer.monitor.epoch)
        }
    }

    /// The weights as a checkpoint holds them.
    private func network(
        _ weights: MixedWeights,
        split: RowSplit,
        isFew: Bool
    ) throws(TrainingError) -> TrainedNetwork {
        // A path that the mix leaves out is not kept.
        let hasRecurrent = weights.mix.recurrent > 0
        let hasLinear = weights.mix.linear > 0
        var lists = weights.lookup.lists
        if !hasRecurrent { lists.subwords = [] }
        if !hasLinear {
            (lists.unigrams, lists.bigrams, lists.ngrams) = ([], [], [])
            lists.inverseFrequencies = []
        }
        let architecture = Architecture(
            network: .mixed(
                MixedShape(
                    recurrent: hasRecurrent ? weights.shape : nil,
                    featureCount: lists.featureCount
                )
            )
        )
        var tensors: [String: Tensor] = [:]
        if hasRecurrent {
            for slot in RecurrentLayout(weights.shape).slots {
                tensors[slot.name] = Tensor(
                    shape: [slot.rows, slot.columns],
                    values: Array(weights.recurrent[slot.offset..<(slot.offset + slot.count)])
                ).compacted()
            }
        }
        if hasLinear {
            tensors["linear"] = Tensor(
                shape: [lists.featureCount, data.labels.count],
                values: weights.linear
            ).compacted()
        }
        if tensors.values.contains(where: { !$0.values.allSatisfy(\.isUsable) }) {
            throw .diverged(
                epoch: max(weights.recurrentEpochs, weights.linearEpochs),
                detail: "a weight is beyond \(Checkpoint.maximumWeight) or not a number"
            )
        }
        return TrainedNetwork(
            architecture: architecture,
            vocabulary: weights.lookup.vocabulary,
            features: lists,
            calibration: Calibration(
                recurrent: Double(weights.mix.recurrent),
                linear: Double(weights.mix.linear)
            ),
            tensors: tensors,
            options: plan.options,
            epochs: weights.curves.map { curve in
                TrainingRecord.Epochs.Path(
                    name: curve.path,
                    run: curve.points.last?.epoch ?? 0,
                    kept: curve.path == "linear" ? weights.linearEpochs : weights.recurrentEpochs
                )
            },
            isComplete: weights.isComplete,
            choice: choice(weights, split: split, isFew: isFew),
            curves: weights.curves,
            heldOut: weights.heldOut
        )
    }

    /// What was chosen and why, in a sentence.
    private func choice(
        _ weights: MixedWeights,
        split: RowSplit,
        isFew: Bool
    ) -> String {
        let recurrent = weights.shape.cell?.rawValue ?? "mlp"
        let paths = [
            weights.mix.recurrent > 0
                ? "\(recurrent) of \(weights.recurrentEpochs) epochs × \(decimal(weights.mix.recurrent))"
                : nil,
            weights.mix.linear > 0
                ? "linear of \(weights.linearEpochs) epochs × \(decimal(weights.mix.linear))" : nil,
        ].compactMap(\.self).joined(separator: " + ")
        let reason =
            !weights.isComplete
            ? "stopped before the end"
            : isFew
                ? "fixed schedule, mixed by \(MixedTrainer.folds)-fold cross-validation, because there "
                    + "are fewer than \(MixedTrainer.fewRows) rows"
                : "stopped and mixed by the loss on \(split.scored.count) "
                    + (plan.development.isEmpty ? "rows held out of these" : "development rows")
        return "\(paths); \(reason)"
    }

    private func decimal(_ value: Float) -> String {
        "\((Double(value) * 1000).rounded() / 1000)"
    }

    /// Which rows train, and which stop and mix; rows are numbered through both lists of the plan.
    private func split(
        isFew: Bool
    ) throws(TrainingError) -> RowSplit {
        let count = plan.examples.count
        let all = Array(0..<count)
        if isFew { return RowSplit(training: all, scored: []) }
        if !plan.development.isEmpty {
            return RowSplit(
                training: all,
                scored: Array(count..<(count + plan.development.count))
            )
        }
        let holdOut = try HoldOut(
            plan.examples,
            fraction: MixedRun.heldOutShare,
            seed: plan.options.seed,
            tokenizer: data.tokenizer
        )
        return RowSplit(training: holdOut.trainingRows, scored: holdOut.heldOutRows)
    }

    /// What a warm start makes of a split, and what to tell of it.
    private func warm(
        _ split: RowSplit,
        isFew: Bool
    ) -> (split: RowSplit, warmth: (transfer: WeightTransfer?, told: Warmth?)) {
        guard let start = plan.warmStart else { return (split, (nil, nil)) }
        func cold(_ reason: String) -> (RowSplit, (WeightTransfer?, Warmth?)) {
            (split, (nil, .cold(version: start.version, reason: reason)))
        }
        if isFew {
            return cold(
                "with fewer than \(MixedTrainer.fewRows) rows, cross-validation needs networks that "
                    + "have not learnt them"
            )
        }
        guard let transfer = WeightTransfer(from: start.checkpoint, labels: data.labels) else {
            return cold("the weights of the article's network do not fit another one")
        }
        guard let learnt = start.learnt else {
            return cold("which rows it has learnt is not known, so none could be held out fairly")
        }
        // What its weights know by heart would be scored as if it were new.
        let known = Set(learnt.map { data.tokenizer.tokens(in: $0.text) })
        let all = plan.examples + plan.development
        var warm = split
        warm.scored.removeAll { known.contains(data.tokenizer.tokens(in: all[$0].text)) }
        let dropped = Set(split.scored).subtracting(warm.scored)
        // Development rows only measure; others may be learnt.
        warm.training = (split.training + dropped.filter { $0 < plan.examples.count }).sorted()
        guard warm.scored.count * 2 >= split.scored.count else {
            return cold("it has learnt most of the rows that are held out")
        }
        return (warm, (transfer, .from(version: start.version)))
    }

    /// The share of many rows that is held out when no development rows are given.
    private static let heldOutShare = 0.1
}

extension Float {
    /// Whether a checkpoint may hold this weight.
    fileprivate var isUsable: Bool { abs(self) <= Checkpoint.maximumWeight }
}
