import Foundation
import Model
import Testing

@Suite struct TextClassifierTests {
    private func makeClassifier() throws -> TextClassifier {
        try TextClassifier(try SampleCheckpoint.make(hiddenSize: 64))
    }

    @Test("says what the plain reference says")
    func equalsReference() throws {
        let checkpoint = try SampleCheckpoint.make(hiddenSize: 64)
        let classifier = try TextClassifier(checkpoint)
        let reference = ElmanReference(tensors: checkpoint.tensors)
        for (text, words) in [
            ("I am good", [4, 5, 1]), ("i am NOT bad!", [4, 5, 3, 2, 0]), ("? bad", [0, 2]),
        ] as [(String, [UInt32])] {
            let (prediction, probabilities) = classifier.classify(text)
            for (found, value) in zip(probabilities, reference.probabilities(of: words)) {
                #expect(abs(Double(found) - value) < 1e-5)
            }
            #expect(prediction.score == probabilities.max())
            #expect(probabilities[prediction.labelIndex] == prediction.score)
        }
    }

    @Test("counts tokens and unknown words, and says when a text is too long")
    func counts() throws {
        let classifier = try makeClassifier()
        let short = classifier.classify("I am glad, not bad").prediction
        #expect(short.tokenCount == 6 && short.unknownCount == 2 && !short.isTruncated)
        let empty = classifier.classify(" \n").prediction
        #expect(empty.tokenCount == 0 && empty.unknownCount == 0 && !empty.isTruncated)
        let long = classifier.classify(String(repeating: "good ", count: 161)).prediction
        #expect(long.tokenCount == 160 && long.isTruncated)
    }

    @Test("a lower weight of the logits makes the same answer less sure")
    func calibration() throws {
        var checkpoint = try SampleCheckpoint.make()
        let cold = try TextClassifier(checkpoint).classify("good").prediction
        checkpoint.calibration.recurrent = 0.25
        let warm = try TextClassifier(checkpoint).classify("good").prediction
        #expect(warm.labelIndex == cold.labelIndex)
        #expect(warm.score < cold.score && warm.score >= 0.5)
    }

    @Test("probabilities are finite and sum to one for any text, and for any allowed weights")
    func anyText() throws {
        var checkpoint = try SampleCheckpoint.make()
        var random = SplitMix(state: 5)
        for scale: Float in [1, 1e4, .leastNonzeroMagnitude] {
            for (name, tensor) in checkpoint.tensors {
                let values = tensor.values.map { _ in scale == 1 ? random.uniform() : scale }
                checkpoint.tensors[name] = Tensor(shape: tensor.shape, values: values)
            }
            let classifier = try TextClassifier(checkpoint)
            let scratch = classifier.makeScratch()
            for _ in 0..<3500 {
                var text = randomText(&random)
                _ = text.withUTF8 { classifier.classify(utf8: $0, scratch: scratch) }
                let probabilities = Array(scratch.probabilities)
                #expect(probabilities.allSatisfy { $0.isFinite })
                #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5)
            }
        }
    }

    @Test("eight threads share one classifier and get the answers of one thread")
    func threads() async throws {
        let classifier = try makeClassifier()
        var random = SplitMix(state: 8)
        let texts = (0..<200).map { _ in
            (0..<8).map { _ in SampleCheckpoint.words.randomElement(using: &random) ?? "" }
                .joined(separator: " ")
        }
        let expected = texts.map { classifier.classify($0).probabilities }
        let isEqual = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let scratch = classifier.makeScratch()
                    return zip(texts, expected).allSatisfy { text, expected in
                        var text = text
                        _ = text.withUTF8 { classifier.classify(utf8: $0, scratch: scratch) }
                        // Another suite may switch the instruction set meanwhile: last digits.
                        return zip(scratch.probabilities, expected).allSatisfy {
                            abs($0 - $1) < 1e-5
                        }
                    }
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(isEqual)
    }
}
