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

    /// The same with letters of scripts without spaces, words with one between, and first words.
    private static let furtherLists = FeatureLists(
        subwords: lists.subwords,
        unigrams: lists.unigrams,
        bigrams: lists.bigrams,
        ngrams: lists.ngrams,
        runs: ["中文", "文字", "中文字", "ก็ดี"],
        skipBigrams: [Bigram(3, 4), Bigram(4, 4), Bigram(1, 3)],
        openings: [.init(3), .init(3, 1), .init(4), .init(4, 4, 4), .init(1, 4)],
        inverseFrequencies: lists.inverseFrequencies
            + [1, 2, 1.5, 3, 1.25, 1, 2, 1, 1.5, 1, 2, 3]
    )

    static func make(
        cell: CellKind? = .gru,
        directions: Int = 2,
        hasLinear: Bool = true,
        hasFurther: Bool = false,
        outputHiddenSize: Int = 0,
        output: OutputKind = .oneLabel
    ) throws -> Checkpoint {
        let lists = hasFurther ? furtherLists : lists
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
