internal import Glibc

/// The Elman classifier as its equations read, in double precision: what the kernels must equal.
///
/// Slow on purpose. Tests hold the kernels against it at many sizes and instruction sets.
public struct ElmanReference {
    /// The parameters in the shapes of a checkpoint.
    public let tensors: [String: Tensor]

    /// Takes w1, w2, b2, w3 and b3.
    public init(tensors: [String: Tensor]) { self.tensors = tensors }

    /// The hidden states h_0 … h_T of a text, each of shape `(hiddenSize)`.
    public func states(of words: [UInt32]) -> [[Double]] {
        let (w1, w2, b2) = (self["w1"], self["w2"], self["b2"])
        let hidden = b2.count
        var state = [Double](repeating: 0, count: hidden)
        return words.map { word in
            let previous = state
            for column in 0..<hidden {
                var total = Double(w1.values[Int(word) * hidden + column])
                total += Double(b2.values[column])
                for row in 0..<hidden {
                    total += previous[row] * Double(w2.values[row * hidden + column])
                }
                state[column] = tanh(total)
            }
            return state
        }
    }

    /// The probabilities of a text, shape `(classCount)`.
    public func probabilities(of words: [UInt32]) -> [Double] {
        let (w3, b3) = (self["w3"], self["b3"])
        let state = states(of: words).last ?? []
        let logits = b3.values.indices.map { column in
            state.indices.reduce(Double(b3.values[column])) { total, row in
                total + state[row] * Double(w3.values[row * b3.count + column])
            }
        }
        let largest = logits.max() ?? 0
        let powers = logits.map { exp($0 - largest) }
        let total = powers.reduce(0, +)
        return powers.map { $0 / total }
    }

    private subscript(name: String) -> Tensor {
        guard let tensor = tensors[name] else { preconditionFailure("No tensor \(name)") }
        return tensor
    }
}
