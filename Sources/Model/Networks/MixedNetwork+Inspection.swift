extension MixedNetwork {
    /// The cell of the recurrent path and the width of its states; nil without one.
    var recurrentCell: (CellKind, Int)? {
        recurrent.flatMap { path in
            path.network.shape.cell.map { ($0, path.network.shape.hiddenSize) }
        }
    }

    /// Reads a text by the recurrent path as in training, and goes back through it.
    ///
    /// - Parameters:
    ///   - tokens: all tokens of the text.
    ///   - sequence: those that the path reads, at least one.
    ///   - errorOfLogits: the gradient of the loss with respect to the mixed logits.
    /// - Returns: for each direction one step for each token, in the order in which it reads.
    func unroll(
        _ tokens: borrowing TokenBuffer,
        _ sequence: TokenSequence,
        errorOfLogits: [Float]
    ) -> [[UnrolledStep]] {
        guard let recurrent else { return [] }
        let network = recurrent.network
        let parameters = UnsafePointer(recurrent.parameters.pointer)
        let workspace = RecurrentNetwork<Float>.Workspace()
        let forms = forms(of: tokens, sequence)
        let text = Array(0..<Int32(forms.count))
        text.withUnsafeBufferPointer { text in
            _ = network.forward([text], forms: forms, parameters: parameters, workspace: workspace)
        }
        let transposes = RecurrentNetwork<Float>.Transposes()
        network.transpose(parameters, into: transposes)
        let gradient = ScalarBuffer<Float>()
        gradient.zeros(network.layout.denseCount)
        let own = errorOfLogits.map { $0 * mix.recurrent }
        own.withUnsafeBufferPointer { own in
            guard let errors = own.baseAddress else { return }
            network.backward(
                dLogits: errors,
                parameters: parameters,
                transposes: transposes,
                gradient: gradient.pointer,
                workspace: workspace
            )
        }
        return (0..<network.shape.directions).map {
            network.steps(direction: $0, count: forms.count, workspace)
        }
    }

    /// Each token of a text as a form of its own.
    private func forms(of tokens: borrowing TokenBuffer, _ sequence: TokenSequence) -> WordForms {
        var forms = WordForms()
        var spelling = CharacterNGrams()
        for position in 0..<sequence.count {
            let token = tokens[sequence[position]]
            let word = lookup.word(token)
            guard word == 0 else {
                forms.append(
                    wordRow: lookup.forms.wordRows[Int(word)],
                    subwords: lookup.forms.subwords[lookup.forms.subwordRange(word)],
                    vectorRow: lookup.forms.vectorRows[Int(word)]
                )
                continue
            }
            var rows: [Int32] = []
            lookup.appendSubwordRows(of: token, &spelling, to: &rows)
            forms.append(wordRow: 0, subwords: rows, vectorRow: lookup.vectorRow(token))
        }
        return forms
    }
}

extension RecurrentNetwork<Float> {
    /// What the passes over one text left of a direction.
    ///
    /// - Precondition: forward and backward ran on `workspace` with one text of `count` words.
    fileprivate func steps(direction: Int, count: Int, _ workspace: Workspace) -> [UnrolledStep] {
        guard let cell = layer?.cell else { return [] }
        let (hidden, own) = (shape.hiddenSize, workspace.layers[direction])
        func row(_ buffer: ScalarBuffer<Float>, _ index: Int) -> [Float] {
            let start = buffer.pointer + index * hidden
            return Array(UnsafeBufferPointer(start: start, count: hidden))
        }
        return (0..<count).map { step in
            UnrolledStep(
                state: row(own.states, step),
                gates: cell.gateNames.indices.map { row(own.saved, step * cell.savedCount + $0) },
                gradientNorm: length(row(own.dStates, step))
            )
        }
    }
}
