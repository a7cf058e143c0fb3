/// A mixed network in service: a recurrent and a linear path over the same tokens.
///
/// `logits = a·recurrent + b·linear`, `a` and `b` fitted on held-out rows. Either path may be
/// missing, and then counts as 0.
package struct MixedNetwork: Sendable {
    package let lookup: FeatureLookup
    package let classCount: Int
    private let recurrent: RecurrentPath?
    /// The rows of the linear path, (features × classes); empty without one.
    private let linear: [Float]
    private let mix: (recurrent: Float, linear: Float)

    private struct RecurrentPath: Sendable {
        let network: RecurrentNetwork<Float>
        let parameters: [Float]
        let words: ProjectedWords
    }

    /// Puts a network together.
    ///
    /// `parameters` are in the order of `RecurrentLayout(shape)`, `linear` is (features × classes);
    /// either is empty without its path.
    ///
    /// - Precondition: sizes fit `shape` and the lists.
    package init(
        lookup: FeatureLookup,
        shape: RecurrentShape,
        recurrent parameters: [Float],
        linear: [Float],
        mix: (recurrent: Float, linear: Float)
    ) {
        self.lookup = lookup
        classCount = shape.classCount
        self.linear = linear
        self.mix = mix
        precondition(
            linear.isEmpty || linear.count == lookup.lists.featureCount * shape.classCount
        )
        guard !parameters.isEmpty, mix.recurrent != 0 else {
            recurrent = nil
            return
        }
        let network = RecurrentNetwork<Float>(shape)
        precondition(parameters.count == network.layout.count)
        recurrent = RecurrentPath(
            network: network,
            parameters: parameters,
            words: ProjectedWords(network, forms: lookup.forms, parameters: parameters)
        )
    }

    /// The memory of one thread.
    package final class Workspace {
        var words: [Int32] = []
        var vector: FeatureVector
        var spelling = CharacterNGrams()
        var numbers: [Int32] = []
        let network = RecurrentNetwork<Float>.Workspace()

        init(featureCount: Int) { vector = FeatureVector(featureCount: featureCount) }
    }

    package func makeWorkspace() -> Workspace {
        Workspace(featureCount: lookup.lists.featureCount)
    }

    /// Computes the mixed logits of the tokens in `range`.
    ///
    /// - Returns: How many of them are unknown words.
    /// - Complexity: O(tokens · hidden² + features · classes); allocates nothing once warm.
    package func logits(
        of tokens: borrowing TokenBuffer,
        range: Range<Int>,
        workspace: Workspace,
        into logits: UnsafeMutableBufferPointer<Float>
    ) -> Int {
        workspace.words.removeAll(keepingCapacity: true)
        var unknown = 0
        for index in range {
            let word = lookup.word(tokens[index])
            unknown += word == 0 ? 1 : 0
            workspace.words.append(word)
        }
        logits.update(repeating: 0)
        guard let out = logits.baseAddress else { return unknown }
        if !linear.isEmpty && mix.linear != 0 {
            addLinear(tokens, range, workspace, out)
        }
        if let recurrent {
            addRecurrent(recurrent, tokens, range, workspace, out)
        }
        return unknown
    }

    private func addLinear(
        _ tokens: borrowing TokenBuffer,
        _ range: Range<Int>,
        _ workspace: Workspace,
        _ logits: UnsafeMutablePointer<Float>
    ) {
        workspace.vector.removeAll()
        var previous = FeatureLists.Bigram.boundary
        for (position, word) in workspace.words.enumerated() {
            if word > 0 {
                let unigram = lookup.unigram(word)
                if unigram >= 0 { workspace.vector.add(unigram) }
                if let bigram = lookup.bigram(previous, word) { workspace.vector.add(bigram) }
                for ngram in lookup.ngrams(ofWord: word) { workspace.vector.add(ngram) }
            } else {
                workspace.numbers.removeAll(keepingCapacity: true)
                lookup.appendNGramFeatures(
                    of: tokens[range.lowerBound + position],
                    &workspace.spelling,
                    to: &workspace.numbers
                )
                for ngram in workspace.numbers { workspace.vector.add(ngram) }
            }
            previous = word
        }
        if let bigram = lookup.bigram(previous, FeatureLists.Bigram.boundary) {
            workspace.vector.add(bigram)
        }
        workspace.vector.weigh(lookup.lists)
        Float.gather(
            logits,
            table: linear,
            ids: workspace.vector.features,
            values: workspace.vector.values,
            step: 1,
            count: workspace.vector.features.count,
            columns: classCount
        )
        for index in 0..<classCount { logits[index] *= mix.linear }
    }

    private func addRecurrent(
        _ path: RecurrentPath,
        _ tokens: borrowing TokenBuffer,
        _ range: Range<Int>,
        _ workspace: Workspace,
        _ logits: UnsafeMutablePointer<Float>
    ) {
        // A text without tokens is one unknown word, as in training.
        let length = max(range.count, 1)
        let inputs = path.network.beginText(length: length, workspace: workspace.network)
        for position in 0..<length {
            let word = range.isEmpty ? 0 : workspace.words[position]
            if word > 0 || range.isEmpty {
                path.network.placeKnown(
                    Int(word),
                    path.words,
                    at: position,
                    inputs,
                    workspace: workspace.network
                )
                continue
            }
            workspace.numbers.removeAll(keepingCapacity: true)
            lookup.appendSubwordRows(
                of: tokens[range.lowerBound + position],
                &workspace.spelling,
                to: &workspace.numbers
            )
            path.parameters.withUnsafeBufferPointer { parameters in
                guard let base = parameters.baseAddress else { return }
                path.network.placeUnknown(
                    subwords: workspace.numbers,
                    parameters: base,
                    at: position,
                    inputs,
                    workspace: workspace.network
                )
            }
        }
        path.parameters.withUnsafeBufferPointer { parameters in
            guard let base = parameters.baseAddress else { return }
            let own = path.network.finishText(parameters: base, workspace: workspace.network)
            Float.addScaled(count: classCount, logits, own, scale: mix.recurrent)
        }
    }
}
