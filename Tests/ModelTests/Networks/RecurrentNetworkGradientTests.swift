import Model
import Testing

/// Every tensor of every member of the zoo against central differences of the loss.
@Suite struct RecurrentNetworkGradientTests {
    static let poolings: [[Pooling]] = [
        [.last], [.mean], [.max], [.attention], [.inputs], [.mean, .max, .inputs],
        [.attention, .max],
    ]

    @Test("float64 gradients equal central differences", arguments: CellKind.allCases, poolings)
    func doubleGradients(cell: CellKind, pooling: [Pooling]) {
        for directions in 1...2 {
            let error = NetworkProbe<Double>(shape(cell, pooling, directions))
                .greatestRelativeError(difference: 1e-5)
            // Central differences at 1e-5 leave an error of the order of 1e-10 and rounding 1e-11.
            #expect(error < 1e-6, "\(cell) \(pooling) \(directions)")
        }
    }

    @Test("a network without recurrence has right gradients", arguments: [0, 5])
    func perceptrons(outputHidden: Int) {
        var shape = shape(.elman, [.inputs], 1)
        shape.cell = nil
        shape.outputHiddenSize = outputHidden
        #expect(NetworkProbe<Double>(shape).greatestRelativeError(difference: 1e-5) < 1e-6)
    }

    @Test("float32 gradients equal the float64 ones", arguments: CellKind.allCases, poolings)
    func floatGradients(cell: CellKind, pooling: [Pooling]) {
        let shape = shape(cell, pooling, 2)
        let float = NetworkProbe<Float>(shape).gradient().map(Double.init)
        let double = NetworkProbe<Double>(shape).gradient()
        // Sums of about a hundred float32 products: a few times 1e-6 of the largest gradient.
        #expect(relativeError(float, double) < 1e-4)
    }

    @Test(
        "gradients of several labels a text equal central differences",
        arguments: CellKind.allCases
    )
    func severalLabels(cell: CellKind) {
        var probe = NetworkProbe<Double>(shape(cell, [.attention, .max, .inputs], 2))
        probe.head = .sigmoid(TargetSets([[], [0, 2], [1]]))
        #expect(probe.greatestRelativeError(difference: 1e-5) < 1e-6)
    }

    @Test("dropout gradients are those of the masked network")
    func dropoutGradients() {
        var probe = NetworkProbe<Double>(shape(.gru, [.mean, .max, .inputs], 2))
        probe.dropout = .init(words: 0.3, inputs: 0.5, pooled: 0.5)
        #expect(probe.greatestRelativeError(difference: 1e-5) < 1e-6)
    }

    @Test("the projection of word vectors has right gradients, with dropout and without")
    func vectorGradients() throws {
        var shape = shape(.gru, [.attention, .max, .inputs], 2)
        shape.vectorSize = 4
        var generator = SplitMix64(seed: 11)
        let vectors = try #require(
            WordVectors(
                source: .init(name: "v", sha256: "", words: 3, dimensions: 4),
                words: ["a", "b", "c"],
                rounding: (0..<12).map { _ in Float(generator.unit() - 0.5) }
            )
        )
        var probe = NetworkProbe<Double>(shape, vectors: vectors)
        #expect(probe.network.layout.slots.contains { $0.name == "vectors.w" })
        #expect(probe.greatestRelativeError(difference: 1e-5) < 1e-6)
        probe.dropout = .init(words: 0.3, inputs: 0.5, pooled: 0.5)
        #expect(probe.greatestRelativeError(difference: 1e-5) < 1e-6)
    }

    private func shape(_ cell: CellKind, _ pooling: [Pooling], _ directions: Int) -> RecurrentShape
    {
        // Widths that fill no register of any instruction set.
        RecurrentShape(
            cell: cell,
            directions: directions,
            inputSize: 5,
            hiddenSize: 7,
            pooling: pooling,
            classCount: 3,
            wordCount: 6,
            subwordCount: 4
        )
    }
}

/// A small network with random weights on five texts of different lengths.
struct NetworkProbe<Scalar: KernelScalar> {
    let network: RecurrentNetwork<Scalar>
    var parameters: [Scalar]
    var dropout: RecurrentNetwork<Scalar>.Dropout?
    let texts: [[Int32]] = [[0, 1], [2, 3, 4, 1, 0], [5], [1, 1, 2, 3], [4, 5, 0, 2]]
    let labels = [0, 2, 1, 1, 0]
    var head = Head.softmax
    let forms: WordForms

    init(_ shape: RecurrentShape, vectors: WordVectors? = nil) {
        network = RecurrentNetwork(shape, vectors: vectors)
        var generator = SplitMix64(seed: 7)
        parameters = (0..<network.layout.count).map { _ in
            Scalar(Float(generator.unit() - 0.5))
        }
        var forms = WordForms()
        forms.append(wordRow: 0, subwords: [])
        forms.append(wordRow: 1, subwords: [0])
        forms.append(wordRow: 2, subwords: [1, 2])
        forms.append(wordRow: 3, subwords: [0, 1, 2, 3])
        forms.append(wordRow: 0, subwords: [3, 2], vectorRow: vectors == nil ? -1 : 2)
        forms.append(wordRow: 5, subwords: [], vectorRow: vectors == nil ? -1 : 0)
        self.forms = forms
    }

    /// Runs a forward pass; returns the mean loss and leaves dLogits when asked.
    func loss(
        _ workspace: RecurrentNetwork<Scalar>.Workspace,
        dLogits: inout [Scalar]
    ) -> Scalar {
        let classes = network.shape.classCount
        return withBuffers { buffers in
            let logits = network.forward(
                buffers,
                forms: forms,
                parameters: parameters,
                dropout: dropout.map { ($0, texts.indices.map { UInt64($0 * 77 + 5) }) },
                workspace: workspace
            )
            var total: Scalar = 0
            for (position, text) in workspace.order.enumerated() {
                let row = logits + position * classes
                total += head.loss(row, classes: classes, label: labels[text])
                head.differentiate(row, label: labels[text])
            }
            dLogits = (0..<(classes * texts.count)).map { logits[$0] }
            return total
        }
    }

    func gradient() -> [Scalar] {
        let workspace = RecurrentNetwork<Scalar>.Workspace()
        var dLogits: [Scalar] = []
        _ = loss(workspace, dLogits: &dLogits)
        var gradient = [Scalar](repeating: 0, count: network.layout.count)
        let transposes = RecurrentNetwork<Scalar>.Transposes()
        network.transpose(parameters, into: transposes)
        gradient.withUnsafeMutableBufferPointer { gradient in
            guard let base = gradient.baseAddress else { return }
            network.backward(
                dLogits: dLogits,
                parameters: parameters,
                transposes: transposes,
                gradient: base + network.layout.denseOffset,
                workspace: workspace
            )
            network.forEachTableGradient(forms: forms, workspace: workspace) {
                offset,
                row,
                share in
                Scalar.addScaled(
                    count: network.shape.inputSize,
                    base + offset,
                    row,
                    scale: share
                )
            }
        }
        return gradient
    }

    /// The greatest relative error over all tensors, against central differences.
    func greatestRelativeError(difference: Scalar) -> Double {
        let analytic = gradient()
        var probe = self
        var numeric: [Scalar] = []
        let workspace = RecurrentNetwork<Scalar>.Workspace()
        var ignored: [Scalar] = []
        for index in parameters.indices {
            probe.parameters[index] = parameters[index] + difference
            let above = probe.loss(workspace, dLogits: &ignored)
            probe.parameters[index] = parameters[index] - difference
            let below = probe.loss(workspace, dLogits: &ignored)
            probe.parameters[index] = parameters[index]
            numeric.append((above - below) / (2 * difference))
        }
        return network.layout.slots.map { slot in
            let range = slot.offset..<(slot.offset + slot.count)
            return relativeError(
                analytic[range].map { Double($0) },
                numeric[range].map { Double($0) }
            )
        }.max() ?? .infinity
    }

    private func withBuffers<R>(_ body: ([UnsafeBufferPointer<Int32>]) -> R) -> R {
        let flat = texts.flatMap(\.self)
        return flat.withUnsafeBufferPointer { all in
            var start = 0
            return body(
                texts.map { text in
                    defer { start += text.count }
                    return UnsafeBufferPointer(rebasing: all[start..<(start + text.count)])
                }
            )
        }
    }
}

/// |a - b| / |b| in the Euclidean norm; an all-zero tensor must be matched exactly.
func relativeError(_ a: [Double], _ b: [Double]) -> Double {
    let difference = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    let norm = b.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return difference / max(norm, 1e-6)
}
