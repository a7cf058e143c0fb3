/// Text in, label probabilities out: one checkpoint, ready to serve.
///
/// Immutable, so that any number of threads share one; each brings its own scratch.
public struct TextClassifier: Sendable {
    /// The name of the model.
    public let model: String
    /// The labels, in the order of the probabilities.
    public let labels: [String]
    /// How text becomes tokens.
    public let tokenizer: Tokenizer
    /// The words that the model knows.
    public let vocabulary: Vocabulary

    private let network: ElmanNetwork
    private let inverseTemperature: Float

    /// Prepares a checkpoint for serving.
    ///
    /// - Throws: `CheckpointError` if the checkpoint's parts do not fit each other.
    public init(_ checkpoint: Checkpoint) throws(CheckpointError) {
        try checkpoint.validate(source: checkpoint.model)
        model = checkpoint.model
        labels = checkpoint.labels
        tokenizer = checkpoint.tokenizer
        vocabulary = checkpoint.vocabulary
        inverseTemperature = Float(1 / checkpoint.temperature)
        network = ElmanNetwork(
            ElmanParameters(
                tensors: checkpoint.tensors,
                vocabularySize: checkpoint.vocabulary.count,
                hiddenSize: checkpoint.architecture.hiddenSize,
                classCount: checkpoint.labels.count
            )
        )
    }

    /// Allocates the working memory of one thread.
    public func makeScratch() -> ClassifierScratch {
        ClassifierScratch(
            classCount: labels.count,
            workspaceCount: network.workspaceCount,
            maximumTokens: tokenizer.maximumTokens
        )
    }

    /// Classifies one text; its probabilities are then in `scratch.probabilities`.
    ///
    /// - Parameters:
    ///   - utf8: the text. It should be valid UTF-8; malformed bytes count as U+FFFD.
    ///   - scratch: memory made by this classifier's `makeScratch`, used by one thread at a time.
    /// - Returns: The most probable label, its probability, and what was read.
    /// - Complexity: O(bytes + tokens · hiddenSize²); allocates nothing once the scratch is warm.
    public func classify(
        utf8: UnsafeBufferPointer<UInt8>,
        scratch: ClassifierScratch
    ) -> Prediction {
        scratch.enter(classCount: labels.count, workspaceCount: network.workspaceCount)
        defer { scratch.leave() }
        tokenizer.tokenize(utf8, into: &scratch.tokens)
        let tokenCount = scratch.tokens.count
        var unknownCount = 0
        for index in 0..<tokenCount {
            let word = vocabulary.index(of: scratch.tokens[index])
            scratch.words[index] = word
            unknownCount += word == Vocabulary.unknownIndex ? 1 : 0
        }
        // An empty text is one unknown word, as in training.
        if tokenCount == 0 { scratch.words[0] = Vocabulary.unknownIndex }
        network.logits(
            of: UnsafeBufferPointer(start: scratch.words, count: max(tokenCount, 1)),
            workspace: scratch.workspace,
            into: scratch.outputs
        )
        let best = probabilities(in: scratch.outputs)
        return Prediction(
            labelIndex: best,
            score: scratch.outputs[best],
            tokenCount: tokenCount,
            unknownCount: unknownCount,
            isTruncated: scratch.tokens.isTruncated
        )
    }

    /// Classifies one text with memory of its own: simpler, and slower.
    public func classify(_ text: String) -> (prediction: Prediction, probabilities: [Float]) {
        let scratch = makeScratch()
        var text = text
        let prediction = text.withUTF8 { classify(utf8: $0, scratch: scratch) }
        return (prediction, Array(scratch.probabilities))
    }

    /// Turns logits into probabilities in place and returns the index of the largest; of equals,
    /// the first.
    private func probabilities(in values: UnsafeMutableBufferPointer<Float>) -> Int {
        if inverseTemperature != 1 {
            for index in values.indices { values[index] *= inverseTemperature }
        }
        softmax(values)
        var best = 0
        for index in values.indices where values[index] > values[best] { best = index }
        return best
    }
}
