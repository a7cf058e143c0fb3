import Foundation
import Model
import Testing

@Suite struct CertaintyTests {
    private func certainty(_ probabilities: [Float]) -> Float {
        probabilities.withUnsafeBufferPointer { TextClassifier.certainty($0) }
    }

    @Test(
        "it is one over the perplexity",
        arguments: [
            ([1, 0, 0], 1), ([0.5, 0.5, 0], 0.5), ([0.25, 0.25, 0.25, 0.25], 0.25),
            ([0.7, 0.2, 0.1], exp(0.7 * log(0.7) + 0.2 * log(0.2) + 0.1 * log(0.1))),
            ([1e-30, 1, 1e-12], 1), ([1], 1),
        ] as [([Float], Double)]
    )
    func values(probabilities: [Float], expected: Double) {
        #expect(abs(Double(certainty(probabilities)) - expected) < 1e-6)
    }

    @Test("it is never more than the greatest probability, nor less than one in all")
    func bounds() {
        var generator = SplitMix64(seed: 3)
        for count in [2, 3, 77, 1000] {
            let weights = (0..<count).map { _ in Float(generator.unit() * generator.unit()) }
            let sum = weights.reduce(0, +)
            let probabilities = weights.map { $0 / sum }
            let certainty = certainty(probabilities)
            #expect(certainty <= (probabilities.max() ?? 0) + 1e-6)
            #expect(certainty >= 1 / Float(count) - 1e-6)
        }
    }
}
