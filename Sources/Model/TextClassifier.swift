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
    /// What the outputs mean.
    public let output: OutputKind
    /// The least probability with which a text gets a label, in the order of the labels; empty
    /// where a text has one label.
    public let thresholds: [Float]
    /// The proposal of its record: a text of less certainty has none of the labels; nil without
    /// one.
    public let outOfScopeThreshold: Float?

    private let network: Network
    private let prior: Prior
    let head: Head

    /// The two kinds of network in service.
    private enum Network: Sendable {
        /// The article's, and the factor of its logits.
        case article(ElmanNetwork, scale: Float)
        /// Two paths, whose mix is part of it.
        case mixed(MixedNetwork)
    }

    /// Prepares a checkpoint for serving.
    ///
    /// - Throws: `CheckpointError` if the checkpoint's parts do not fit each other.
    public init(_ checkpoint: Checkpoint) throws(CheckpointError) {
        try checkpoint.validate(source: checkpoint.model)
        model = checkpoint.model
        labels = checkpoint.labels
        tokenizer = checkpoint.tokenizer
        vocabulary = checkpoint.vocabulary
        output = checkpoint.architecture.output
        thresholds = checkpoint.calibration.thresholds.map { Float($0) }
        outOfScopeThreshold = checkpoint.training.outOfScope.map { Float($0.threshold) }
        head = Head(checkpoint.architecture.output)
        prior = Prior(
            labelRows: checkpoint.training.labelRows,
            labelCount: labels.count,
            rows: checkpoint.architecture.output == .multi ? checkpoint.training.rows : nil
        )
        switch checkpoint.architecture.network {
        case .article(let hiddenSize):
            network = .article(
                ElmanNetwork(
                    ElmanParameters(
                        tensors: checkpoint.tensors,
                        vocabularySize: checkpoint.vocabulary.count,
                        hiddenSize: hiddenSize,
                        classCount: checkpoint.labels.count
                    )
                ),
                scale: Float(checkpoint.calibration.recurrent)
            )
        case .mixed(let shape):
            network = .mixed(try MixedNetwork(checkpoint, shape: shape))
        }
    }

    /// Allocates the working memory of one thread.
    public func makeScratch() -> ClassifierScratch {
        ClassifierScratch(
            classCount: labels.count,
            workspaceCount: workspaceCount,
            maximumTokens: tokenizer.maximumTokens,
            mixed: mixedNetwork?.makeWorkspace()
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
        scratch.enter(classCount: labels.count, workspaceCount: workspaceCount)
        defer { scratch.leave() }
        tokenizer.tokenize(utf8, into: &scratch.tokens)
        return prediction(scratch)
    }

    /// Classifies one of `texts`, as `classify(utf8:scratch:)` would, without splitting it again.
    ///
    /// - Precondition: `texts` have the classifier's tokenizer.
    package func classify(
        _ texts: TokenizedTexts,
        row: Int,
        scratch: ClassifierScratch
    ) -> Prediction {
        precondition(texts.tokenizer == tokenizer, "Other tokens than the model's")
        scratch.enter(classCount: labels.count, workspaceCount: workspaceCount)
        defer { scratch.leave() }
        scratch.tokens.copy(texts, row: row)
        return prediction(scratch)
    }

    /// What it says of the tokens in `scratch`.
    @inline(__always)
    private func prediction(_ scratch: ClassifierScratch) -> Prediction {
        let tokenCount = scratch.tokens.count
        let (best, reading) = answer(to: scratch.tokens, 0..<tokenCount, scratch: scratch)
        return Prediction(
            labelIndex: best,
            score: scratch.outputs[best],
            tokenCount: reading.tokenCount,
            unknownCount: reading.unknownCount,
            isTruncated: scratch.tokens.isTruncated || reading.tokenCount < tokenCount,
            isKnown: reading.isKnown
        )
    }

    /// Classifies one text with memory of its own: simpler, and slower.
    public func classify(_ text: String) -> (prediction: Prediction, probabilities: [Float]) {
        let scratch = makeScratch()
        var text = text
        let prediction = text.withUTF8 { classify(utf8: $0, scratch: scratch) }
        return (prediction, Array(scratch.probabilities))
    }

    /// The numbers of the labels that pass their thresholds, ascending; where a text has one label,
    /// the most probable one.
    public func answered(_ probabilities: UnsafeBufferPointer<Float>) -> [Int] {
        switch output {
        case .oneLabel: [head.decision(probabilities)]
        case .multi: thresholds.indices.filter { probabilities[$0] >= thresholds[$0] }
        }
    }

    private var mixedNetwork: MixedNetwork? {
        if case .mixed(let mixed) = network { mixed } else { nil }
    }

    /// The width of what a recurrent path gives its output layer; nil without one.
    var pooledWidth: Int? { mixedNetwork?.recurrent?.network.shape.pooledWidth }

    /// The article's network, and the factor of its logits; nil for another one.
    var articleNetwork: (ElmanNetwork, scale: Float)? {
        if case .article(let article, let scale) = network { (article, scale) } else { nil }
    }

    /// Makes probabilities of the logits in the scratch's outputs, or writes those of a text of
    /// which nothing is known.
    ///
    /// - Parameters:
    ///   - scale: the factor of the logits; nil where nothing is known.
    ///   - scratch: has them.
    /// - Returns: the index of the largest, of equals the first.
    func decide(scale: Float?, _ scratch: ClassifierScratch) -> Int {
        if let scale {
            if scale != 1 {
                for index in scratch.outputs.indices { scratch.outputs[index] *= scale }
            }
            head.probabilities(scratch.outputs)
        } else {
            prior.write(to: scratch.outputs)
        }
        return head.decision(UnsafeBufferPointer(scratch.outputs))
    }

    /// The cell of the network and the width of its states; nil for one without recurrence.
    var recurrentCell: (CellKind, Int)? {
        switch network {
        case .article(let article, _): (.elman, article.hiddenSize)
        case .mixed(let mixed): mixed.recurrentCell
        }
    }

    /// Goes through the tokens of a text forward and backward.
    ///
    /// - Parameters:
    ///   - tokens: those in `scratch` that a recurrent network reads, at least one.
    ///   - errorOfLogits: the gradient of the loss with respect to the logits.
    ///   - scratch: has the tokens.
    /// - Returns: the steps of each direction.
    func unroll(
        _ tokens: TokenSequence,
        errorOfLogits: [Float],
        scratch: ClassifierScratch
    ) -> [[UnrolledStep]] {
        switch network {
        case .article(let article, let scale):
            let words = (0..<tokens.count).map { vocabulary.index(of: scratch.tokens[tokens[$0]]) }
            return [article.unroll(words, errorOfLogits: errorOfLogits.map { $0 * scale })]
        case .mixed(let mixed):
            return mixed.unroll(scratch.tokens, tokens, errorOfLogits: errorOfLogits)
        }
    }

    /// Floats of workspace that the article's network needs.
    var workspaceCount: Int {
        if case .article(let article, _) = network { article.workspaceCount } else { 0 }
    }

    /// Writes the probabilities for some tokens to the scratch's outputs.
    ///
    /// - Returns: The index of the largest, of equals the first, and what was read.
    func answer(
        to tokens: borrowing TokenBuffer,
        _ range: Range<Int>,
        scratch: ClassifierScratch
    ) -> (best: Int, reading: Reading) {
        let reading = logits(of: tokens, range, scratch: scratch)
        if reading.isKnown {
            head.probabilities(scratch.outputs)
        } else {
            // What the network says of nothing is an accident of its weights.
            prior.write(to: scratch.outputs)
        }
        return (head.decision(UnsafeBufferPointer(scratch.outputs)), reading)
    }

    /// Writes the logits of some tokens to the scratch's outputs.
    private func logits(
        of tokens: borrowing TokenBuffer,
        _ range: Range<Int>,
        scratch: ClassifierScratch
    ) -> Reading {
        switch network {
        case .article(let article, let scale):
            return articleLogits(article, scale: scale, of: tokens, range, scratch: scratch)
        case .mixed(let mixed):
            guard let workspace = scratch.mixed else {
                preconditionFailure("The scratch was made by another classifier")
            }
            return mixed.logits(
                of: tokens,
                range: range,
                workspace: workspace,
                into: scratch.outputs
            )
        }
    }

    private func articleLogits(
        _ article: ElmanNetwork,
        scale: Float,
        of tokens: borrowing TokenBuffer,
        _ range: Range<Int>,
        scratch: ClassifierScratch
    ) -> Reading {
        let sequence = tokenizer.sequence(of: range.count)
        var reading = Reading(tokenCount: sequence.count)
        for position in 0..<sequence.count {
            let word = vocabulary.index(of: tokens[range.lowerBound + sequence[position]])
            scratch.words[position] = word
            reading.unknownCount += word == Vocabulary.unknownIndex ? 1 : 0
        }
        reading.isKnown = reading.unknownCount < reading.tokenCount
        // An empty text is one unknown word, as in training.
        if range.isEmpty { scratch.words[0] = Vocabulary.unknownIndex }
        article.logits(
            of: UnsafeBufferPointer(start: scratch.words, count: max(sequence.count, 1)),
            workspace: scratch.workspace,
            into: scratch.outputs
        )
        if scale != 1 {
            for index in scratch.outputs.indices { scratch.outputs[index] *= scale }
        }
        return reading
    }
}

extension MixedNetwork {
    /// Puts the network of a checkpoint together, which passed `Checkpoint.validate`.
    fileprivate convenience init(
        _ checkpoint: Checkpoint,
        shape: MixedShape
    ) throws(CheckpointError) {
        guard let lists = checkpoint.features,
            let lookup = FeatureLookup(
                vocabulary: checkpoint.vocabulary,
                embeddedCount: shape.recurrent?.wordCount ?? 1,
                lists: lists,
                vectors: checkpoint.vectors
            )
        else {
            throw CheckpointError(
                source: checkpoint.model,
                field: "/features",
                problem: .repeated("an entry of a list")
            )
        }
        var parameters: [Float] = []
        if let layout = shape.recurrent.map(RecurrentLayout.init) {
            parameters.reserveCapacity(layout.count)
            for slot in layout.slots { parameters += checkpoint.tensors[slot.name]?.values ?? [] }
        }
        self.init(
            lookup: lookup,
            tokenizer: checkpoint.tokenizer,
            shape: shape.recurrent ?? .none(classCount: checkpoint.labels.count),
            recurrent: parameters,
            linear: checkpoint.tensors["linear"]?.values ?? [],
            vectorRows: checkpoint.tensors["linear.vectors"]?.values ?? [],
            mix: (
                recurrent: Float(checkpoint.calibration.recurrent),
                linear: Float(checkpoint.calibration.linear)
            ),
            bias: checkpoint.calibration.bias.map { Float($0) }
        )
    }
}
