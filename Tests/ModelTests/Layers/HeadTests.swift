import Model
import Testing

@Suite struct HeadTests {
    private let head = Head(Architecture(hiddenSize: 4).output)

    @Test("every architecture of today answers one label")
    func kind() {
        let mixed = MixedShape(recurrent: nil, featureCount: 3)
        #expect(Architecture(network: .mixed(mixed)).output == .oneLabel)
        #expect(Architecture(hiddenSize: 4).output == .oneLabel)
    }

    @Test(
        "answers the most probable label, of equals the first",
        arguments: [([0.2, 0.5, 0.3], 1), ([0.4, 0.2, 0.4], 0), ([1], 0)] as [([Float], Int)]
    )
    func decision(probabilities: [Float], best: Int) {
        #expect(head.decision(probabilities[...]) == best)
        // A slice has places of its own.
        #expect(head.decision(([2] + probabilities).dropFirst()) == best)
    }

    @Test("the gradient is that of the loss, by central differences")
    func gradient() {
        let logits = [0.3, -1.2, 0.9]
        func loss(_ logits: [Double]) -> Double {
            var values = logits
            return head.loss(&values, classes: 3, label: 2)
        }
        var gradient = logits
        _ = head.loss(&gradient, classes: 3, label: 2)
        head.differentiate(&gradient, label: 2)
        for index in logits.indices {
            var (up, down) = (logits, logits)
            up[index] += 1e-5
            down[index] -= 1e-5
            // Central differences at 1e-5 leave an error of the order of 1e-10.
            #expect(abs((loss(up) - loss(down)) / 2e-5 - gradient[index]) < 1e-8)
        }
    }

    @Test("the loss of a probability is that of its logits, and finite for 0")
    func lossOfProbability() {
        let logits: [Float] = [0.3, -1.2, 0.9]
        var values = logits
        let loss = head.loss(&values, classes: 3, label: 1)
        let probability = head.probabilities(of: logits)[1]
        #expect(abs(head.loss(ofProbability: probability) - Double(loss)) < 1e-6)
        #expect(head.loss(ofProbability: 0).isFinite)
    }
}
