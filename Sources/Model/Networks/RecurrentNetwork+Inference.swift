extension RecurrentNetwork where Scalar == Float {
    /// Where the rows of one text go: x, and the input of each direction.
    struct TextInputs {
        var x: Pointer
        var directions: (Pointer, Pointer)
        var length: Int
    }

    /// Makes room for one text.
    func beginText(length: Int, workspace: Workspace) -> TextInputs {
        workspace.layOutOneText(length: length)
        let width = shape.gateCount * shape.hiddenSize
        let directions = layout.directions.count
        return TextInputs(
            x: workspace.x.reserve(length * shape.inputSize),
            directions: (
                workspace.layers[0].input.reserve(directions > 0 ? length * width : 0),
                workspace.layers[1].input.reserve(directions > 1 ? length * width : 0)
            ),
            length: length
        )
    }

    /// Copies what is known of a word to `position`.
    func placeKnown(
        _ word: Int,
        _ words: ProjectedWords,
        at position: Int,
        _ inputs: TextInputs,
        workspace: Workspace
    ) {
        let size = shape.inputSize
        words.inputs.withUnsafeBufferPointer {
            guard let base = $0.baseAddress else { return }
            (inputs.x + position * size).update(from: base + word * size, count: size)
        }
        for direction in layout.directions.indices {
            words.projections[direction].withUnsafeBufferPointer {
                guard let base = $0.baseAddress else { return }
                target(direction, position, inputs)
                    .update(from: base + word * words.width, count: words.width)
            }
        }
    }

    /// Works a word out that is known by its sub-words at most.
    func placeUnknown(
        subwords: [Int32],
        parameters: ConstPointer,
        at position: Int,
        _ inputs: TextInputs,
        workspace: Workspace
    ) {
        let x = inputs.x + position * shape.inputSize
        readInput(wordRow: 0, subwords: subwords[...], parameters: parameters, into: x)
        for direction in layout.directions.indices {
            project(
                x,
                rows: 1,
                direction: direction,
                parameters: parameters,
                into: target(direction, position, inputs)
            )
        }
    }

    /// Runs the recurrence, pooling and output layer; the logits, classCount scalars.
    func finishText(parameters: ConstPointer, workspace: Workspace) -> Pointer {
        if let layer {
            for direction in layout.directions.indices {
                layer.advance(
                    workspace.batch,
                    weights: weights(of: direction, parameters),
                    workspace: workspace.layers[direction]
                )
            }
        }
        pool(parameters: parameters, workspace: workspace)
        return output(parameters: parameters, workspace: workspace)
    }

    /// Direction 1 walks from the last token to the first.
    private func target(_ direction: Int, _ position: Int, _ inputs: TextInputs) -> Pointer {
        let width = shape.gateCount * shape.hiddenSize
        return direction == 0
            ? inputs.directions.0 + position * width
            : inputs.directions.1 + (inputs.length - 1 - position) * width
    }
}
