import CKernels
import Foundation
import Model
import Testing

/// Each check has a process of its own, because an instruction set is forced on the whole process.
@Suite struct KernelTests {
    @Test("equal the plain reference at every size and on every instruction set")
    func forward() async {
        await #expect(processExitsWith: .success) {
            for value in KernelChecks.sizes { KernelChecks.forward(hiddenSize: value) }
        }
    }

    @Test("give the same bits with and without storing the states")
    func lastState() async {
        await #expect(processExitsWith: .success) {
            KernelChecks.lastState()
        }
    }

    @Test("AVX-512 and AVX2 give the same bits, so a checkpoint does not depend on which it was")
    func sameBits() async {
        await #expect(processExitsWith: .success) {
            try KernelChecks.sameBits()
        }
    }

    @Test("gradients equal those of NumPy")
    func gradients() async {
        await #expect(processExitsWith: .success) {
            try KernelChecks.gradients()
        }
    }

    @Test("the fused step equals gradients, clipping and update one by one, bit for bit")
    func fusedStep() async {
        await #expect(processExitsWith: .success) {
            KernelChecks.fusedStep()
        }
    }

    @Test("keep the padding zero through training")
    func padding() async {
        await #expect(processExitsWith: .success) {
            KernelChecks.padding()
        }
    }

    @Test("softmax and loss are finite for any finite logits, and right")
    func crossEntropy() async {
        await #expect(processExitsWith: .success) {
            for value in [1, 2, 15, 16, 17, 40] { KernelChecks.crossEntropy(classCount: value) }
        }
    }

    @Test("show a logit that is not finite instead of hiding it")
    func notFinite() async {
        await #expect(processExitsWith: .success) {
            for value in [Float.nan, .infinity] { KernelChecks.notFinite(bad: value) }
        }
    }
}

/// What the kernels must do on every instruction set of the machine.
private enum KernelChecks {
    static let sizes = [
        1, 2, 3, 7, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100, 128, 200, 333, 1024,
    ]

    private static func onEveryInstructionSet(_ body: (InstructionSet) throws -> Void) rethrows {
        let current = InstructionSet.current
        defer { current.force() }
        for set in InstructionSet.allCases where set.force() { try body(set) }
    }

    static func forward(hiddenSize: Int) {
        var random = SplitMix(state: UInt64(hiddenSize))
        for classCount in hiddenSize > 200 ? [19] : [2, 16, 19] {
            let tensors = randomTensors(
                vocabularySize: 9,
                hiddenSize: hiddenSize,
                classCount: classCount,
                &random
            )
            let words = randomWords(6, below: 9, &random)
            let reference = ElmanReference(tensors: tensors)
            let expected = reference.probabilities(of: words)
            let states = reference.states(of: words)
            onEveryInstructionSet { set in
                let parameters = ElmanParameters(
                    tensors: tensors,
                    vocabularySize: 9,
                    hiddenSize: hiddenSize,
                    classCount: classCount
                )
                let pass = TextPass(parameters, words: words, label: 1)
                let stride = parameters.kernel.stride
                for t in words.indices {
                    for h in 0..<stride {
                        // Float32 sums of up to 1024 products: a few units of 1e-7 each step.
                        let value = h < hiddenSize ? states[t][h] : 0
                        #expect(abs(Double(pass.states[t * stride + h]) - value) < 2e-5, "\(set)")
                    }
                }
                let probabilities = softmax(pass.logits)
                for (found, value) in zip(probabilities, expected) {
                    #expect(abs(Double(found) - value) < 2e-5, "\(set)")
                }
            }
        }
    }

    static func lastState() {
        var random = SplitMix(state: 3)
        let tensors = randomTensors(vocabularySize: 5, hiddenSize: 50, classCount: 2, &random)
        let parameters = ElmanParameters(
            tensors: tensors,
            vocabularySize: 5,
            hiddenSize: 50,
            classCount: 2
        )
        onEveryInstructionSet { set in
            for count in 1...7 {
                let words = randomWords(count, below: 5, &random)
                let pass = TextPass(parameters, words: words, label: 0)
                var kernel = parameters.kernel
                let stride = kernel.stride
                let workspace = UnsafeMutablePointer<Float>.allocate(capacity: 2 * stride)
                defer { workspace.deallocate() }
                let last = ck_elman_last_state(&kernel, words, count, workspace)
                #expect(
                    Array(UnsafeBufferPointer(start: last, count: stride))
                        == Array(pass.states.suffix(stride)),
                    "\(set)"
                )
            }
        }
    }

    static func sameBits() throws {
        guard InstructionSet.avx512.isSupported else { return }
        for hiddenSize in [5, 64, 100] {
            var results: [[String: Tensor]] = []
            for set in [InstructionSet.avx2, .avx512] {
                let current = InstructionSet.current
                defer { current.force() }
                set.force()
                var random = SplitMix(state: 5)
                let parameters = ElmanParameters(
                    tensors: randomTensors(
                        vocabularySize: 7,
                        hiddenSize: hiddenSize,
                        classCount: 19,
                        &random
                    ),
                    vocabularySize: 7,
                    hiddenSize: hiddenSize,
                    classCount: 19
                )
                for _ in 0..<50 {
                    let words = randomWords(5, below: 7, &random)
                    TextPass(parameters, words: words, label: 3)
                        .step(parameters, words: words, rate: 0.1, clip: 1)
                }
                results.append(parameters.tensors())
            }
            #expect(results[0] == results[1])
        }
    }

    static func gradients() throws {
        for network in try ReferenceFixture.load().gradients {
            let (vocabulary, hidden, classes) = (
                network.vocabularySize, network.hiddenSize, network.classCount
            )
            let parameters = ElmanParameters(
                tensors: network.weights.tensors(vocabulary, hidden, classes),
                vocabularySize: vocabulary,
                hiddenSize: hidden,
                classCount: classes
            )
            onEveryInstructionSet { set in
                for text in network.cases {
                    let pass = TextPass(parameters, words: text.tokens, label: text.label)
                    #expect(abs(pass.loss - text.loss) < 1e-5, "\(set)")
                    let found = pass.gradients(like: parameters, words: text.tokens).tensors()
                    for (name, values) in text.gradients {
                        let largest = values.map(\.magnitude).max() ?? 0
                        for (a, b) in zip(found[name]?.values ?? [], values) {
                            // Float32 against float64: 1e-5 of the tensor's largest element.
                            #expect(abs(Double(a) - b) <= 1e-5 * max(largest, 0.1), "\(name)")
                        }
                    }
                }
            }
        }
    }

    static func fusedStep() {
        for hiddenSize in [1, 5, 16, 33, 64] {
            onEveryInstructionSet { set in
                var random = SplitMix(state: UInt64(hiddenSize))
                var tensors = randomTensors(
                    vocabularySize: 6,
                    hiddenSize: hiddenSize,
                    classCount: 3,
                    &random
                )
                // Large outputs make errors that the clipping cuts.
                tensors["w3"]?.values = (0..<hiddenSize * 3).map { _ in random.uniform() * 20 }
                for count in [1, 2, 9] {
                    let words = randomWords(count, below: 3, &random)
                    let fused = ElmanParameters(
                        tensors: tensors,
                        vocabularySize: 6,
                        hiddenSize: hiddenSize,
                        classCount: 3
                    )
                    let separate = ElmanParameters(
                        tensors: tensors,
                        vocabularySize: 6,
                        hiddenSize: hiddenSize,
                        classCount: 3
                    )
                    let pass = TextPass(fused, words: words, label: 2)
                    pass.step(fused, words: words, rate: 0.05, clip: 0.5)
                    let gradients = pass.gradients(like: separate, words: words)
                    let (weights, slopes) = (separate.kernel, gradients.kernel)
                    let stride = weights.stride
                    for (to, from, count) in [
                        (weights.w1, slopes.w1, 6 * stride),
                        (weights.w2, slopes.w2, stride * stride),
                        (weights.b2, slopes.b2, stride), (weights.w3, slopes.w3, 3 * stride),
                        (weights.b3, slopes.b3, 3),
                    ] {
                        ck_clipped_step(to, from, count, 0.05, 0.5)
                    }
                    #expect(fused.tensors() == separate.tensors(), "\(set) \(hiddenSize) \(count)")
                }
            }
        }
    }

    static func padding() {
        onEveryInstructionSet { set in
            var random = SplitMix(state: 1)
            let parameters = ElmanParameters(
                tensors: randomTensors(vocabularySize: 4, hiddenSize: 18, classCount: 2, &random),
                vocabularySize: 4,
                hiddenSize: 18,
                classCount: 2
            )
            for _ in 0..<20 {
                let words = randomWords(4, below: 4, &random)
                TextPass(parameters, words: words, label: 0)
                    .step(parameters, words: words, rate: 1, clip: 1)
            }
            let kernel = parameters.kernel
            for row in 0..<32 {
                for column in 0..<32 where row >= 18 || column >= 18 {
                    #expect(kernel.w2[row * 32 + column] == 0, "\(set)")
                }
            }
            for column in 18..<32 {
                #expect(kernel.b2[column] == 0 && kernel.w3[column] == 0 && kernel.w1[column] == 0)
            }
        }
    }

    static func crossEntropy(classCount: Int) {
        onEveryInstructionSet { set in
            var random = SplitMix(state: 9)
            for scale: Float in [0, 1, 30, 1e4, 3.4e38] {
                let logits = (0..<classCount).map { _ in random.uniform() * scale }
                var gradient = [Float](repeating: .nan, count: classCount)
                let loss = ck_cross_entropy(logits, classCount, classCount - 1, &gradient)
                let largest = Double(logits.max() ?? 0)
                let exact =
                    largest + log(logits.reduce(0) { $0 + exp(Double($1) - largest) })
                    - Double(logits[classCount - 1])
                #expect(abs(loss - exact) <= 1e-6 * max(1, exact), "\(set) \(scale)")
                #expect(gradient.allSatisfy { $0.isFinite })
                #expect(abs(gradient.reduce(0, +)) < 1e-5, "\(set)")
            }
        }
    }

    static func notFinite(bad: Float) {
        onEveryInstructionSet { set in
            for place in [0, 3, 18] {
                var logits = [Float](repeating: 0.5, count: 19)
                logits[place] = bad
                var gradient = logits
                #expect(!ck_cross_entropy(logits, 19, 1, &gradient).isFinite, "\(set) \(place)")
            }
        }
    }
}
