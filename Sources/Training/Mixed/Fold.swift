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

    init(_ trainer: MixedTrainer, training: [Int], heldOut: [Int]) {
        self.trainer = trainer
        let builder = DictionaryBuilder(
            textCount: training.count,
            classCount: trainer.classCount
        )
        let lookup = builder.build(trainer.texts, rows: training)
        self.lookup = lookup
        trained = EncodedTexts(trainer.texts, rows: training, lookup: lookup)
        self.heldOut = EncodedTexts(trainer.texts, rows: heldOut, lookup: lookup)
        trainedLabels = training.map { trainer.labels[$0] }
        let options = trainer.options
        shape = RecurrentShape(
            cell: options.cell,
            directions: 2,
            inputSize: options.hiddenSize,
            hiddenSize: options.hiddenSize,
            pooling: options.pooling,
            outputHiddenSize: options.outputHiddenSize,
            classCount: trainer.classCount,
            wordCount: lookup.embeddedCount,
            subwordCount: lookup.lists.subwords.count
        )
    }

    /// A trainer of a path, fresh but for the weights that `transfer` has; nil if the options leave
    /// the path out.
    func trainer(
        _ path: NetworkPath,
        schedule: Schedule,
        team: WorkerTeam,
        transfer: WeightTransfer? = nil
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
                team: team
            ) { transfer?.fill(recurrent: $0, shape: shape, lookup: lookup) }
        case .linear:
            guard options.hasLinearPath else { return nil }
            return LinearPathTrainer(
                texts: trained,
                labels: trainedLabels,
                classCount: trainer.classCount,
                head: options.head,
                featureCount: lookup.lists.featureCount,
                schedule: schedule,
                seed: options.seed,
                transfer: transfer.map { transfer in
                    { transfer.fill(linear: $0, lookup: lookup) }
                }
            )
        }
    }

    /// What is answered to the held-out rows, (rows × classes): nil for a row that the network
    /// reads, the shares of the labels for one of which it knows nothing, as in service.
    func priors(_ mix: Mix) -> [[Float]?] {
        var shares = [Float](repeating: 0, count: trainer.classCount)
        for label in trainedLabels { shares[label] += 1 / Float(trainedLabels.count) }
        return (0..<heldOut.count).map { heldOut.isKnown($0, to: mix) ? nil : shares }
    }
}
