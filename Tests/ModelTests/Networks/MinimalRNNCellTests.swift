import Foundation
import Model
import Testing

/// The minimal cell against its equations, written plainly in double precision.
@Suite struct MinimalRNNCellTests {
    private static let (inputs, hidden) = (5, 7)
    private static let shape = RecurrentShape(
        cell: .minimalRNN,
        directions: 2,
        inputSize: inputs,
        hiddenSize: hidden,
        pooling: [.last],
        classCount: 2,
        wordCount: 4,
        subwordCount: 0
    )

    @Test("has one gate over the candidate and the state, and no bias in the candidate")
    func tensors() {
        let slots = RecurrentLayout(Self.shape).slots.filter { $0.name.hasPrefix("forward.") }
        #expect(slots.map(\.name) == ["forward.wx", "forward.u", "forward.v", "forward.b"])
        #expect(slots.map { [$0.rows, $0.columns] } == [[5, 7], [7, 7], [7, 7], [1, 7]])
    }

    @Test("equals z = tanh(Wx), u = sigmoid(Uh + Vz + b), h = u·h + (1 - u)·z in both directions")
    func equations() {
        let probe = NetworkProbe<Double>(Self.shape)
        let text: [Int32] = [1, 3, 2, 0, 1]
        let workspace = RecurrentNetwork<Double>.Workspace()
        var forms = WordForms()
        for row in 0..<4 { forms.append(wordRow: Int32(row), subwords: []) }
        text.withUnsafeBufferPointer { text in
            _ = probe.network.forward(
                [text],
                forms: forms,
                parameters: probe.parameters,
                workspace: workspace
            )
        }
        for (direction, name) in ["forward", "backward"].enumerated() {
            let steps = direction == 0 ? text : text.reversed()
            let expected = states(of: steps, name, probe.parameters)
            let found = workspace.states(direction: direction, count: expected.count)
            for (one, other) in zip(found, expected) { #expect(abs(one - other) < 1e-12) }
        }
    }

    private func states(of words: [Int32], _ name: String, _ parameters: [Double]) -> [Double] {
        let slots = RecurrentLayout(Self.shape).slots
        func tensor(_ name: String) -> [Double] {
            let slot = slots.first { $0.name == name }
            return slot.map { Array(parameters[$0.offset..<($0.offset + $0.count)]) } ?? []
        }
        func product(_ row: [Double], _ matrix: [Double]) -> [Double] {
            (0..<Self.hidden).map { column in
                row.indices.reduce(0) { $0 + row[$1] * matrix[$1 * Self.hidden + column] }
            }
        }
        let (words, table) = (words.map(Int.init), tensor("words"))
        let (wx, u, v, b) = (
            tensor("\(name).wx"), tensor("\(name).u"), tensor("\(name).v"), tensor("\(name).b")
        )
        var state = [Double](repeating: 0, count: Self.hidden)
        return words.flatMap { word in
            let x = Array(table[(word * Self.inputs)..<((word + 1) * Self.inputs)])
            let z = product(x, wx).map { tanh($0) }
            let (uh, vz) = (product(state, u), product(z, v))
            state = state.indices.map { unit in
                let gate = 1 / (1 + exp(-(uh[unit] + vz[unit] + b[unit])))
                return gate * state[unit] + (1 - gate) * z[unit]
            }
            return state
        }
    }
}
