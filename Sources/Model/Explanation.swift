/// Why a text got its label: exact evidence of each word, and how the answer grew.
public struct Explanation: Sendable, Equatable {
    /// One word as the model saw it.
    public struct Word: Sendable, Equatable {
        /// The token, lower-cased.
        public let token: String
        /// The probability of the answer minus that without this word: exact, not estimated.
        public let evidence: Float
        /// The probability of the answer when the text ends behind this word.
        ///
        /// A trajectory of the network's real states, not an attribution: a recurrent network
        /// may change its mind late without the last word being the reason.
        public let trajectory: Float
        /// Whether the vocabulary has the token.
        public let isKnown: Bool
        /// Where a text may get several labels: the same for each of `labels`; else empty.
        public var byLabel: [Share] = []
    }

    /// What a word does for one label.
    public struct Share: Sendable, Equatable {
        /// As `Word.evidence`, of this label.
        public let evidence: Float
        /// As `Word.trajectory`, of this label.
        public let trajectory: Float
    }

    /// What the classifier says of the whole text.
    public let prediction: Prediction
    /// The indices of the labels that are explained, where a text may get several.
    ///
    /// Those that it got, or without any the most probable one. Empty where a text gets one label.
    public var labels: [Int] = []
    /// The words, in order; of a long text those at its start and its end that a network reads
    /// which takes them one by one.
    public let words: [Word]
}

extension TextClassifier {
    /// Classifies a text once in full, once without each word and once up to each word.
    ///
    /// The probabilities of the whole text are then in `scratch.probabilities`.
    ///
    /// - Parameters:
    ///   - utf8: the text, as for `classify`.
    ///   - scratch: memory made by this classifier's `makeScratch`, used by one thread at a time.
    ///   - isCancelled: asked before each word; whether the explanation is no longer wanted.
    /// - Returns: The explanation, or nil if it is not wanted.
    /// - Complexity: that of `2 · words + 1` classifications.
    public func explain(
        utf8: UnsafeBufferPointer<UInt8>,
        scratch: ClassifierScratch,
        isCancelled: () -> Bool = { false }
    ) -> Explanation? {
        let prediction = classify(utf8: utf8, scratch: scratch)
        let whole = Array(scratch.probabilities)
        let answer = prediction.labelIndex
        var explained: [Int] = []
        if output == .multi {
            explained = answered(scratch.probabilities)
            if explained.isEmpty { explained = [answer] }
        }
        scratch.enter(classCount: labels.count, workspaceCount: workspaceCount)
        defer { scratch.leave() }
        let asked = [answer] + explained
        func probabilities(_ tokens: borrowing TokenBuffer, _ range: Range<Int>) -> [Float] {
            _ = self.answer(to: tokens, range, scratch: scratch)
            return asked.map { scratch.outputs[$0] }
        }
        var variant = TokenBuffer()
        var words: [Explanation.Word] = []
        let sequence = tokenizer.sequence(of: scratch.tokens.count)
        for position in 0..<sequence.count {
            if isCancelled() { return nil }
            let index = sequence[position]
            variant.copy(scratch.tokens, without: index)
            let without = probabilities(variant, 0..<variant.count)
            let until = probabilities(scratch.tokens, 0..<(index + 1))
            words.append(
                Explanation.Word(
                    token: String(decoding: scratch.tokens[index], as: UTF8.self),
                    evidence: whole[answer] - without[0],
                    trajectory: until[0],
                    isKnown: vocabulary.index(of: scratch.tokens[index])
                        != Vocabulary.unknownIndex,
                    byLabel: explained.indices.map { place in
                        Explanation.Share(
                            evidence: whole[explained[place]] - without[place + 1],
                            trajectory: until[place + 1]
                        )
                    }
                )
            )
        }
        for (index, value) in whole.enumerated() { scratch.outputs[index] = value }
        return Explanation(prediction: prediction, labels: explained, words: words)
    }
}
