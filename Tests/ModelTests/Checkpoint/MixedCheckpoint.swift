import Model

/// A small mixed network: random weights, every kind of list, every pooling.
enum MixedCheckpoint {
    private typealias Bigram = FeatureLists.Bigram

    static let words = ["<unk>", "good", "bad", "not", "film", "'tis"]

    private static let lists = FeatureLists(
        subwords: ["<go", "ood", "fil", "ilm>"],
        unigrams: [1, 2, 3, 4],
        bigrams: [Bigram(3, 1), Bigram(Bigram.boundary, 3), Bigram(4, Bigram.boundary)],
        ngrams: ["go", "<b", "ad>", "il"],
        inverseFrequencies: [1, 1.5, 2, 1.25, 3, 2, 1, 1, 1.125, 2, 1]
    )

    static func make(
        cell: CellKind? = .gru,
        directions: Int = 2,
        hasLinear: Bool = true,
        outputHiddenSize: Int = 0,
        output: OutputKind = .oneLabel
    ) throws -> Checkpoint {
        let shape = RecurrentShape(
            cell: cell,
            directions: directions,
            inputSize: 5,
            hiddenSize: 4,
            pooling: cell == nil ? [.inputs] : [.attention, .mean, .max, .last, .inputs],
            outputHiddenSize: outputHiddenSize,
            classCount: 3,
            wordCount: 4,
            subwordCount: lists.subwords.count
        )
        let architecture = Architecture(
            network: .mixed(
                MixedShape(recurrent: shape, featureCount: hasLinear ? lists.featureCount : 0)
            ),
            output: output
        )
        var generator = SplitMix64(seed: 3)
        var tensors: [String: Tensor] = [:]
        let shapes = architecture.tensorShapes(vocabularySize: words.count, classCount: 3)
        for (name, shape) in shapes {
            let count = shape.reduce(1, *)
            tensors[name] = Tensor(
                shape: shape,
                values: (0..<count).map { _ in Float(generator.unit() * 2 - 1) }
            )
        }
        if let linear = tensors["linear"] {
            tensors["linear"] = linear.rounded(toMultiplesOf: 0.01)
        }
        return Checkpoint(
            model: "films",
            architecture: architecture,
            labels: ["bad", "good", "mixed"],
            vocabulary: try Vocabulary(words: words),
            features: hasLinear
                ? lists
                : FeatureLists(
                    subwords: lists.subwords,
                    unigrams: [],
                    bigrams: [],
                    ngrams: [],
                    inverseFrequencies: []
                ),
            calibration: Calibration(
                recurrent: 0.75,
                linear: hasLinear ? 1.25 : 0,
                bias: output == .multi ? [-0.5, 0.25, 0] : [],
                thresholds: output == .multi ? [0.5, 0.25, 0.9] : []
            ),
            training: record(output),
            tensors: tensors
        )
    }

    private static func record(_ output: OutputKind) -> TrainingRecord {
        TrainingRecord(
            rows: 9,
            dataDigest: String(repeating: "0123456789abcdef", count: 4),
            options: TrainingOptions(),
            train: .init(
                rows: 9,
                accuracy: 1,
                macroF1: 1,
                loss: 0.1,
                microF1: output == .multi ? 1 : nil
            )
        )
    }
}
