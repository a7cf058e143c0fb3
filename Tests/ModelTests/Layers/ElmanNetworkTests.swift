import Model
import Testing

@Suite struct ElmanNetworkTests {
    @Test("probabilities equal NumPy's to 1e-5 on 1,000 texts")
    func equalsNumPy() throws {
        var count = 0
        for network in try ReferenceFixture.load().forward {
            let (vocabulary, hidden, classes) = (
                network.vocabularySize, network.hiddenSize, network.classCount
            )
            let elman = ElmanNetwork(
                ElmanParameters(
                    tensors: network.weights.tensors(vocabulary, hidden, classes),
                    vocabularySize: vocabulary,
                    hiddenSize: hidden,
                    classCount: classes
                )
            )
            for (text, expected) in zip(network.texts, network.probabilities) {
                let probabilities = elman.probabilities(of: text)
                #expect(probabilities.count == expected.count)
                for (found, value) in zip(probabilities, expected) {
                    #expect(abs(Double(found) - value) < 1e-5)
                }
                count += 1
            }
        }
        #expect(count == 1000)
    }

    @Test("tensors survive the way into the kernels' layout and back")
    func layoutRoundTrip() {
        var random = SplitMix(state: 4)
        for (vocabulary, hidden, classes) in [(1, 1, 2), (5, 17, 3), (9, 64, 20)] {
            let tensors = randomTensors(
                vocabularySize: vocabulary,
                hiddenSize: hidden,
                classCount: classes,
                &random
            )
            let parameters = ElmanParameters(
                tensors: tensors,
                vocabularySize: vocabulary,
                hiddenSize: hidden,
                classCount: classes
            )
            #expect(parameters.tensors() == tensors)
        }
    }
}

extension ElmanNetwork {
    /// Logits and softmax, with memory of its own.
    func probabilities(of words: [UInt32]) -> [Float] {
        var workspace = [Float](repeating: .nan, count: workspaceCount)
        var outputs = [Float](repeating: .nan, count: classCount)
        outputs.withUnsafeMutableBufferPointer { outputs in
            workspace.withUnsafeMutableBufferPointer { workspace in
                guard let start = workspace.baseAddress else { return }
                words.withUnsafeBufferPointer {
                    logits(of: $0, workspace: start, into: outputs)
                }
            }
            softmax(outputs)
        }
        return outputs.map { $0 }
    }
}
