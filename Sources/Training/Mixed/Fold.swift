internal import Model
internal import Optimization

/// One split of the texts: a dictionary of its training part, and both parts in its numbers.
struct Fold {
    let trainer: MixedTrainer
    let lookup: FeatureLookup
    let shape: RecurrentShape
    let trained: EncodedTexts
    let heldOut: EncodedTexts
    let trainedLabels: [Int]
    /// Where texts may have several labels: the log-odds of each among the texts to learn from, at
    /// which its logits begin; else empty.
    let offsets: [Float]
    /// What the linear path learns: the same, or further texts with the labels that were guessed.
    let linearTexts: EncodedTexts
    let linearLabels: [Int]
    /// What each of these counts; empty where all count as much.
    let linearWeights: [Float]

    init(
        _ trainer: MixedTrainer,
        training: [Int],
        heldOut: [Int],
        pseudo: PseudoLabels? = nil,
        reads: [Int] = []
    ) {
        self.trainer = trainer
        let meanLength = trainer.texts.meanLength(of: training)
        var builder = DictionaryBuilder(
            textCount: training.count,
            meanLength: meanLength,
            classCount: trainer.classCount
        )
        builder.vectors = trainer.vectors
        builder.rule = trainer.rule
        let others = pseudo?.rows ?? []
        if !others.isEmpty {
            builder.countFeatures(
                textCount: training.count + others.count,
                meanLength: meanLength,
                classCount: trainer.classCount
            )
        }
        if !reads.isEmpty {
            builder.readWords(
                textCount: training.count + reads.count,
                classCount: trainer.classCount
            )
        }
        let lookup = builder.build(trainer.texts, rows: training, others: others, reads: reads)
        self.lookup = lookup
        trained = EncodedTexts(
            trainer.texts,
            rows: training,
            lookup: lookup,
            vectorWeight: trainer.vectorWeight
        )
        self.heldOut = EncodedTexts(
            trainer.texts,
            rows: heldOut,
            lookup: lookup,
            vectorWeight: trainer.vectorWeight
        )
        trainedLabels = training.map { trainer.labels[$0] }
        offsets = trainer.options.isMulti ? Fold.logOdds(trainer, trainedLabels) : []
        linearLabels = trainedLabels + (pseudo?.labels ?? [])
        linearWeights =
            others.isEmpty
            ? []
            : training.map { _ in 1 } + others.map { _ in PseudoLabels.weight }
        linearTexts =
            others.isEmpty
            ? trained
            : EncodedTexts(
                trainer.texts,
                rows: training + others,
                lookup: lookup,
                vectorWeight: trainer.vectorWeight
            )
        shape = trainer.options.shape(lookup, classCount: trainer.classCount)
    }

    /// A trainer of a path, fresh but for the weights that `transfer` or `start` has; nil if the
    /// options leave the path out.
    func trainer(
        _ path: NetworkPath,
        schedule: Schedule,
        team: WorkerTeam,
        transfer: WeightTransfer? = nil,
        start: LanguageModelStart? = nil
    ) -> (any PathTrainer)? {
        let options = trainer.options
        switch path {
        case .recurrent:
            guard options.hasRecurrentPath else { return nil }
            return RecurrentPathTrainer(
                shape: shape,
                texts: trained,
                labels: trainedLabels,
                head: options.head,
                schedule: schedule,
                seed: options.seed,
                team: team,
                vectors: lookup.vectors
            ) { parameters in
                let bias = RecurrentLayout(shape).outputBias.offset
                for (label, value) in offsets.enumerated() { parameters[bias + label] = value }
                transfer?.fill(recurrent: parameters, shape: shape, lookup: lookup)
                start?.fill(parameters, shape: shape, lookup: lookup)
            }
        case .linear:
            guard options.hasLinearPath else { return nil }
            return LinearPathTrainer(
                texts: linearTexts,
                labels: linearLabels,
                weights: linearWeights,
                classCount: trainer.classCount,
                head: options.head,
                featureCount: trained.inputCount,
                offsets: offsets,
                scalesSteps: trainer.rule.scalesSteps,
                schedule: schedule,
                seed: options.seed,
                transfer: transfer.map { transfer in
                    { transfer.fill(linear: $0, lookup: lookup) }
                }
            )
        }
    }

    /// The log-odds of each label, with half a text more on both sides.
    private static func logOdds(_ trainer: MixedTrainer, _ targets: [Int]) -> [Float] {
        var rows = [Double](repeating: 0.5, count: trainer.classCount)
        for target in targets {
            for label in trainer.options.head.labels(of: target) { rows[label] += 1 }
        }
        let all = Double(targets.count + 1)
        return rows.map { Float(($0 / (all - $0)).naturalLogarithm) }
    }

    /// What is answered to the held-out rows, (rows × classes): nil for a row that the network
    /// reads, the shares of the labels for one of which it knows nothing, as in service.
    func priors(_ mix: Mix) -> [[Float]?] {
        var shares = [Float](repeating: 0, count: trainer.classCount)
        for target in trainedLabels {
            for label in trainer.options.head.labels(of: target) {
                shares[label] += 1 / Float(trainedLabels.count)
            }
        }
        return (0..<heldOut.count).map { heldOut.isKnown($0, to: mix) ? nil : shares }
    }
}
