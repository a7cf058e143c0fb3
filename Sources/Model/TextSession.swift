/// What a network that reads in one direction has read of a text that comes in pieces.
///
/// The answer to a piece is exactly the answer to all pieces at once. So the text behind the last
/// white space is kept until it is known to be whole words, and of a long text the last words are
/// kept, because the network reads its start and its end.
public struct TextSession: Sendable {
    /// Words that were read, in the order of a text: the state behind those of its start, and those
    /// of its end, which later ones may push out.
    struct Progress: Sendable {
        /// The state behind the first words; empty before the first.
        var state: [Float] = []
        var headCount = 0
        var unknownHeadCount = 0
        /// The words that come last, as indices into the vocabulary.
        var tail: [UInt32] = []
        /// All words, those too that are not read any more.
        var wordCount = 0
    }

    var progress = Progress()
    /// The text behind the last white space.
    var pending: [UInt8] = []
    /// All bytes that have come.
    public internal(set) var byteCount = 0

    /// The most bytes without white space that are kept.
    public static let pendingBytes = 4096

    /// Whether it can take a piece: there is white space soon enough.
    public func takes(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        let end = utf8.lastIndex { TextSession.isWhite($0) }
        let rest = end.map { utf8.count - $0 } ?? pending.count + utf8.count
        return rest <= TextSession.pendingBytes
    }

    /// Nothing composes with ASCII white space and no token has any, so a text can be cut there.
    static func isWhite(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension TextClassifier {
    /// A session that has read nothing; nil for a network that does not read in one direction, word
    /// by word.
    public func makeSession() -> TextSession? { articleNetwork == nil ? nil : TextSession() }

    /// Reads a further piece of a text, and classifies all of it.
    ///
    /// - Parameters:
    ///   - utf8: the piece, whole characters; `session` must take it.
    ///   - session: what was read before; made by this classifier.
    ///   - scratch: memory made by this classifier's `makeScratch`.
    /// - Returns: what `classify` says of all pieces at once; the probabilities are in `scratch`.
    /// - Complexity: O(bytes + maximumTokens · hiddenSize²), whatever was read before.
    public func classify(
        utf8: UnsafeBufferPointer<UInt8>,
        in session: inout TextSession,
        scratch: ClassifierScratch
    ) -> Prediction {
        guard let (network, scale) = articleNetwork else {
            preconditionFailure("This network has no sessions")
        }
        scratch.enter(classCount: labels.count, workspaceCount: workspaceCount)
        defer { scratch.leave() }
        session.byteCount += utf8.count
        session.pending += utf8
        if let end = session.pending.lastIndex(where: { TextSession.isWhite($0) }) {
            let whole = Array(session.pending[...end])
            session.pending.removeFirst(whole.count)
            read(whole, into: &session.progress, network, scratch)
        }
        // The words at the end may go on with the next piece.
        var all = session.progress
        read(session.pending, into: &all, network, scratch)
        return prediction(all, network, scale: scale, scratch)
    }

    private func read(
        _ text: [UInt8],
        into progress: inout TextSession.Progress,
        _ network: ElmanNetwork,
        _ scratch: ClassifierScratch
    ) {
        if text.isEmpty { return }
        text.withUnsafeBufferPointer { tokenizer.tokenize($0, into: &scratch.tokens) }
        let (head, tail) = sessionLimits
        for index in 0..<scratch.tokens.count {
            let word = vocabulary.index(of: scratch.tokens[index])
            progress.wordCount += 1
            if progress.headCount < head {
                network.advance(&progress.state, word, workspace: scratch.workspace)
                progress.headCount += 1
                progress.unknownHeadCount += word == Vocabulary.unknownIndex ? 1 : 0
            } else if tail > 0 {
                if progress.tail.count == tail { progress.tail.removeFirst() }
                progress.tail.append(word)
            }
        }
    }

    /// How many words of the start and of the end of a long text are read.
    private var sessionLimits: (head: Int, tail: Int) {
        let limit = tokenizer.maximumTokens
        return tokenizer.kind == .unicodeWords1 ? (limit, 0) : ((limit + 1) / 2, limit / 2)
    }

    private func prediction(
        _ progress: TextSession.Progress,
        _ network: ElmanNetwork,
        scale: Float,
        _ scratch: ClassifierScratch
    ) -> Prediction {
        let count = progress.headCount + progress.tail.count
        let unknown =
            progress.unknownHeadCount
            + progress.tail.count { $0 == Vocabulary.unknownIndex }
        let isKnown = unknown < count
        if isKnown {
            network.logits(
                from: progress.state,
                progress.tail,
                workspace: scratch.workspace,
                into: scratch.outputs
            )
        }
        let best = decide(scale: isKnown ? scale : nil, scratch)
        return Prediction(
            labelIndex: best,
            score: scratch.outputs[best],
            tokenCount: count,
            unknownCount: unknown,
            isTruncated: count < progress.wordCount,
            isKnown: isKnown
        )
    }
}
