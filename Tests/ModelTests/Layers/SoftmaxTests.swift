import Foundation
import Model
import Testing

@Suite struct SoftmaxTests {
    @Test(
        "sums to one, however large the logits",
        arguments: [
            [0, 0], [1000, 0], [-1000, -1001], [3.4e38, -3.4e38], [-3.4e38, -3.4e38, -3.4e38],
            [.leastNonzeroMagnitude, 0], [5],
        ] as [[Float]]
    )
    func sumsToOne(logits: [Float]) {
        let probabilities = softmax(logits)
        #expect(abs(probabilities.reduce(0, +) - 1) < 1e-6)
        #expect(probabilities.allSatisfy { $0 >= 0 && $0 <= 1 })
    }

    @Test("equals the C library's exponentials to float32 precision")
    func isRight() {
        var random = SplitMix(state: 2)
        for count in 1...50 {
            let logits = (0..<count).map { _ in random.uniform() * 40 }
            let largest = logits.max() ?? 0
            let powers = logits.map { exp(Double($0 - largest)) }
            let total = powers.reduce(0, +)
            for (found, power) in zip(softmax(logits), powers) {
                // Relative 1e-6; below e^-87 a probability is 0.
                #expect(abs(Double(found) - power / total) <= 1e-6 * power / total + 1e-37)
            }
        }
    }
}
