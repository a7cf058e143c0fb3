extension RecurrentNetwork {
    /// Fills `parameters` with the start of training.
    ///
    /// Table rows N(0, 0.1²), `<unk>` 0; Wx and V Xavier-uniform ±√(6/(E + H)) (Glorot and
    /// Bengio 2010); each gate of U orthogonal (Saxe et al. 2014); output layers Xavier-uniform;
    /// the attention query N(0, 0.05²); biases as the cell says.
    package func initialize(_ parameters: Pointer, seed: UInt64) {
        var generator = SplitMix64(seed: seed &* 0xD6E8_FEB8_6659_FD93 &+ 1)
        parameters.zero(count: layout.count)
        func normal(_ slot: ParameterSlot, from first: Int = 0, deviation: Double) {
            for index in first..<max(slot.count, first) {
                parameters[slot.offset + index] = Scalar(deviation * generator.normal())
            }
        }
        func uniform(_ slot: ParameterSlot, bound: Double) {
            for index in 0..<slot.count {
                parameters[slot.offset + index] = Scalar(bound * (2 * generator.unit() - 1))
            }
        }
        normal(layout.words, from: shape.inputSize, deviation: 0.1)
        normal(layout.subwords, deviation: 0.1)
        if layout.vectors.count > 0 {
            uniform(
                layout.vectors,
                bound: (6 / Double(shape.vectorSize + shape.inputSize)).squareRoot()
            )
        }
        for direction in layout.directions {
            uniform(
                direction.wx,
                bound: (6 / Double(shape.inputSize + shape.hiddenSize)).squareRoot()
            )
            for gate in 0..<shape.gateCount {
                fillOrthogonal(parameters + direction.u.offset, gate: gate, &generator)
                let bias = layer?.cell.initialBias[gate] ?? 0
                for unit in 0..<shape.hiddenSize {
                    parameters[direction.b.offset + gate * shape.hiddenSize + unit] = bias
                }
            }
            if direction.v.count > 0 {
                uniform(direction.v, bound: (6 / Double(2 * shape.hiddenSize)).squareRoot())
            }
        }
        normal(layout.attention, deviation: 0.05)
        for slot in [layout.hiddenWeights, layout.outputWeights] where slot.count > 0 {
            uniform(slot, bound: (6 / Double(slot.rows + slot.columns)).squareRoot())
        }
    }

    /// Makes the columns of one gate of U (hidden × gates·hidden) an orthogonal matrix:
    /// Gram-Schmidt on normal rows.
    private func fillOrthogonal(_ u: Pointer, gate: Int, _ generator: inout SplitMix64) {
        let size = shape.hiddenSize
        var rows = (0..<size).map { _ in (0..<size).map { _ in generator.normal() } }
        for index in 0..<size {
            for other in 0..<index {
                var dot = 0.0
                for column in 0..<size { dot += rows[index][column] * rows[other][column] }
                for column in 0..<size { rows[index][column] -= dot * rows[other][column] }
            }
            let norm = rows[index].reduce(0) { $0 + $1 * $1 }.squareRoot()
            for column in 0..<size { rows[index][column] /= norm }
        }
        for row in 0..<size {
            for column in 0..<size {
                u[row * shape.gateCount * size + gate * size + column] = Scalar(rows[column][row])
            }
        }
    }
}

extension SplitMix64 {
    /// A normal number with mean 0 and deviation 1 (Box and Muller 1958).
    mutating func normal() -> Double {
        let radius = (-2 * (1 - unit()).naturalLogarithm).squareRoot()
        return radius * (2 * Double.pi * unit()).cosine
    }
}
