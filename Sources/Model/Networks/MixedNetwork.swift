/// A mixed network in service: a recurrent and a linear path over the same tokens.
///
/// `logits = a·recurrent + b·linear`, `a` and `b` fitted on held-out rows. Either path may be
/// missing, and then counts as 0.
///
/// A class, so that who serves it passes one reference on and not a dozen.
///
/// `@unchecked Sendable`: what the buffers hold is written by `init` alone.
package final class MixedNetwork: @unchecked Sendable {
    package let lookup: FeatureLookup
    package let classCount: Int
    private let recurrent: RecurrentPath?
    /// The rows of the linear path, (features × linearStride); nil without one.
    private let linear: ScalarBuffer<Float>?
    /// Rows that fill several cache lines each begin with one; narrower ones stay packed.
    private let linearStride: Int
    private let mix: (recurrent: Float, linear: Float)

    private struct RecurrentPath {
        let network: RecurrentNetwork<Float>
        let parameters: ScalarBuffer<Float>
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
        self.mix = mix
        let classes = shape.classCount
        precondition(linear.isEmpty || linear.count == lookup.lists.featureCount * classes)
        let stride = classes < 64 ? classes : (classes + 15) / 16 * 16
        linearStride = stride
        if linear.isEmpty || mix.linear == 0 {
            self.linear = nil
        } else {
            let rows = ScalarBuffer<Float>(count: lookup.lists.featureCount * stride)
            rows.zeros(lookup.lists.featureCount * stride)
            linear.withUnsafeBufferPointer { values in
                guard let source = values.baseAddress else { return }
                for row in 0..<lookup.lists.featureCount {
                    (rows.pointer + row * stride).update(
                        from: source + row * classes,
                        count: classes
                    )
                }
            }
            self.linear = rows
        }
        guard !parameters.isEmpty, mix.recurrent != 0 else {
            recurrent = nil
            return
        }
        let network = RecurrentNetwork<Float>(shape)
        precondition(parameters.count == network.layout.count)
        let aligned = ScalarBuffer<Float>(count: parameters.count)
        parameters.withUnsafeBufferPointer { values in
            guard let source = values.baseAddress else { return }
            aligned.pointer.update(from: source, count: values.count)
        }
        recurrent = RecurrentPath(
            network: network,
            parameters: aligned,
            words: ProjectedWords(network, forms: lookup.forms, parameters: aligned.pointer)
        )
    }

    /// The memory of one thread.
    package final class Workspace {
        // Not checked at run time for accesses that overlap: only the functions of `MixedNetwork`
        // get at these, and each uses one at a time.
        @exclusivity(unchecked) var words: [Int32] = []
        @exclusivity(unchecked) var vector: FeatureVector
        @exclusivity(unchecked) var spelling = CharacterNGrams()
        @exclusivity(unchecked) var numbers: [Int32] = []
        let linear = ScalarBuffer<Float>()
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
        if linear != nil { addLinear(tokens, range, workspace, out) }
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
                lookup.addNGrams(ofWord: word, to: &workspace.vector)
            } else {
                workspace.numbers.removeAll(keepingCapacity: true)
                lookup.appendNGramFeatures(
                    of: tokens[range.lowerBound + position],
                    &workspace.spelling,
                    to: &workspace.numbers
                )
                workspace.numbers.withUnsafeBufferPointer { workspace.vector.add($0) }
            }
            previous = word
        }
        if let bigram = lookup.bigram(previous, FeatureLists.Bigram.boundary) {
            workspace.vector.add(bigram)
        }
        workspace.vector.weigh(lookup.lists)
        let own = workspace.linear.zeros(linearStride)
        addRows(workspace.vector, to: own)
        Float.addScaled(count: classCount, logits, own, scale: mix.linear)
    }

    /// Adds the weighted rows of the features to `sum` (linearStride).
    private func addRows(_ vector: FeatureVector, to sum: UnsafeMutablePointer<Float>) {
        guard let table = linear?.pointer else { return }
        Float.gather(
            sum,
            table: table,
            ids: vector.features,
            values: vector.values,
            step: 1,
            count: vector.features.count,
            columns: linearStride
        )
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
        path.network.beginText(length: length, workspace: workspace.network)
        let parameters = UnsafePointer(path.parameters.pointer)
        for position in 0..<length {
            let word = range.isEmpty ? 0 : workspace.words[position]
            if word > 0 || range.isEmpty {
                path.network.placeKnown(
                    Int(word),
                    path.words,
                    at: position,
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
            path.network.placeUnknown(
                subwords: workspace.numbers,
                parameters: parameters,
                at: position,
                workspace: workspace.network
            )
        }
        let own = path.network.finishText(parameters: parameters, workspace: workspace.network)
        Float.addScaled(count: classCount, logits, own, scale: mix.recurrent)
    }
}
