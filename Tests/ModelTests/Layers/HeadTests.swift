import Foundation
import Model
import Testing

@Suite struct HeadTests {
    private let head = Head(Architecture(hiddenSize: 4).output)

    @Test("an architecture answers one label unless it says otherwise")
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

    @Test("of several labels the gradient is that of the loss too", arguments: [0, 1, 2])
    func severalGradient(set: Int) {
        let head = Head.sigmoid(TargetSets([[], [1], [0, 2, 3]]))
        let logits = [0.3, -1.2, 0.9, -40, 40, 0]
        func loss(_ logits: [Double]) -> Double {
            var values = logits
            return head.loss(&values, classes: logits.count, label: set)
        }
        var gradient = logits
        _ = head.loss(&gradient, classes: logits.count, label: set)
        head.differentiate(&gradient, label: set)
        for index in logits.indices {
            var (up, down) = (logits, logits)
            up[index] += 1e-5
            down[index] -= 1e-5
            // As above; the loss is about 80 with the extreme logits, so rounding adds 1e-9.
            #expect(abs((loss(up) - loss(down)) / 2e-5 - gradient[index]) < 1e-7)
        }
    }

    @Test("of several labels the loss is the sum over all, in Float as in Double")
    func severalLoss() {
        let head = Head.sigmoid(TargetSets([[1, 2]]))
        // More labels than one product of the loss takes.
        let logits = (0..<1500).map { Float($0 % 17) - 8 }
        var (floats, doubles) = (logits, logits.map(Double.init))
        let float = head.loss(&floats, classes: logits.count, label: 0)
        let double = head.loss(&doubles, classes: logits.count, label: 0)
        let plain = logits.enumerated().reduce(0.0) { sum, entry in
            let y = Double(entry.element)
            let p = 1 / (1 + exp(-y))
            return sum - log([1, 2].contains(entry.offset) ? p : 1 - p)
        }
        #expect(abs(double - plain) < 1e-6 * plain)
        #expect(abs(Double(float) - plain) < 1e-4 * plain)
        let probabilities = head.probabilities(of: logits)
        #expect(zip(floats, probabilities).allSatisfy { abs($0 - $1) < 1e-6 })
        let again = head.loss(ofProbabilities: probabilities[...], label: 0)
        #expect(abs(again - plain) < 1e-3 * plain)
    }

    @Test("logits beyond all bounds give finite losses and probabilities from 0 to 1")
    func extremes() {
        let head = Head.sigmoid(TargetSets([[0]]))
        var logits: [Float] = [-1e38, 1e38, 0]
        #expect(head.loss(&logits, classes: 3, label: 0).isFinite)
        #expect(logits[0] < 1e-37 && logits[1...] == [1, 0.5])
    }

    @Test("a target asks for its labels")
    func targets() {
        #expect(Head.softmax.labels(of: 3) == [3])
        #expect(Head.sigmoid(TargetSets([[], [0, 2]])).labels(of: 1) == [0, 2])
        #expect(Head.sigmoid(TargetSets([[], [0, 2]])).labels(of: 0) == [])
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
