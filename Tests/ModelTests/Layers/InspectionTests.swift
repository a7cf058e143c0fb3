import Foundation
import Model
import Testing

@Suite struct InspectionTests {
    private func inspect(
        _ classifier: TextClassifier,
        _ text: String,
        label: Int? = nil
    ) throws -> Inspection {
        var text = text
        return try text.withUTF8 {
            try classifier.inspect(utf8: $0, label: label, scratch: classifier.makeScratch())
        }
    }

    @Test("the article's states are those of the reference, the gradient that of differences")
    func article() throws {
        let checkpoint = try SampleCheckpoint.make(hiddenSize: 5)
        let classifier = try TextClassifier(checkpoint)
        let found = try inspect(classifier, "I am not zorblax good", label: 0)
        let words: [UInt32] = [4, 5, 3, 0, 1]
        let states = ElmanReference(tensors: checkpoint.tensors).states(of: words)
        #expect(found.cell == "elman" && found.hiddenSize == 5 && found.gates.isEmpty)
        let steps = try #require(found.directions.first).steps
        #expect(steps.map(\.token) == ["i", "am", "not", "zorblax", "good"])
        #expect(steps.map(\.isKnown) == [true, true, true, false, true])
        for (step, state) in zip(steps, states) {
            for (one, other) in zip(step.state, state) { #expect(abs(Double(one) - other) < 1e-5) }
        }
        for (place, step) in steps.enumerated() {
            let later = Array(words[(place + 1)...])
            let slopes = states[place].indices.map { unit in
                func loss(_ change: Double) -> Double {
                    var state = states[place]
                    state[unit] += change
                    return self.loss(from: state, later, label: 0, checkpoint.tensors)
                }
                return (loss(1e-5) - loss(-1e-5)) / 2e-5
            }
            let expected = slopes.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(abs(Double(step.gradientNorm) - expected) < 1e-4 * max(expected, 1))
        }
    }

    /// The loss of a text that goes on from a state.
    private func loss(
        from start: [Double],
        _ words: [UInt32],
        label: Int,
        _ tensors: [String: Tensor]
    ) -> Double {
        func tensor(_ name: String) -> [Double] { tensors[name]?.values.map(Double.init) ?? [] }
        let (w1, w2, b2, w3, b3) = (
            tensor("w1"), tensor("w2"), tensor("b2"), tensor("w3"), tensor("b3")
        )
        let hidden = b2.count
        var state = start
        for word in words {
            state = (0..<hidden).map { column in
                let input = w1[Int(word) * hidden + column] + b2[column]
                return tanh(
                    (0..<hidden).reduce(input) { $0 + state[$1] * w2[$1 * hidden + column] }
                )
            }
        }
        let logits = b3.indices.map { column in
            (0..<hidden).reduce(b3[column]) { $0 + state[$1] * w3[$1 * b3.count + column] }
        }
        return log(logits.reduce(0) { $0 + exp($1) }) - logits[label]
    }

    @Test(
        "the gates of each cell make its states, in both directions",
        arguments: [
            (CellKind.elman, []), (.gru, ["reset", "update", "candidate"]),
            (.lstm, ["input", "forget", "candidate", "output"]), (.minimalRNN, ["update"]),
        ]
    )
    func cells(cell: CellKind, gates: [String]) throws {
        let classifier = try TextClassifier(try MixedCheckpoint.make(cell: cell))
        let found = try inspect(classifier, "not good film goody")
        #expect(found.cell == cell.rawValue && found.gates == gates)
        #expect(found.directions.map(\.name) == ["forward", "backward"])
        let tokens = ["not", "good", "film", "goody"]
        #expect(found.directions[0].steps.map(\.token) == tokens)
        #expect(found.directions[1].steps.map(\.token) == tokens.reversed())
        #expect(found.directions[0].steps.last?.probability == found.prediction.score)
        for direction in found.directions {
            var state = [Float](repeating: 0, count: 4)
            var memory = state
            for step in direction.steps {
                #expect(step.gradientNorm > 0 && step.gradientNorm.isFinite)
                for unit in state.indices {
                    let gate = step.gates.map { $0[unit] }
                    switch cell {
                    case .gru: state[unit] = (1 - gate[1]) * gate[2] + gate[1] * state[unit]
                    case .lstm:
                        memory[unit] = gate[1] * memory[unit] + gate[0] * gate[2]
                        state[unit] = gate[3] * tanh(memory[unit])
                    default: state[unit] = step.state[unit]
                    }
                    #expect(abs(state[unit] - step.state[unit]) < 1e-5)
                }
            }
        }
    }

    @Test("without a recurrent path, or without a known word, there is nothing to show")
    func nothing() throws {
        let flat = try TextClassifier(try MixedCheckpoint.make(cell: nil))
        #expect(throws: InspectionError.notRecurrent) { try inspect(flat, "good") }
        let article = try TextClassifier(try SampleCheckpoint.make())
        for text in ["", "zorblax"] {
            #expect(throws: InspectionError.nothingKnown) { try inspect(article, text) }
        }
    }
}
