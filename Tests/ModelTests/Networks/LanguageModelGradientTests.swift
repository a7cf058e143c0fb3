import Model
import Testing

/// Every tensor of a language model against central differences of its loss, for every cell.
@Suite struct LanguageModelGradientTests {
    @Test(
        "float64 gradients equal central differences, among all words and among drawn ones",
        arguments: CellKind.allCases,
        [6, 190]
    )
    func doubleGradients(cell: CellKind, wordCount: Int) {
        for directions in 1...2 {
            for dropout in [nil, LanguageModelProbe<Double>.rates] {
                var probe = LanguageModelProbe<Double>(cell, directions, wordCount: wordCount)
                probe.dropout = dropout
                #expect(probe.candidates.classes.count == (wordCount == 6 ? 7 : 128))
                let errors = probe.relativeErrors(difference: 1e-5)
                #expect(errors.contains { $0.name == "words" && $0.error < 1e-6 })
                for (name, error) in errors { #expect(error < 1e-6, "\(cell) \(name)") }
            }
        }
    }

    @Test("float32 gradients equal the float64 ones", arguments: CellKind.allCases)
    func floatGradients(cell: CellKind) {
        let float = LanguageModelProbe<Float>(cell, 2, wordCount: 190).gradient().map(Double.init)
        let double = LanguageModelProbe<Double>(cell, 2, wordCount: 190).gradient()
        #expect(relativeError(float, double) < 1e-4)
    }

    @Test("word vectors take part in what is read, and their projection has right gradients")
    func vectors() throws {
        var generator = SplitMix64(seed: 11)
        let vectors = try #require(
            WordVectors(
                source: .init(name: "v", sha256: "", words: 3, dimensions: 4),
                words: ["a", "b", "c"],
                rounding: (0..<12).map { _ in Float(generator.unit() - 0.5) }
            )
        )
        let probe = LanguageModelProbe<Double>(.gru, 2, wordCount: 6, vectors: vectors)
        let errors = probe.relativeErrors(difference: 1e-5)
        #expect(errors.contains { $0.name == "vectors.w" })
        for (name, error) in errors { #expect(error < 1e-6, "\(name)") }
    }

    @Test("a text of one word has the end before and behind it")
    func oneWord() {
        var probe = LanguageModelProbe<Double>(.elman, 2, wordCount: 6)
        probe.texts = [[1]]
        // Of 7 classes, all parameters 0: ln 7 for the end in each direction.
        probe.parameters = probe.parameters.map { _ in 0 }
        #expect(abs(probe.loss() - 2 * 1.9459101490553132) < 1e-12)
    }
}

@Suite struct WordCandidatesTests {
    @Test(
        "targets and frequent words stand for themselves, drawn ones for those that are not there"
    )
    func drawn() {
        var candidates = WordCandidates(
            wordCount: 1000,
            mostClasses: 5000,
            frequent: 20,
            least: 200
        )
        #expect(candidates.classCount == 1001)
        for seed in 0..<20 as Range<UInt64> {
            candidates.choose(targets: [5, 700, 900, 700], seed: seed)
            let classes = candidates.classes
            #expect(classes.count == 200)
            #expect(Set(classes).count == 200)
            for wordClass in [Int32](0..<20) + [700, 900] {
                let place = candidates.place(of: wordClass)
                #expect(classes[place] == wordClass && candidates.corrections[place] == 0)
            }
            let drawn = zip(classes, candidates.corrections).filter { $1 > 0 }
            #expect(drawn.count == 178)
            // Each stands for as many as there are for one drawn: 979 of 178.
            let mass = drawn.reduce(0.0) { $0 + $1.1.exponential }
            #expect(abs(mass - 979) < 1e-6)
            #expect(candidates.place(of: 999) >= 0 || !classes.contains(999))
        }
        let last = candidates.classes
        candidates.choose(targets: [5, 700, 900, 700], seed: 19)
        #expect(candidates.classes == last)
        candidates.choose(targets: [5, 700, 900, 700], seed: 20)
        #expect(candidates.classes != last)
    }

    @Test("the sum under the softmax has its expectation")
    func expectation() {
        var candidates = WordCandidates(wordCount: 400, mostClasses: 500, frequent: 8, least: 64)
        let scores = (0..<401).map { Double($0 % 13) / 6 }
        let whole = scores.reduce(0) { $0 + $1.exponential }
        var sum = 0.0
        for seed in 0..<4000 as Range<UInt64> {
            candidates.choose(targets: [100, 300], seed: seed)
            sum += zip(candidates.classes, candidates.corrections).reduce(0) {
                $0 + (scores[Int($1.0)] + $1.1).exponential
            }
        }
        // The deviation of one draw is about 8 % of the sum.
        #expect(abs(sum / 4000 / whole - 1) < 0.01)
    }

    @Test("few words are all there, and rare ones count as unknown", arguments: [1, 2, 50, 300])
    func all(wordCount: Int) {
        var candidates = WordCandidates(
            wordCount: wordCount,
            mostClasses: 200,
            frequent: 128,
            least: 448
        )
        candidates.choose(targets: [], seed: 1)
        let count = min(wordCount + 1, 200)
        #expect(candidates.classes.sorted() == (0..<Int32(max(count, 2))).map(\.self))
        #expect(candidates.corrections.allSatisfy { $0 == 0 })
        #expect(candidates.wordClass(row: 0) == 1)
        #expect(candidates.wordClass(row: 250) == 1)
        if wordCount > 1 { #expect(candidates.wordClass(row: 1) == 2) }
    }
}

/// A small language model with random weights on five texts of different lengths.
private struct LanguageModelProbe<Scalar: KernelScalar> {
    let model: LanguageModel<Scalar>
    var parameters: [Scalar]
    var dropout: RecurrentNetwork<Scalar>.Dropout?
    var texts: [[Int32]] = [[0, 1], [2, 3, 4, 1, 0], [5], [1, 1, 2, 3], [4, 5, 0, 2]]
    let forms: WordForms
    var candidates: WordCandidates

    static var rates: RecurrentNetwork<Scalar>.Dropout {
        .init(words: 0.3, inputs: 0.4, pooled: 0)
    }

    init(
        _ cell: CellKind,
        _ directions: Int,
        wordCount: Int,
        vectors: WordVectors? = nil
    ) {
        var forms = WordForms()
        forms.append(wordRow: 0, subwords: [])
        forms.append(wordRow: 1, subwords: [0])
        forms.append(wordRow: 2, subwords: [1, 2])
        forms.append(wordRow: 3, subwords: [0, 1, 2, 3])
        forms.append(wordRow: 0, subwords: [3, 2], vectorRow: vectors == nil ? -1 : 2)
        forms.append(wordRow: 5, subwords: [], vectorRow: vectors == nil ? -1 : 0)
        self.forms = forms
        candidates = WordCandidates(
            wordCount: wordCount,
            mostClasses: 5000,
            frequent: 3,
            least: 128
        )
        candidates.choose(targets: [0, 1, 2, 3, 4, 6], seed: 4)
        model = LanguageModel(
            RecurrentShape(
                cell: cell,
                directions: directions,
                inputSize: 5,
                hiddenSize: 7,
                pooling: [.attention, .max, .inputs],
                classCount: 3,
                wordCount: wordCount,
                subwordCount: 4,
                vectorSize: vectors?.dimensions ?? 0
            ),
            vectors: vectors,
            forms: forms,
            classCount: candidates.classCount
        )
        var generator = SplitMix64(seed: 7)
        parameters = (0..<model.layout.count).map { _ in Scalar(Float(generator.unit() - 0.5)) }
    }

    func loss() -> Scalar { pass().loss }

    /// The gradient of the sum of all losses.
    func gradient() -> [Scalar] { pass().gradient }

    private func pass() -> (loss: Scalar, gradient: [Scalar]) {
        let outputs = LanguageModel<Scalar>.Outputs()
        let workspace = LanguageModel<Scalar>.Workspace()
        let transposes = RecurrentNetwork<Scalar>.Transposes()
        model.prepare(candidates, forms: forms, parameters: parameters, into: outputs)
        model.network.transpose(parameters, into: transposes)
        var gradient = [Scalar](repeating: 0, count: model.layout.count)
        var loss: Scalar = 0
        let flat = texts.flatMap(\.self)
        flat.withUnsafeBufferPointer { all in
            gradient.withUnsafeMutableBufferPointer { gradient in
                guard let base = gradient.baseAddress else { return }
                var start = 0
                loss = model.learn(
                    texts.map { text in
                        defer { start += text.count }
                        return UnsafeBufferPointer(rebasing: all[start..<(start + text.count)])
                    },
                    forms: forms,
                    candidates: candidates,
                    outputs: outputs,
                    parameters: parameters,
                    transposes: transposes,
                    dropout: dropout.map { ($0, texts.indices.map { UInt64($0 * 77 + 5) }) },
                    share: 1,
                    gradient: base + model.layout.shared.lowerBound,
                    workspace: workspace
                )
                func add(_ offset: Int, _ row: UnsafePointer<Scalar>, _ share: Scalar) {
                    Scalar.addScaled(
                        count: model.network.shape.inputSize,
                        base + offset,
                        row,
                        scale: share
                    )
                }
                model.network.forEachTableGradient(
                    forms: forms,
                    workspace: workspace.network,
                    add
                )
                model.forEachOutputGradient(
                    candidates,
                    forms: forms,
                    workspace: workspace,
                    add,
                    bias: { base[$0] += $1 }
                )
            }
        }
        return (loss, gradient)
    }

    /// The relative error of each tensor against central differences.
    func relativeErrors(difference: Scalar) -> [(name: String, error: Double)] {
        let analytic = gradient()
        var probe = self
        return model.layout.slots.map { slot in
            let range = slot.offset..<(slot.offset + slot.count)
            let numeric = range.map { index in
                probe.parameters[index] = parameters[index] + difference
                let above = probe.loss()
                probe.parameters[index] = parameters[index] - difference
                let below = probe.loss()
                probe.parameters[index] = parameters[index]
                return Double((above - below) / (2 * difference))
            }
            return (slot.name, relativeError(analytic[range].map { Double($0) }, numeric))
        }
    }
}
