public import Model

/// A classifier that gives a text every label of which it has a word; of none it knows nothing.
public enum TagClassifier {
    /// Makes one.
    ///
    /// - Parameters:
    ///   - labels: the labels in order.
    ///   - words: the label of each word; an empty one for a word of no label.
    /// - Returns: The classifier.
    /// - Throws: If the parts do not fit.
    public static func make(
        _ labels: [String],
        words: KeyValuePairs<String, String>
    ) throws -> TextClassifier {
        try TextClassifier(checkpoint(labels, words: words))
    }

    /// Makes the checkpoint of such a classifier; see `make`.
    public static func checkpoint(
        _ labels: [String],
        words: KeyValuePairs<String, String>
    ) throws -> Checkpoint {
        // The features of a text have length 1, so of nine words each still has a third of 12.
        let linear = words.flatMap { word in labels.map { $0 == word.value ? Float(12) : 0 } }
        return Checkpoint(
            model: "tags",
            architecture: Architecture(
                network: .mixed(MixedShape(recurrent: nil, featureCount: words.count)),
                output: .multi
            ),
            labels: labels,
            vocabulary: try Vocabulary(words: [Vocabulary.unknownWord] + words.map(\.key)),
            features: FeatureLists(
                subwords: [],
                unigrams: (1...words.count).map(Int32.init),
                bigrams: [],
                ngrams: [],
                inverseFrequencies: words.map { _ in 1 }
            ),
            calibration: Calibration(
                recurrent: 0,
                linear: 1,
                bias: labels.map { _ in -2 },
                thresholds: labels.map { _ in 0.5 }
            ),
            training: TrainingRecord(
                rows: 10,
                labelRows: labels.map { _ in 3 },
                dataDigest: String(repeating: "0", count: 64),
                options: TrainingOptions(recipe: .linear).planning(objective: .micro),
                train: .init(rows: 10, accuracy: 1, macroF1: 1, loss: 0, microF1: 1)
            ),
            tensors: ["linear": Tensor(shape: [words.count, labels.count], values: linear)]
        )
    }
}
