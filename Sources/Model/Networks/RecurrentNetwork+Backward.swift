extension RecurrentNetwork {
    /// The transposed weights that one optimiser step's backward passes share.
    package final class Transposes {
        let buffer = ScalarBuffer<Scalar>()
        var offsets: [(wx: Int, u: Int, v: Int)] = []
        var hidden = 0
        var output = 0

        package init() {}
    }

    /// Transposes the dense weights into `transposes`.
    @_specialize(where Scalar == Float)
    package func transpose(_ parameters: ConstPointer, into transposes: Transposes) {
        let target = transposes.buffer.reserve(layout.denseCount)
        var offset = 0
        func copy(_ slot: ParameterSlot) -> Int {
            let start = offset
            Scalar.transpose(
                target + start,
                parameters + slot.offset,
                rows: slot.rows,
                columns: slot.columns
            )
            offset += slot.count
            return start
        }
        transposes.offsets = layout.directions.map {
            (wx: copy($0.wx), u: copy($0.u), v: copy($0.v))
        }
        transposes.hidden = copy(layout.hiddenWeights)
        transposes.output = copy(layout.outputWeights)
    }

    /// Adds the gradient of the dense parameters to `gradient` (indexed from
    /// `layout.denseOffset`) and leaves that of the inputs in the workspace for
    /// `forEachTableGradient`.
    ///
    /// `dLogits` is (texts × classes) in the order `workspace.order`.
    ///
    /// - Precondition: `forward` ran on the same workspace and parameters.
    @_specialize(where Scalar == Float)
    package func backward(
        dLogits: ConstPointer,
        parameters: ConstPointer,
        transposes: Transposes,
        gradient: Pointer,
        workspace: Workspace
    ) {
        let gradient = gradient - layout.denseOffset
        let texts = workspace.batch.textCount
        let dPooled = workspace.dPooled.zeros(texts * shape.pooledWidth)
        let base = ConstPointer(transposes.buffer.pointer)
        if shape.outputHiddenSize > 0 {
            let size = shape.outputHiddenSize
            let dHidden = workspace.dHidden.zeros(texts * size)
            affineBackward(
                x: workspace.hidden.pointer,
                texts,
                layout.outputWeights,
                layout.outputBias,
                dOut: dLogits,
                transposed: base + transposes.output,
                gradient,
                dx: dHidden
            )
            let dInput = workspace.scratch.reserve(texts * size)
            Scalar.elmanBackward(
                rows: texts,
                hidden: size,
                h: workspace.hidden.pointer,
                dh: dHidden,
                dInput: dInput
            )
            affineBackward(
                x: workspace.pooled.pointer,
                texts,
                layout.hiddenWeights,
                layout.hiddenBias,
                dOut: dInput,
                transposed: base + transposes.hidden,
                gradient,
                dx: dPooled
            )
        } else {
            affineBackward(
                x: workspace.pooled.pointer,
                texts,
                layout.outputWeights,
                layout.outputBias,
                dOut: dLogits,
                transposed: base + transposes.output,
                gradient,
                dx: dPooled
            )
        }
        if workspace.isTraining {
            let mask = workspace.pooledMask.pointer
            for index in 0..<(texts * shape.pooledWidth) { dPooled[index] *= mask[index] }
        }
        workspace.dx.zeros(workspace.batch.rowCount * shape.inputSize)
        poolBackward(parameters: parameters, gradient: gradient, workspace: workspace)
        statesBackward(transposes: transposes, gradient: gradient, workspace: workspace)
    }

    /// The second half of `backward`: from the gradients of the states, `dStates` of each layer's
    /// workspace, and what `dx` has already.
    ///
    /// `gradient` is indexed from 0.
    @_specialize(where Scalar == Float)
    func statesBackward(
        transposes: Transposes,
        gradient: Pointer,
        workspace: Workspace
    ) {
        layersBackward(transposes, gradient: gradient, workspace: workspace)
        let dx = workspace.dx.pointer
        if workspace.isTraining {
            let mask = workspace.inputMask.pointer
            for index in 0..<(workspace.batch.rowCount * shape.inputSize) {
                dx[index] *= mask[index]
            }
        }
        if shape.vectorSize > 0 { vectorsBackward(gradient, workspace) }
    }

    /// dW += vᵀ·dx, of the projection of word vectors.
    private func vectorsBackward(_ gradient: Pointer, _ workspace: Workspace) {
        Scalar.product(
            gradient + layout.vectors.offset,
            stride: shape.inputSize,
            workspace.vectors.pointer,
            row: 1,
            step: shape.vectorSize,
            workspace.dx.pointer,
            stride: shape.inputSize,
            rows: shape.vectorSize,
            inner: workspace.batch.rowCount,
            columns: shape.inputSize
        )
    }

    /// dW += xᵀ·dOut, db += Σ dOut, dx += dOut·Wᵀ.
    private func affineBackward(
        x: ConstPointer,
        _ rows: Int,
        _ weights: ParameterSlot,
        _ bias: ParameterSlot,
        dOut: ConstPointer,
        transposed: ConstPointer,
        _ gradient: Pointer,
        dx: Pointer
    ) {
        let columns = weights.columns
        Scalar.product(
            gradient + weights.offset,
            stride: columns,
            x,
            row: 1,
            step: weights.rows,
            dOut,
            stride: columns,
            rows: weights.rows,
            inner: rows,
            columns: columns
        )
        var one: Scalar = 1
        Scalar.product(
            gradient + bias.offset,
            stride: columns,
            &one,
            row: 0,
            step: 0,
            dOut,
            stride: columns,
            rows: 1,
            inner: rows,
            columns: columns
        )
        Scalar.product(
            dx,
            stride: weights.rows,
            dOut,
            row: columns,
            step: 1,
            transposed,
            stride: weights.rows,
            rows: rows,
            inner: columns,
            columns: weights.rows
        )
    }

    private func poolBackward(
        parameters: ConstPointer,
        gradient: Pointer,
        workspace: Workspace
    ) {
        let batch = workspace.batch
        let stride = shape.pooledWidth
        let dPooled = workspace.dPooled.pointer
        let directions = shape.cell == nil ? 0 : shape.directions
        let dStates = (0..<directions).map {
            workspace.layers[$0].dStates.zeros(batch.rowCount * shape.hiddenSize)
        }
        for part in pooledParts {
            switch (part.kind, part.direction) {
            case (.inputs, _):
                StatePooling(batch: batch, hiddenSize: shape.inputSize).backward(
                    .mean,
                    gradient: dPooled + part.offset,
                    stride: stride,
                    dStates: workspace.dx.pointer,
                    maximumRows: workspace.maximumRows[0].pointer
                )
            case (_, let direction?):
                StatePooling(batch: batch, hiddenSize: shape.hiddenSize).backward(
                    part.kind,
                    gradient: dPooled + part.offset,
                    stride: stride,
                    dStates: dStates[direction],
                    maximumRows: workspace.maximumRows[direction].pointer
                )
            default:
                AttentionPooling(batch: batch, hiddenSize: shape.hiddenSize).backward(
                    states: states(workspace),
                    query: parameters + layout.attention.offset,
                    weights: workspace.attention.pointer,
                    gradient: dPooled + part.offset,
                    stride: stride,
                    dStates: dStates,
                    dQuery: gradient + layout.attention.offset,
                    scratch: workspace.scratch
                )
            }
        }
    }

    private func layersBackward(
        _ transposes: Transposes,
        gradient: Pointer,
        workspace: Workspace
    ) {
        guard let layer else { return }
        let batch = workspace.batch
        let width = shape.inputSize
        let base = ConstPointer(transposes.buffer.pointer)
        for direction in 0..<shape.directions {
            let offsets = transposes.offsets[direction]
            let dx =
                direction == 0
                ? workspace.dx.pointer
                : workspace.dReversedX.zeros(batch.rowCount * width)
            layer.backward(
                batch,
                x: direction == 0 ? workspace.x.pointer : workspace.reversedX.pointer,
                transposes: .init(
                    wx: base + offsets.wx,
                    u: base + offsets.u,
                    v: base + offsets.v
                ),
                gradient: weights(of: direction, gradient),
                dx: dx,
                workspace: workspace.layers[direction]
            )
            guard direction == 1 else { continue }
            forEachReversedRow(batch) { row, source in
                Scalar.addScaled(
                    count: width,
                    workspace.dx.pointer + source * width,
                    dx + row * width,
                    scale: 1
                )
            }
        }
    }

    /// Calls `body` with the offset of each table row that the last backward pass touches, the
    /// gradient of the input (inputSize scalars) and its share, in a fixed order.
    @_specialize(where Scalar == Float)
    package func forEachTableGradient(
        forms: WordForms,
        workspace: Workspace,
        _ body: (_ offset: Int, _ gradient: ConstPointer, _ share: Scalar) -> Void
    ) {
        let width = shape.inputSize
        for row in 0..<workspace.batch.rowCount {
            let gradient = ConstPointer(workspace.dx.pointer + row * width)
            body(layout.words.offset + Int(workspace.wordRows[row]) * width, gradient, 1)
            let range = forms.subwordRange(workspace.forms[row])
            let share = 1 / Scalar(max(range.count, 1))
            for index in range {
                body(
                    layout.subwords.offset + Int(forms.subwords[index]) * width,
                    gradient,
                    share
                )
            }
        }
    }
}
