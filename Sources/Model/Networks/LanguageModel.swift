/// Predicts the next word forwards and the previous word backwards from the states of a recurrent
/// network: what it can learn from texts alone (Dai and Le 2015).
///
/// `logit_k = (words[k] + mean(subwords of k)) · (h·A_d) + b_dk` in direction d: words have the
/// same rows as inputs and as outputs. Only training uses it; a classifier then begins with the
/// network's parameters, and A and b are forgotten.
package struct LanguageModel<Scalar: KernelScalar>: Sendable {
    package typealias Pointer = UnsafeMutablePointer<Scalar>
    package typealias ConstPointer = UnsafePointer<Scalar>

    package let network: RecurrentNetwork<Scalar>
    package let layout: LanguageModelLayout
    /// For each row of the word table the form of that word; -1 where no text has it.
    private let formOfRow: [Int32]

    /// - Parameters:
    ///   - shape: the network of a classifier, whose pooling and output are left out.
    ///   - vectors: the word vectors that the shape has room for.
    ///   - forms: the words of the texts.
    ///   - classCount: the number of word classes (`WordCandidates`).
    package init(
        _ shape: RecurrentShape,
        vectors: WordVectors? = nil,
        forms: WordForms,
        classCount: Int
    ) {
        precondition(shape.cell != nil, "A network without recurrence predicts no words")
        var shape = shape
        (shape.pooling, shape.outputHiddenSize, shape.classCount) = ([], 0, 0)
        network = RecurrentNetwork(shape, vectors: vectors)
        layout = LanguageModelLayout(shape, classCount: classCount)
        var formOfRow = [Int32](repeating: -1, count: shape.wordCount)
        for (form, row) in forms.wordRows.enumerated() where row > 0 {
            formOfRow[Int(row)] = Int32(form)
        }
        self.formOfRow = formOfRow
    }

    /// The rows of the candidates and what else the passes of a batch share.
    package final class Outputs {
        /// Of shape (candidates × inputs).
        let rows = ScalarBuffer<Scalar>()
        /// The transpose of `rows`.
        let transposed = ScalarBuffer<Scalar>()
        /// For each direction Aᵀ (inputs × hidden).
        let contexts = [ScalarBuffer<Scalar>(), ScalarBuffer<Scalar>()]
        /// For each direction b of the candidates, with their corrections.
        let biases = [ScalarBuffer<Scalar>(), ScalarBuffer<Scalar>()]

        package init() {}
    }

    /// What one pass over a few texts needs and leaves, for one thread at a time.
    package final class Workspace {
        package let network = RecurrentNetwork<Scalar>.Workspace()
        let contexts = ScalarBuffer<Scalar>()
        let logits = ScalarBuffer<Scalar>()
        let dContexts = ScalarBuffer<Scalar>()
        /// The gradient of the candidates' rows, (candidates × inputs).
        let dRows = ScalarBuffer<Scalar>()
        /// For each direction that of their biases.
        let dBiases = [ScalarBuffer<Scalar>(), ScalarBuffer<Scalar>()]

        package init() {}
    }

    /// Fills `parameters` with the start of training: the network's, A Xavier-uniform, the rest 0.
    package func initialize(_ parameters: Pointer, seed: UInt64) {
        network.initialize(parameters, seed: seed)
        parameters.advanced(by: layout.network.count).zero(
            count: layout.count - layout.network.count
        )
        var generator = SplitMix64(seed: seed &* 0xD6E8_FEB8_6659_FD93 &+ 2)
        for slot in layout.contexts {
            let bound = (6 / Double(slot.rows + slot.columns)).squareRoot()
            for index in 0..<slot.count {
                parameters[slot.offset + index] = Scalar(bound * (2 * generator.unit() - 1))
            }
        }
    }

    /// Reads the rows of the candidates.
    @_specialize(where Scalar == Float)
    package func prepare(
        _ candidates: WordCandidates,
        forms: WordForms,
        parameters: ConstPointer,
        into outputs: Outputs
    ) {
        let (width, count) = (network.shape.inputSize, candidates.classes.count)
        let rows = outputs.rows.reserve(count * width)
        for (place, wordClass) in candidates.classes.enumerated() {
            let target = rows + place * width
            guard wordClass > 1 else {
                let source = parameters + layout.marks.offset + Int(wordClass) * width
                target.update(from: source, count: width)
                continue
            }
            network.readInput(
                wordRow: wordClass - 1,
                subwords: subwords(of: wordClass, forms),
                parameters: parameters,
                into: target
            )
        }
        Scalar.transpose(
            outputs.transposed.reserve(count * width),
            rows,
            rows: count,
            columns: width
        )
        for (direction, slot) in layout.contexts.enumerated() {
            Scalar.transpose(
                outputs.contexts[direction].reserve(slot.count),
                parameters + slot.offset,
                rows: slot.rows,
                columns: slot.columns
            )
            let biases = outputs.biases[direction].reserve(count)
            let source = parameters + layout.biases[direction].offset
            for (place, wordClass) in candidates.classes.enumerated() {
                biases[place] = source[Int(wordClass)] + Scalar(candidates.corrections[place])
            }
        }
    }

    /// The sub-word rows of a word, by its class.
    private func subwords(of wordClass: Int32, _ forms: WordForms) -> ArraySlice<Int32> {
        let form = formOfRow[Int(wordClass) - 1]
        return form < 0 ? [] : forms.subwords[forms.subwordRange(form)]
    }

    /// Forward and backward over `texts`, each the forms of its words.
    ///
    /// Adds the gradient of the shared parameters to `gradient` (indexed from
    /// `layout.shared.lowerBound`), and leaves those of rows in the workspace for
    /// `network.forEachTableGradient` and `forEachOutputGradient`.
    ///
    /// - Parameters:
    ///   - texts: the texts.
    ///   - forms: their words.
    ///   - candidates: the words to choose among; all targets are.
    ///   - outputs: what `prepare` made of them.
    ///   - parameters: (layout.count) scalars.
    ///   - transposes: what `network.transpose` made of these.
    ///   - dropout: rates, and one seed for each text.
    ///   - share: the weight of a prediction in the gradient.
    ///   - gradient: where it is added.
    ///   - workspace: lost.
    /// - Returns: The sum of the cross-entropies in nats, one for each word and direction.
    @_specialize(where Scalar == Float)
    package func learn(
        _ texts: [UnsafeBufferPointer<Int32>],
        forms: WordForms,
        candidates: WordCandidates,
        outputs: Outputs,
        parameters: ConstPointer,
        transposes: RecurrentNetwork<Scalar>.Transposes,
        dropout: (rates: RecurrentNetwork<Scalar>.Dropout, seeds: [UInt64])? = nil,
        share: Scalar,
        gradient: Pointer,
        workspace: Workspace
    ) -> Scalar {
        let gradient = gradient - layout.shared.lowerBound
        let inner = workspace.network
        network.readStates(
            texts,
            forms: forms,
            parameters: parameters,
            dropout: dropout,
            workspace: inner
        )
        workspace.dRows.zeros(candidates.classes.count * network.shape.inputSize)
        var loss: Scalar = 0
        for direction in 0..<network.shape.directions {
            loss += predict(
                direction,
                texts,
                forms: forms,
                candidates: candidates,
                outputs: outputs,
                parameters: parameters,
                share: share,
                gradient: gradient,
                workspace: workspace
            )
        }
        inner.dx.zeros(inner.batch.rowCount * network.shape.inputSize)
        network.statesBackward(transposes: transposes, gradient: gradient, workspace: inner)
        return loss
    }

    /// Forward and backward from the states of one direction to its predictions.
    private func predict(
        _ direction: Int,
        _ texts: [UnsafeBufferPointer<Int32>],
        forms: WordForms,
        candidates: WordCandidates,
        outputs: Outputs,
        parameters: ConstPointer,
        share: Scalar,
        gradient: Pointer,
        workspace: Workspace
    ) -> Scalar {
        let inner = workspace.network
        let (hidden, width) = (network.shape.hiddenSize, network.shape.inputSize)
        let (rows, count) = (inner.batch.rowCount, candidates.classes.count)
        let states = ConstPointer(inner.layers[direction].states.pointer)
        let weights = parameters + layout.contexts[direction].offset
        let contexts = workspace.contexts.zeros(rows * width)
        multiply(.rows(states, hidden), weights, (rows, hidden, width), into: contexts)
        let logits = workspace.logits.reserve(rows * count)
        for row in 0..<rows {
            (logits + row * count).update(from: outputs.biases[direction].pointer, count: count)
        }
        let transposed = ConstPointer(outputs.transposed.pointer)
        multiply(.rows(contexts, width), transposed, (rows, width, count), into: logits)
        var loss: Scalar = 0
        forEachTarget(direction, texts, forms: forms, candidates: candidates, inner) { row, place in
            let row = logits + row * count
            loss += Scalar.softmaxCrossEntropy(row, classes: count, label: place)
            row[place] -= 1
            for index in 0..<count { row[index] *= share }
        }
        predictBackward(direction, count, outputs: outputs, gradient: gradient, workspace)
        return loss
    }

    /// From the gradient of the logits, which stands in their place, to those of the candidates'
    /// rows and biases, of A and of the states.
    private func predictBackward(
        _ direction: Int,
        _ count: Int,
        outputs: Outputs,
        gradient: Pointer,
        _ workspace: Workspace
    ) {
        let inner = workspace.network
        let (hidden, width) = (network.shape.hiddenSize, network.shape.inputSize)
        let rows = inner.batch.rowCount
        let dLogits = ConstPointer(workspace.logits.pointer)
        let contexts = ConstPointer(workspace.contexts.pointer)
        let dRows = workspace.dRows.pointer
        multiply(.columns(dLogits, count), contexts, (count, rows, width), into: dRows)
        var one: Scalar = 1
        let dBiases = workspace.dBiases[direction].zeros(count)
        withUnsafePointer(to: &one) { one in
            multiply(.constant(one), dLogits, (1, rows, count), into: dBiases)
        }
        let dContexts = workspace.dContexts.zeros(rows * width)
        let candidates = ConstPointer(outputs.rows.pointer)
        multiply(.rows(dLogits, count), candidates, (rows, count, width), into: dContexts)
        let states = ConstPointer(inner.layers[direction].states.pointer)
        let dWeights = gradient + layout.contexts[direction].offset
        multiply(.columns(states, hidden), dContexts, (hidden, rows, width), into: dWeights)
        let dStates = inner.layers[direction].dStates.zeros(rows * hidden)
        let transposed = ConstPointer(outputs.contexts[direction].pointer)
        multiply(.rows(dContexts, width), transposed, (rows, width, hidden), into: dStates)
    }

    /// The left factor of a product.
    private struct Factor {
        var first: ConstPointer
        /// From row to row, and from column to column.
        var row, step: Int

        /// A matrix whose rows have this width.
        static func rows(_ first: ConstPointer, _ width: Int) -> Factor {
            Factor(first: first, row: width, step: 1)
        }

        /// The transpose of a matrix whose rows have this width.
        static func columns(_ first: ConstPointer, _ width: Int) -> Factor {
            Factor(first: first, row: 1, step: width)
        }

        /// A matrix of one number.
        static func constant(_ number: ConstPointer) -> Factor {
            Factor(first: number, row: 0, step: 0)
        }
    }

    /// `out += left · right`, both `columns` wide.
    private func multiply(
        _ left: Factor,
        _ right: ConstPointer,
        _ size: (rows: Int, inner: Int, columns: Int),
        into out: Pointer
    ) {
        Scalar.product(
            out,
            stride: size.columns,
            left.first,
            row: left.row,
            step: left.step,
            right,
            stride: size.columns,
            rows: size.rows,
            inner: size.inner,
            columns: size.columns
        )
    }

    /// Calls `body` with each row of a direction's states and the place of what comes after it in
    /// that direction: a word or the end.
    private func forEachTarget(
        _ direction: Int,
        _ texts: [UnsafeBufferPointer<Int32>],
        forms: WordForms,
        candidates: WordCandidates,
        _ workspace: RecurrentNetwork<Scalar>.Workspace,
        _ body: (_ row: Int, _ place: Int) -> Void
    ) {
        for (position, text) in workspace.order.enumerated() {
            let words = texts[text]
            for step in 0..<words.count {
                var wordClass: Int32 = 0
                if step + 1 < words.count {
                    let next = words[direction == 0 ? step + 1 : words.count - 2 - step]
                    wordClass = candidates.wordClass(row: forms.wordRows[Int(next)])
                }
                body(
                    workspace.batch.row(text: position, step: step),
                    candidates.place(of: wordClass)
                )
            }
        }
    }

    /// Adds the gradients of the candidates that one pass has left to those of another.
    package func addOutputGradients(
        _ candidates: WordCandidates,
        of source: Workspace,
        to target: Workspace
    ) {
        let count = candidates.classes.count
        Scalar.addScaled(
            count: count * network.shape.inputSize,
            target.dRows.pointer,
            source.dRows.pointer,
            scale: 1
        )
        for direction in layout.biases.indices {
            Scalar.addScaled(
                count: count,
                target.dBiases[direction].pointer,
                source.dBiases[direction].pointer,
                scale: 1
            )
        }
    }

    /// Calls `body` with the offset of each row that the candidates of the last pass have, the
    /// gradient of the candidate (inputSize scalars) and the row's share, in a fixed order; and
    /// `bias` with the offset and the gradient of each of their biases.
    @_specialize(where Scalar == Float)
    package func forEachOutputGradient(
        _ candidates: WordCandidates,
        forms: WordForms,
        workspace: Workspace,
        _ body: (_ offset: Int, _ gradient: ConstPointer, _ share: Scalar) -> Void,
        bias: (_ offset: Int, _ gradient: Scalar) -> Void
    ) {
        let width = network.shape.inputSize
        for (place, wordClass) in candidates.classes.enumerated() {
            let gradient = ConstPointer(workspace.dRows.pointer + place * width)
            for (direction, slot) in layout.biases.enumerated() {
                bias(slot.offset + Int(wordClass), workspace.dBiases[direction].pointer[place])
            }
            guard wordClass > 1 else {
                body(layout.marks.offset + Int(wordClass) * width, gradient, 1)
                continue
            }
            body(layout.network.words.offset + (Int(wordClass) - 1) * width, gradient, 1)
            let subwords = subwords(of: wordClass, forms)
            let share = 1 / Scalar(max(subwords.count, 1))
            for row in subwords {
                body(layout.network.subwords.offset + Int(row) * width, gradient, share)
            }
        }
    }
}
