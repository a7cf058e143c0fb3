/// Words in, logits out: word and sub-word inputs, a recurrent layer in one or two directions,
/// pooling, an output layer; forward and backward.
///
/// `x_t = words[w_t] + mean(subwords of w_t)`, and a projection of the word's vector where there
/// are any; the states of all steps are pooled into one vector
/// f; `logits = f·Wo + bo`, with a tanh layer between where the shape asks for one. Parameters are
/// one flat buffer in the order of `RecurrentLayout`.
package struct RecurrentNetwork<Scalar: KernelScalar>: Sendable {
    package typealias Pointer = UnsafeMutablePointer<Scalar>
    package typealias ConstPointer = UnsafePointer<Scalar>

    package let shape: RecurrentShape
    package let layout: RecurrentLayout
    let layer: RecurrentLayer<Scalar>?
    /// What the shape's word vectors are; training leaves them as they are.
    let vectors: WordVectors?

    package init(_ shape: RecurrentShape, vectors: WordVectors? = nil) {
        precondition(shape.vectorSize == (vectors?.dimensions ?? 0), "Vectors of the shape's width")
        self.shape = shape
        self.vectors = vectors
        layout = RecurrentLayout(shape)
        layer = shape.cell.map {
            RecurrentLayer(
                cell: $0.cell(Scalar.self),
                inputSize: shape.inputSize,
                hiddenSize: shape.hiddenSize
            )
        }
    }

    /// What is switched off at random in training; each rate is the share that is dropped.
    package struct Dropout: Sendable {
        /// Word rows replaced by `<unk>` (their sub-words stay).
        package var words: Double
        /// Elements of x_t.
        package var inputs: Double
        /// Elements of the pooled vector.
        package var pooled: Double

        package init(words: Double, inputs: Double, pooled: Double) {
            self.words = words
            self.inputs = inputs
            self.pooled = pooled
        }
    }

    /// Everything that one pass over a few texts needs and leaves, for one thread at a time.
    package final class Workspace {
        /// The order in which the texts stand: longest first, ties as given.
        package fileprivate(set) var order: [Int] = []
        package fileprivate(set) var batch = PackedBatch()
        /// By row of direction 0: the form, and the word row after word dropout.
        var forms: [Int32] = []
        var wordRows: [Int32] = []
        let x = ScalarBuffer<Scalar>()
        let reversedX = ScalarBuffer<Scalar>()
        let inputMask = ScalarBuffer<Scalar>()
        /// The word vector of each row, for the gradient of their projection.
        let vectors = ScalarBuffer<Scalar>()
        let layers = [RecurrentLayer<Scalar>.Workspace(), RecurrentLayer<Scalar>.Workspace()]
        let maximumRows = [ScalarBuffer<Int32>(), ScalarBuffer<Int32>()]
        let attention = ScalarBuffer<Scalar>()
        let pooled = ScalarBuffer<Scalar>()
        let pooledMask = ScalarBuffer<Scalar>()
        let hidden = ScalarBuffer<Scalar>()
        let logits = ScalarBuffer<Scalar>()
        let dx = ScalarBuffer<Scalar>()
        let dReversedX = ScalarBuffer<Scalar>()
        let dPooled = ScalarBuffer<Scalar>()
        let dHidden = ScalarBuffer<Scalar>()
        let scratch = ScalarBuffer<Scalar>()
        /// Of one text in service: for each direction where each token's `x·Wx + b` is, and room
        /// for those of unknown words.
        let inputRows = [ScalarBuffer<ConstPointer>(), ScalarBuffer<ConstPointer>()]
        let unknownInputs = ScalarBuffer<Scalar>()
        var isTraining = false

        package init() {}

        /// The first `count` scalars of one direction's states, for tests.
        package func states(direction: Int, count: Int) -> [Scalar] {
            (0..<count).map { layers[direction].states.pointer[$0] }
        }

        /// Lays out a batch of one text.
        func layOutOneText(length: Int) {
            isTraining = false
            batch.layOut(lengths: CollectionOfOne(length))
        }
    }

    /// Computes the logits of `texts`, (texts × classes), in the order `workspace.order`.
    ///
    /// Each text is the forms of its words, at least one. In training, `dropout` brings one seed
    /// for each text.
    @_specialize(where Scalar == Float)
    package func forward(
        _ texts: [UnsafeBufferPointer<Int32>],
        forms: WordForms,
        parameters: ConstPointer,
        dropout: (rates: Dropout, seeds: [UInt64])? = nil,
        workspace: Workspace
    ) -> Pointer {
        readStates(
            texts,
            forms: forms,
            parameters: parameters,
            dropout: dropout,
            workspace: workspace
        )
        pool(parameters: parameters, workspace: workspace)
        if let dropout { dropPooled(dropout.rates, seeds: dropout.seeds, workspace) }
        return output(parameters: parameters, workspace: workspace)
    }

    /// Computes the states of every step of `texts`, the first half of `forward`.
    @_specialize(where Scalar == Float)
    func readStates(
        _ texts: [UnsafeBufferPointer<Int32>],
        forms: WordForms,
        parameters: ConstPointer,
        dropout: (rates: Dropout, seeds: [UInt64])? = nil,
        workspace: Workspace
    ) {
        workspace.isTraining = dropout != nil
        layOut(texts, workspace: workspace)
        readInputs(texts, forms: forms, parameters: parameters, dropout: dropout, workspace)
        runLayers(parameters: parameters, workspace: workspace)
    }

    /// Sorts the texts by length and lays them out.
    private func layOut(_ texts: [UnsafeBufferPointer<Int32>], workspace: Workspace) {
        workspace.order.removeAll(keepingCapacity: true)
        workspace.order.append(contentsOf: texts.indices)
        workspace.order.sort { (texts[$0].count, $1) > (texts[$1].count, $0) }
        workspace.batch.layOut(lengths: workspace.order.lazy.map { texts[$0].count })
    }

    /// Fills `x` (and its mask) from the tables, in the order of direction 0.
    private func readInputs(
        _ texts: [UnsafeBufferPointer<Int32>],
        forms: WordForms,
        parameters: ConstPointer,
        dropout: (rates: Dropout, seeds: [UInt64])?,
        _ workspace: Workspace
    ) {
        let batch = workspace.batch
        let width = shape.inputSize
        let x = workspace.x.reserve(batch.rowCount * width)
        let mask = workspace.inputMask.reserve(dropout == nil ? 0 : batch.rowCount * width)
        let rows = workspace.vectors.reserve(batch.rowCount * shape.vectorSize)
        workspace.forms.removeAll(keepingCapacity: true)
        workspace.wordRows.removeAll(keepingCapacity: true)
        for step in 0..<batch.stepCount {
            for position in 0..<batch.alive(at: step) {
                let text = workspace.order[position]
                let form = texts[text][step]
                let target = x + batch.row(text: position, step: step) * width
                var wordRow = forms.wordRows[Int(form)]
                if let dropout, dropout.rates.words > 0,
                    draw(dropout.seeds[text], step) < dropout.rates.words
                {
                    wordRow = 0
                }
                workspace.forms.append(form)
                workspace.wordRows.append(wordRow)
                readInput(
                    wordRow: wordRow,
                    subwords: forms.subwords[forms.subwordRange(form)],
                    vectorRow: forms.vectorRows[Int(form)],
                    parameters: parameters,
                    into: target
                )
                if let vectors {
                    read(
                        vectors,
                        row: forms.vectorRows[Int(form)],
                        into: rows + batch.row(text: position, step: step) * shape.vectorSize
                    )
                }
                guard let dropout else { continue }
                let row = mask + batch.row(text: position, step: step) * width
                Scalar.dropoutMask(
                    count: width,
                    row,
                    seed: dropout.seeds[text] &+ UInt64(step + 1) << 32,
                    threshold: UInt32(dropout.rates.inputs * 65536),
                    scale: Scalar(1 / (1 - dropout.rates.inputs))
                )
                for index in 0..<width { target[index] *= row[index] }
            }
        }
    }

    /// A number in [0, 1) that depends on the text's seed and the step alone.
    private func draw(_ seed: UInt64, _ step: Int) -> Double {
        var generator = SplitMix64(seed: seed &- UInt64(step + 1) << 32)
        return generator.unit()
    }

    private func runLayers(parameters: ConstPointer, workspace: Workspace) {
        guard let layer else { return }
        let batch = workspace.batch
        for direction in 0..<shape.directions {
            var x = ConstPointer(workspace.x.pointer)
            if direction == 1 {
                let reversed = workspace.reversedX.reserve(batch.rowCount * shape.inputSize)
                forEachReversedRow(batch) { row, source in
                    (reversed + row * shape.inputSize).update(
                        from: x + source * shape.inputSize,
                        count: shape.inputSize
                    )
                }
                x = ConstPointer(reversed)
            }
            layer.forward(
                batch,
                x: x,
                weights: weights(of: direction, parameters),
                workspace: workspace.layers[direction]
            )
        }
    }

    /// Calls `body` with each row of direction 1 and the row of direction 0 with the same token.
    func forEachReversedRow(_ batch: PackedBatch, _ body: (Int, Int) -> Void) {
        for step in 0..<batch.stepCount {
            for text in 0..<batch.alive(at: step) {
                body(
                    batch.row(text: text, step: step),
                    batch.row(text: text, step: batch.lengths[text] - 1 - step)
                )
            }
        }
    }

    func weights<P: Strideable>(
        of direction: Int,
        _ base: P
    ) -> RecurrentLayer<Scalar>.Weights<P> where P.Stride == Int {
        let slots = layout.directions[direction]
        return .init(
            wx: base.advanced(by: slots.wx.offset),
            u: base.advanced(by: slots.u.offset),
            v: base.advanced(by: slots.v.offset),
            b: base.advanced(by: slots.b.offset),
            c: base.advanced(by: slots.c.offset)
        )
    }

    /// Where each part of the pooled vector begins: kind, direction (nil: all), offset.
    var pooledParts: [(kind: Pooling, direction: Int?, offset: Int)] {
        var parts: [(kind: Pooling, direction: Int?, offset: Int)] = []
        var offset = 0
        for kind in shape.pooling {
            switch kind {
            case .inputs:
                parts.append((kind, nil, offset))
                offset += shape.inputSize
            case .attention:
                parts.append((kind, nil, offset))
                offset += shape.stateWidth
            case .last, .mean, .max:
                for direction in 0..<(shape.stateWidth / max(shape.hiddenSize, 1)) {
                    parts.append((kind, direction, offset))
                    offset += shape.hiddenSize
                }
            }
        }
        return parts
    }

    func states(_ workspace: Workspace) -> [ConstPointer] {
        (0..<shape.directions).map { ConstPointer(workspace.layers[$0].states.pointer) }
    }

    func pool(parameters: ConstPointer, workspace: Workspace) {
        let batch = workspace.batch
        let stride = shape.pooledWidth
        let pooled = workspace.pooled.reserve(batch.textCount * stride)
        for part in pooledParts {
            switch (part.kind, part.direction) {
            case (.inputs, _):
                StatePooling(batch: batch, hiddenSize: shape.inputSize).forward(
                    .mean,
                    states: workspace.x.pointer,
                    out: pooled + part.offset,
                    stride: stride,
                    maximumRows: workspace.maximumRows[0].pointer
                )
            case (_, let direction?):
                StatePooling(batch: batch, hiddenSize: shape.hiddenSize).forward(
                    part.kind,
                    states: workspace.layers[direction].states.pointer,
                    out: pooled + part.offset,
                    stride: stride,
                    maximumRows: workspace.maximumRows[direction].reserve(
                        batch.textCount * shape.hiddenSize
                    )
                )
            default:
                AttentionPooling(batch: batch, hiddenSize: shape.hiddenSize).forward(
                    states: states(workspace),
                    query: parameters + layout.attention.offset,
                    out: pooled + part.offset,
                    stride: stride,
                    weights: workspace.attention.reserve(batch.rowCount)
                )
            }
        }
    }

    private func dropPooled(_ rates: Dropout, seeds: [UInt64], _ workspace: Workspace) {
        let width = shape.pooledWidth
        let mask = workspace.pooledMask.reserve(workspace.batch.textCount * width)
        for (position, text) in workspace.order.enumerated() {
            Scalar.dropoutMask(
                count: width,
                mask + position * width,
                seed: ~seeds[text],
                threshold: UInt32(rates.pooled * 65536),
                scale: Scalar(1 / (1 - rates.pooled))
            )
        }
        let pooled = workspace.pooled.pointer
        for index in 0..<(workspace.batch.textCount * width) { pooled[index] *= mask[index] }
    }

    func output(parameters: ConstPointer, workspace: Workspace) -> Pointer {
        let texts = workspace.batch.textCount
        var source = ConstPointer(workspace.pooled.pointer)
        if shape.outputHiddenSize > 0 {
            let size = shape.outputHiddenSize
            let hidden = affine(
                source,
                texts,
                layout.hiddenWeights,
                layout.hiddenBias,
                parameters,
                workspace.hidden
            )
            let zeros = workspace.scratch.zeros(texts * size)
            Scalar.elmanForward(
                rows: texts,
                hidden: size,
                input: hidden,
                recurrent: zeros,
                h: workspace.dHidden.reserve(texts * size)
            )
            hidden.update(from: workspace.dHidden.pointer, count: texts * size)
            source = ConstPointer(hidden)
        }
        return affine(
            source,
            texts,
            layout.outputWeights,
            layout.outputBias,
            parameters,
            workspace.logits
        )
    }

    /// `out = x·W + b`, row by row.
    private func affine(
        _ x: ConstPointer,
        _ rows: Int,
        _ weights: ParameterSlot,
        _ bias: ParameterSlot,
        _ parameters: ConstPointer,
        _ out: ScalarBuffer<Scalar>
    ) -> Pointer {
        let target = out.reserve(rows * weights.columns)
        for row in 0..<rows {
            (target + row * weights.columns).update(
                from: parameters + bias.offset,
                count: weights.columns
            )
        }
        Scalar.product(
            target,
            stride: weights.columns,
            x,
            row: weights.rows,
            step: 1,
            parameters + weights.offset,
            stride: weights.columns,
            rows: rows,
            inner: weights.rows,
            columns: weights.columns
        )
        return target
    }
}
