import Foundation
import Model
import Testing

/// Forward passes of the cells against PyTorch's `nn.RNN`, `nn.GRU` and `nn.LSTM`.
@Suite struct PyTorchCellTests {
    @Test(
        "equals PyTorch on the same weights, in both directions",
        arguments: [CellKind.elman, .gru, .lstm]
    )
    func states(kind: CellKind) throws {
        let fixture = try PyTorchFixture.load()
        let example = try #require(fixture.cases.first { $0.cell == kind.rawValue })
        let probe = CellProbe(kind: kind, fixture: fixture, example: example)
        for direction in 0..<2 {
            let states = probe.states(direction: direction)
            for step in 0..<fixture.steps {
                let time = direction == 0 ? step : fixture.steps - 1 - step
                for unit in 0..<fixture.hidden {
                    let expected =
                        example.states[(time * 2 + direction) * fixture.hidden + unit]
                    // Both are float32; sums of a dozen products in another order.
                    #expect(abs(states[step * fixture.hidden + unit] - expected) < 1e-5)
                }
            }
        }
    }
}

struct PyTorchFixture: Decodable {
    struct Direction: Decodable {
        var weightIh: [Float]
        var weightHh: [Float]
        var biasIh: [Float]
        var biasHh: [Float]
    }

    struct Example: Decodable {
        var cell: String
        var x: [Float]
        var directions: [Direction]
        var states: [Float]
    }

    var input: Int
    var hidden: Int
    var steps: Int
    var cases: [Example]

    static func load() throws -> PyTorchFixture {
        let url = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/pytorch_cells.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(PyTorchFixture.self, from: Data(contentsOf: url))
    }
}

/// A network whose recurrent layer has PyTorch's weights and whose inputs are the fixture's.
///
/// PyTorch keeps its matrices transposed, (gates·hidden × inputs), and two biases, of which only
/// the GRU's last gate needs both.
private struct CellProbe {
    let kind: CellKind
    let fixture: PyTorchFixture
    let example: PyTorchFixture.Example

    /// (steps × hidden) in the order in which the direction walks.
    func states(direction: Int) -> [Float] {
        let shape = RecurrentShape(
            cell: kind,
            directions: 2,
            inputSize: fixture.input,
            hiddenSize: fixture.hidden,
            pooling: [.last],
            classCount: 2,
            wordCount: fixture.steps,
            subwordCount: 0
        )
        let network = RecurrentNetwork<Float>(shape)
        var parameters = [Float](repeating: 0, count: network.layout.count)
        for slot in network.layout.slots {
            for (index, value) in values(of: slot.name).enumerated() {
                parameters[slot.offset + index] = value
            }
        }
        var forms = WordForms()
        let text = (0..<fixture.steps).map {
            forms.append(wordRow: Int32($0), subwords: [])
        }
        let workspace = RecurrentNetwork<Float>.Workspace()
        text.withUnsafeBufferPointer { text in
            _ = network.forward(
                [text],
                forms: forms,
                parameters: parameters,
                workspace: workspace
            )
        }
        return workspace.states(
            direction: direction,
            count: fixture.steps * fixture.hidden
        )
    }

    private func values(of name: String) -> [Float] {
        if name == "words" { return example.x }
        let parts = name.split(separator: ".")
        guard parts.count == 2, ["forward", "backward"].contains(parts[0]) else { return [] }
        let weights = example.directions[parts[0] == "forward" ? 0 : 1]
        let width = weights.biasIh.count
        switch parts[1] {
        case "wx":
            return transposed(weights.weightIh, rows: width, columns: fixture.input)
        case "u":
            return transposed(weights.weightHh, rows: width, columns: fixture.hidden)
        case "b":
            return weights.biasIh.indices.map { index in
                let isOwn = kind == .gru && index >= 2 * fixture.hidden
                return weights.biasIh[index] + (isOwn ? 0 : weights.biasHh[index])
            }
        default:
            return Array(weights.biasHh[(2 * fixture.hidden)...])
        }
    }

    private func transposed(_ matrix: [Float], rows: Int, columns: Int) -> [Float] {
        (0..<(rows * columns)).map { matrix[$0 % rows * columns + $0 / rows] }
    }
}
