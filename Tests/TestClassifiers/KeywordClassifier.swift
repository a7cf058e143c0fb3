public import Model

/// A classifier whose answer is the label of the last word; of an unknown one it knows nothing.
public enum KeywordClassifier {
    /// Makes one.
    ///
    /// - Parameters:
    ///   - labels: the labels in order.
    ///   - words: the label of each word.
    ///   - strength: the logit of that label; the others have 0.
    /// - Returns: The classifier.
    /// - Throws: If the parts do not fit.
    public static func make(
        _ labels: [String],
        words: KeyValuePairs<String, String>,
        strength: Float = 4
    ) throws -> TextClassifier {
        try TextClassifier(checkpoint(labels, words: words, strength: strength))
    }

    /// Makes the checkpoint of such a classifier; see `make`.
    public static func checkpoint(
        _ labels: [String],
        words: KeyValuePairs<String, String>,
        strength: Float = 4
    ) throws -> Checkpoint {
        let hidden = labels.count
        // tanh(20) is 1 in single precision.
        var w1 = [Float](repeating: 0, count: hidden)
        for (_, label) in words { w1 += labels.map { $0 == label ? 20 : 0 } }
        let w3 = labels.indices.flatMap { row in
            labels.indices.map { $0 == row ? strength : 0 }
        }
        return Checkpoint(
            model: "keywords",
            architecture: Architecture(hiddenSize: hidden),
            labels: labels,
            vocabulary: try Vocabulary(words: [Vocabulary.unknownWord] + words.map(\.key)),
            training: TrainingRecord(
                rows: 1,
                dataDigest: String(repeating: "0", count: 64),
                options: TrainingOptions(recipe: .article),
                train: .init(rows: 1, accuracy: 1, macroF1: 1, loss: 0)
            ),
            tensors: [
                "w1": Tensor(shape: [words.count + 1, hidden], values: w1),
                "w2": Tensor(
                    shape: [hidden, hidden],
                    values: Array(repeating: 0, count: hidden * hidden)
                ),
                "b2": Tensor(shape: [hidden], values: Array(repeating: 0, count: hidden)),
                "w3": Tensor(shape: [hidden, hidden], values: w3),
                "b3": Tensor(shape: [hidden], values: Array(repeating: 0, count: hidden)),
            ]
        )
    }
}
