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
    let recurrent: RecurrentPath?
    /// The rows of the linear path, (features × linearStride); nil without one.
    private let linear: ScalarBuffer<Float>?
    /// Rows that fill several cache lines each begin with one; narrower ones stay packed.
    private let linearStride: Int
    /// The rows of the mean word vector, (dimensions × classes); nil without vectors.
    private let vectorRows: ScalarBuffer<Float>?
    let mix: (recurrent: Float, linear: Float)
    /// What each logit begins with; empty for 0.
    private let bias: [Float]
    private let tokenizer: Tokenizer

    struct RecurrentPath {
        let network: RecurrentNetwork<Float>
        let parameters: ScalarBuffer<Float>
        let words: ProjectedWords
    }

    /// Puts a network together.
    ///
    /// `parameters` are in the order of `RecurrentLayout(shape)`, `linear` is (features ×
    /// classes); either is empty without its path. `bias` is empty or has a number for each label.
    ///
    /// - Precondition: sizes fit `shape` and the lists.
    package init(
        lookup: FeatureLookup,
        tokenizer: Tokenizer,
        shape: RecurrentShape,
        recurrent parameters: [Float],
        linear: [Float],
        vectorRows: [Float] = [],
        mix: (recurrent: Float, linear: Float),
        bias: [Float] = []
    ) {
        self.bias = bias
        self.lookup = lookup
        self.tokenizer = tokenizer
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
        if let vectors = lookup.vectors, self.linear != nil, !vectorRows.isEmpty {
            precondition(vectorRows.count == vectors.dimensions * classes)
            let rows = ScalarBuffer<Float>(count: vectorRows.count)
            rows.pointer.update(from: vectorRows, count: vectorRows.count)
            self.vectorRows = rows
        } else {
            self.vectorRows = nil
        }
        guard !parameters.isEmpty, mix.recurrent != 0 else {
            recurrent = nil
            return
        }
        let network = RecurrentNetwork<Float>(
            shape,
            vectors: shape.vectorSize > 0 ? lookup.vectors : nil
        )
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
        @exclusivity(unchecked) var run = LetterRun()
        let linear = ScalarBuffer<Float>()
        let meanVector = ScalarBuffer<Float>()
        let network = RecurrentNetwork<Float>.Workspace()

        init(featureCount: Int) { vector = FeatureVector(featureCount: featureCount) }
    }

    package func makeWorkspace() -> Workspace {
        Workspace(featureCount: lookup.lists.featureCount)
    }

    /// Computes the mixed logits of the tokens in `range`.
    ///
    /// - Returns: What was read of them.
    /// - Complexity: O(maximum tokens · hidden² + tokens + features · classes); allocates
    ///   nothing once warm.
    func logits(
        of tokens: borrowing TokenBuffer,
        range: Range<Int>,
        workspace: Workspace,
        into logits: UnsafeMutableBufferPointer<Float>
    ) -> Reading {
        let sequence = tokenizer.sequence(of: range.count)
        var reading = Reading()
        workspace.words.removeAll(keepingCapacity: true)
        if linear != nil || !sequence.isPartial {
            for index in range { workspace.words.append(lookup.word(tokens[index])) }
            reading.tokenCount = range.count
        } else {
            // The places keep their numbers; what nothing reads is not looked up.
            workspace.words.append(contentsOf: repeatElement(-1, count: range.count))
            for position in 0..<sequence.count {
                let place = sequence[position]
                workspace.words[place] = lookup.word(tokens[range.lowerBound + place])
            }
            reading.tokenCount = sequence.count
        }
        for word in workspace.words where word == 0 { reading.unknownCount += 1 }
        logits.update(repeating: 0)
        for (label, value) in bias.enumerated() { logits[label] = value }
        guard let out = logits.baseAddress else { return reading }
        if linear != nil { addLinear(tokens, range, workspace, &reading, out) }
        if let recurrent {
            addRecurrent(recurrent, tokens, range.lowerBound, sequence, workspace, &reading, out)
        }
        return reading
    }

    private func addLinear(
        _ tokens: borrowing TokenBuffer,
        _ range: Range<Int>,
        _ workspace: Workspace,
        _ reading: inout Reading,
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
        if lookup.hasRuns { addRuns(tokens, range, workspace) }
        reading.isKnown = !workspace.vector.features.isEmpty
        if let bigram = lookup.bigram(previous, FeatureLists.Bigram.boundary) {
            workspace.vector.add(bigram)
        }
        lookup.addDistantWords(workspace.words, to: &workspace.vector)
        workspace.vector.weigh(lookup.lists)
        let own = workspace.linear.zeros(linearStride)
        addRows(workspace.vector, to: own)
        if let vectorRows { addVectors(vectorRows, tokens, range, workspace, &reading, to: own) }
        Float.addScaled(count: classCount, logits, own, scale: mix.linear)
    }

    /// Adds the features of neighbouring letters of scripts without spaces.
    private func addRuns(
        _ tokens: borrowing TokenBuffer,
        _ range: Range<Int>,
        _ workspace: Workspace
    ) {
        workspace.run.removeAll()
        workspace.numbers.removeAll(keepingCapacity: true)
        for index in range {
            lookup.appendRunFeatures(tokens[index], &workspace.run, to: &workspace.numbers)
        }
        workspace.numbers.withUnsafeBufferPointer { workspace.vector.add($0) }
    }

    /// Adds the mean vector of the words, of length 1, times its rows to `sum`.
    private func addVectors(
        _ rows: ScalarBuffer<Float>,
        _ tokens: borrowing TokenBuffer,
        _ range: Range<Int>,
        _ workspace: Workspace,
        _ reading: inout Reading,
        to sum: UnsafeMutablePointer<Float>
    ) {
        guard let vectors = lookup.vectors else { return }
        let mean = workspace.meanVector.zeros(vectors.dimensions)
        for (position, word) in workspace.words.enumerated() {
            let row =
                word > 0
                ? lookup.forms.vectorRows[Int(word)]
                : vectors.row(of: tokens[range.lowerBound + position]) ?? -1
            guard row >= 0 else { continue }
            reading.isKnown = true
            vectors.add(row: row, times: 1, to: mean)
        }
        WordVectors.normalize(mean, count: vectors.dimensions)
        Float.product(
            sum,
            stride: classCount,
            mean,
            row: vectors.dimensions,
            step: 1,
            rows.pointer,
            stride: classCount,
            rows: 1,
            inner: vectors.dimensions,
            columns: classCount
        )
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
        _ first: Int,
        _ sequence: TokenSequence,
        _ workspace: Workspace,
        _ reading: inout Reading,
        _ logits: UnsafeMutablePointer<Float>
    ) {
        // A text without tokens is one unknown word, as in training.
        let isEmpty = sequence.count == 0
        let length = max(sequence.count, 1)
        path.network.beginText(length: length, workspace: workspace.network)
        let parameters = UnsafePointer(path.parameters.pointer)
        for position in 0..<length {
            let place = isEmpty ? 0 : sequence[position]
            let word = isEmpty ? 0 : workspace.words[place]
            if word > 0 || isEmpty {
                reading.isKnown = reading.isKnown || lookup.forms.isRead(word)
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
                of: tokens[first + place],
                &workspace.spelling,
                to: &workspace.numbers
            )
            let vectorRow =
                path.network.vectors == nil ? -1 : lookup.vectorRow(tokens[first + place])
            reading.isKnown = reading.isKnown || !workspace.numbers.isEmpty || vectorRow >= 0
            path.network.placeUnknown(
                subwords: workspace.numbers,
                vectorRow: vectorRow,
                parameters: parameters,
                at: position,
                workspace: workspace.network
            )
        }
        let own = path.network.finishText(parameters: parameters, workspace: workspace.network)
        Float.addScaled(count: classCount, logits, own, scale: mix.recurrent)
    }
}
