internal import Evaluation
internal import Examples
internal import Judgement
internal import Model
internal import Optimization

/// Runs a plan whose recipe trains a mixed network.
struct MixedRun {
    let plan: TrainingPlan
    let data: TrainingData
    let observer: TrainingObserver

    /// The network and what the record tells of it.
    func run() throws(TrainingError) -> TrainedNetwork {
        var options = MixedOptions(
            plan.options,
            keepsBest: plan.keepsBest,
            repeatsMeasuring: plan.measuresHeldOut
        )
        options.head = data.head
        let (texts, labels, strata) = (data.texts, data.labelOfRow, data.strata)
        let rows = Array(plan.rows.training)
        let (regime, start) = start(evidencePlan(texts, strata, rows: rows))
        let cuts = regime.cuts(options.cuts(rows: rows.count)) { cut in
            let salt = EvidencePlan.salt(model: plan.model, cut: cut)
            return Partition(texts: texts, labels: strata, rows: rows, salt: salt)
                .folds(EvidencePlan.folds)
        }
        let refits = refits(regime)
        let epochs =
            regime.isCrossValidation
            ? options.epochs(fewRows: rows.count, classes: data.labels.count)
            : options.epochs
        let trainer = MixedTrainer(
            texts: texts,
            labels: labels,
            strata: strata,
            classCount: data.labels.count,
            options: options,
            monitor: RunMonitor(observer: observer),
            vectors: plan.vectors,
            vectorWeight: vectorWeight,
            rule: FeatureRule(
                rows: rows.count,
                classes: data.labels.count,
                isMulti: options.isMulti
            ),
            unlabelled: Array(data.unlabelled)
        )
        do {
            let weights =
                switch regime {
                case .crossValidation:
                    try trainer.trainCrossValidated(rows: rows, cuts: cuts)
                case .heldOut(let split):
                    try trainer.trainWithHeldOut(
                        split,
                        kind: plan.rows.development.isEmpty ? .heldOut : .given,
                        transfer: start.transfer,
                        refits: refits
                    )
                }
            if weights.isComplete { trainer.monitor.end() }
            var network = try network(weights, regime)
            network.options = plan.options.planning(epochs: epochs)
            if options.isMulti {
                network.options = network.options.planning(objective: options.objective)
            }
            network.languageModel = weights.languageModel
            network.unlabelled = weights.unlabelled
            network.warmStart = start.outcome
            if case .from(let version)? = start.outcome {
                network.choice? += "; begun with the weights of version \(version)"
            }
            return network
        } catch let error as TrainingError {
            throw error
        } catch {
            throw .stopped(epoch: trainer.monitor.epoch)
        }
    }

    /// The length of a text's mean word vector beside the features of the linear path: with few
    /// rows it says more than they do (RECIPE).
    private var vectorWeight: Float { plan.rows.training.count < 2000 ? 2 : 1 }

    /// The weights as a checkpoint holds them.
    func network(
        _ weights: MixedWeights,
        _ regime: EvidencePlan
    ) throws(TrainingError) -> TrainedNetwork {
        // A path that the mix leaves out is not kept.
        let hasRecurrent = weights.mix.recurrent > 0
        let hasLinear = weights.mix.linear > 0
        var weights = weights
        var lists = weights.lookup.lists
        if hasLinear {
            let most = DictionaryBuilder.mostKept(classCount: data.labels.count)
            (lists, weights.linear) = weights.mostImportant(most)
        }
        if !hasRecurrent { lists.subwords = [] }
        if !hasLinear { lists = lists.subwordsAlone }
        let architecture = Architecture(
            network: .mixed(
                MixedShape(
                    recurrent: hasRecurrent ? weights.shape : nil,
                    featureCount: lists.featureCount,
                    vectorSize: weights.shape.vectorSize
                )
            ),
            output: data.output
        )
        let tensors = tensors(weights, featureCount: lists.featureCount)
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
            vectors: weights.lookup.vectors,
            calibration: Calibration(
                recurrent: Double(weights.mix.recurrent),
                linear: Double(weights.mix.linear),
                bias: weights.offsets.map { Double(weights.mix.linear * $0) },
                thresholds: weights.thresholds.map { Double($0) }
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
            choice: choice(weights, regime),
            curves: weights.curves,
            fittedRows: weights.fittedRows,
            evidence: weights.evidence
        )
    }

    /// The tensors of the paths that are kept.
    private func tensors(_ weights: MixedWeights, featureCount: Int) -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        if weights.mix.recurrent > 0 {
            for slot in RecurrentLayout(weights.shape).slots {
                tensors[slot.name] = Tensor(
                    shape: [slot.rows, slot.columns],
                    values: Array(weights.recurrent[slot.offset..<(slot.offset + slot.count)])
                ).compacted()
            }
        }
        if weights.mix.linear > 0 {
            let end = featureCount * data.labels.count
            tensors["linear"] = Tensor(
                shape: [featureCount, data.labels.count],
                values: Array(weights.linear[..<end])
            ).compacted()
            if weights.shape.vectorSize > 0 {
                // In service the mean vector has length 1.
                tensors["linear.vectors"] = Tensor(
                    shape: [weights.shape.vectorSize, data.labels.count],
                    values: weights.linear[end...].map { vectorWeight * $0 }
                )
            }
        }
        return tensors
    }

    /// What was chosen and why, in a sentence.
    private func choice(_ weights: MixedWeights, _ regime: EvidencePlan) -> String {
        let recurrent = weights.shape.cell?.rawValue ?? "mlp"
        let committee = weights.committee ?? Committee(paths: weights.mix)
        let paths = [
            committee.mix.recurrent > 0
                ? "\(recurrent) of \(weights.recurrentEpochs) epochs × "
                    + "\(decimal(committee.mix.recurrent))"
                : nil,
            committee.mix.linear > 0
                ? "linear of \(weights.linearEpochs) epochs × \(decimal(committee.mix.linear))"
                : nil,
            committee.margin > 0
                ? "support vector machines\(committee.hasBias ? " with a constant" : "") × "
                    + "\(decimal(committee.margin)) in the linear path"
                : nil,
        ].compactMap(\.self).joined(separator: " + ")
        let reason =
            switch regime {
            case _ where !weights.isComplete: "stopped before the end"
            case .crossValidation:
                "fixed schedule, mixed by \(EvidencePlan.folds)-fold cross-validation, because a "
                    + "tenth of the rows would be fewer than \(EvidencePlan.leastHeldOutRows) "
                    + "or miss labels"
            case .heldOut(let split):
                "stopped and mixed by the loss on \(split.heldOut.count) "
                    + (plan.rows.development.isEmpty
                        ? "rows held out of these" : "development rows")
                    + (weights.isRefitted ? ", which were then learnt too" : "")
            }
        let learnt = weights.unlabelled.map { "; \($0)" } ?? ""
        let begun =
            weights.languageModel.map { $0.isUsed ? "; \($0)" : "" } ?? ""
        return "\(paths); \(reason)\(begun)\(learnt)"
    }

    private func decimal(_ value: Float) -> String {
        "\((Double(value) * 1000).rounded() / 1000)"
    }

    /// Which rows train, and which stop and mix; rows are numbered through both lists of the plan.
    private func evidencePlan(
        _ texts: TokenizedTexts,
        _ labels: [Int],
        rows: [Int]
    ) -> EvidencePlan {
        let regime = EvidencePlan(
            texts: texts,
            labels: labels,
            rows: rows,
            model: plan.model
        )
        guard case .heldOut = regime, !plan.rows.development.isEmpty else { return regime }
        return .heldOut(RowSplit(training: rows, heldOut: Array(plan.rows.development)))
    }

    /// Whether held-out rows are learnt in the end.
    ///
    /// A warm start needs rows that the weights before it have not learnt, so where one was asked
    /// for they stay apart.
    private func refits(_ regime: EvidencePlan) -> Bool {
        !regime.isCrossValidation && plan.rows.development.isEmpty
            && !plan.warmStart.isAsked
            && plan.rows.training.count <= MixedTrainer.mostRowsToRefit
    }

    /// What a warm start makes of it, and what to tell of it.
    private func start(
        _ regime: EvidencePlan
    ) -> (regime: EvidencePlan, start: (transfer: WeightTransfer?, outcome: WarmStart.Outcome?)) {
        guard let start = plan.warmStart.version else { return (regime, (nil, nil)) }
        func cold(_ reason: String) -> (EvidencePlan, (WeightTransfer?, WarmStart.Outcome?)) {
            (regime, (nil, .cold(version: start.version, reason: reason)))
        }
        guard case .heldOut(let split) = regime else {
            return cold(
                "with so few rows a label, cross-validation needs networks that have not learnt "
                    + "them"
            )
        }
        guard let transfer = WeightTransfer(from: start.checkpoint, labels: data.labels) else {
            return cold("the weights of the article's network do not fit another one")
        }
        guard start.checkpoint.architecture.output == data.output else {
            return cold("one of both gives a text several labels, the other gives it one")
        }
        guard let learnt = start.learnt else {
            return cold("which rows it has learnt is not known, so none could be held out fairly")
        }
        // What its weights know by heart would be scored as if it were new.
        var numbers = TextNumbers(plan.rows.all)
        let known = Set(learnt.map { numbers.number(of: $0.text) })
        var warm = split
        warm.heldOut.removeAll { known.contains(numbers.rows[$0]) }
        let dropped = Set(split.heldOut).subtracting(warm.heldOut)
        // Development rows only measure; others may be learnt.
        warm.training = (split.training + dropped.filter(plan.rows.training.contains)).sorted()
        guard warm.heldOut.count * 2 >= split.heldOut.count else {
            return cold(
                "it has learnt most of the rows that are held out; versions that are trained with "
                    + "warm_start keep them apart"
            )
        }
        return (.heldOut(warm), (transfer, .from(version: start.version)))
    }
}

extension EvidencePlan {
    fileprivate var isCrossValidation: Bool {
        if case .crossValidation = self { true } else { false }
    }

    /// The ways in which rows go round: that of the plan, and further ones, `count` in all.
    fileprivate func cuts(_ count: Int, folds: (_ cut: Int) -> [RowSplit]) -> [[RowSplit]] {
        guard case .crossValidation(let first) = self, !first.isEmpty else { return [] }
        return [first] + (1..<max(count, 1)).map(folds)
    }
}

extension Float {
    /// Whether a checkpoint may hold this weight.
    fileprivate var isUsable: Bool { abs(self) <= Checkpoint.maximumWeight }
}
