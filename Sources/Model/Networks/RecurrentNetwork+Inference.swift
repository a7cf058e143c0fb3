extension RecurrentNetwork where Scalar == Float {
    /// Makes room for one text.
    func beginText(length: Int, workspace: Workspace) {
        workspace.layOutOneText(length: length)
        workspace.x.reserve(length * shape.inputSize)
        workspace.unknownInputs.reserve(
            length * layout.directions.count * shape.stepInputSize
        )
        for rows in workspace.inputRows { rows.reserve(length) }
    }

    /// Takes what is known of a word for `position`.
    func placeKnown(
        _ word: Int,
        _ words: ProjectedWords,
        at position: Int,
        workspace: Workspace
    ) {
        let size = shape.inputSize
        (workspace.x.pointer + position * size).update(
            from: words.inputs + word * size,
            count: size
        )
        for direction in layout.directions.indices {
            workspace.inputRows[direction].pointer[position] =
                words.projections[direction] + word * words.width
        }
    }

    /// Works a word out that is known by its sub-words and its vector at most.
    func placeUnknown(
        subwords: [Int32],
        vectorRow: Int32,
        parameters: ConstPointer,
        at position: Int,
        workspace: Workspace
    ) {
        let x = workspace.x.pointer + position * shape.inputSize
        readInput(
            wordRow: 0,
            subwords: subwords[...],
            vectorRow: vectorRow,
            parameters: parameters,
            into: x
        )
        let width = shape.stepInputSize
        let count = layout.directions.count
        for direction in layout.directions.indices {
            let row = workspace.unknownInputs.pointer + (position * count + direction) * width
            project(x, rows: 1, direction: direction, parameters: parameters, into: row)
            workspace.inputRows[direction].pointer[position] = ConstPointer(row)
        }
    }

    /// Runs the recurrence, pooling and output layer; the logits, classCount scalars.
    func finishText(parameters: ConstPointer, workspace: Workspace) -> Pointer {
        let length = workspace.batch.stepCount
        if let layer {
            for direction in layout.directions.indices {
                layer.advanceOneText(
                    length: length,
                    inputs: workspace.inputRows[direction].pointer,
                    // Direction 1 walks from the last token to the first.
                    isReversed: direction == 1,
                    weights: weights(of: direction, parameters),
                    workspace: workspace.layers[direction]
                )
            }
        }
        pool(parameters: parameters, workspace: workspace)
        return output(parameters: parameters, workspace: workspace)
    }
}

extension RecurrentLayer where Scalar == Float {
    /// Computes `workspace.states` (length × hidden) of one text, keeping nothing for backward.
    ///
    /// `inputs` points for each token to what `project` makes of it (inputWidth).
    fileprivate func advanceOneText(
        length: Int,
        inputs: UnsafePointer<ConstPointer>,
        isReversed: Bool,
        weights: Weights<ConstPointer>,
        workspace: Workspace
    ) {
        let states = workspace.states.reserve(length * hiddenSize)
        let memories = workspace.memories.reserve(cell.hasMemory ? length * hiddenSize : 0)
        let saved = workspace.saved.reserve(cell.savedCount * hiddenSize)
        let recurrent = workspace.recurrent.reserve(width)
        let origin = ConstPointer(workspace.origin.zeros(hiddenSize))
        let bias = cell.hasRecurrentBias ? hiddenSize : 0
        for step in 0..<length {
            let before = (step - 1) * hiddenSize
            recurrent.zero(count: width)
            (recurrent + width - bias).update(from: weights.c, count: bias)
            if step > 0 {
                Scalar.product(
                    recurrent,
                    stride: width,
                    states + before,
                    row: hiddenSize,
                    step: 1,
                    weights.u,
                    stride: width,
                    rows: 1,
                    inner: hiddenSize,
                    columns: width
                )
            }
            let values = CellStep(
                input: inputs[isReversed ? length - 1 - step : step],
                recurrent: ConstPointer(recurrent),
                previous: step > 0 ? ConstPointer(states + before) : origin,
                previousMemory: step > 0 && cell.hasMemory
                    ? ConstPointer(memories + before) : origin,
                h: states + step * hiddenSize,
                memory: cell.hasMemory ? memories + step * hiddenSize : memories,
                saved: saved
            )
            cell.forward(values, rows: 1, hidden: hiddenSize)
        }
    }
}
