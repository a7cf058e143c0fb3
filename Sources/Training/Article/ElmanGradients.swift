internal import Glibc
internal import Model

/// Loss and gradients of the article's network as the equations read, in double precision: what the
/// kernels, and central finite differences, must equal.
///
/// Slow on purpose, and stored as a checkpoint stores it: w1 (vocabulary × hidden), w2 (hidden ×
/// hidden), b2 (hidden), w3 (hidden × classes), b3 (classes), row-major.
package struct ElmanGradients {
    /// The weights, or gradients of the same shapes, by name.
    package typealias Tensors = [String: [Double]]

    private let w1: [Double]
    private let w2: [Double]
    private let b2: [Double]
    private let w3: [Double]
    private let b3: [Double]
    private var hidden: Int { b2.count }
    private var classes: Int { b3.count }

    /// Takes w1, w2, b2, w3 and b3.
    package init(weights: Tensors) {
        func tensor(_ name: String) -> [Double] {
            guard let values = weights[name] else { preconditionFailure("No tensor \(name)") }
            return values
        }
        w1 = tensor("w1")
        w2 = tensor("w2")
        b2 = tensor("b2")
        w3 = tensor("w3")
        b3 = tensor("b3")
    }

    /// `-ln softmax(h_T·W3 + b3)[label]`, in nats.
    package func loss(of words: [UInt32], label: Int) -> Double {
        -log(probabilities(of: states(of: words))[label])
    }

    /// The gradient of the loss with respect to every weight.
    ///
    /// With `δ_t` the error before tanh: `dy = p - onehot(label)`, `dh_T = dy·W3ᵀ`, `δ_t =
    /// dh_t ∘ (1 - h_t²)`, `dh_{t-1} = δ_t·W2ᵀ`; `dW1[x_t] = Σ δ_t`, `dW2 = Σ
    /// h_{t-1}ᵀ·δ_t`, `db2 = Σ δ_t`, `dW3 = h_Tᵀ·dy`, `db3 = dy` (Werbos 1990,
    /// "Backpropagation Through Time").
    package func gradients(of words: [UInt32], label: Int) -> Tensors {
        let states = states(of: words)
        var errorOfLogits = probabilities(of: states)
        errorOfLogits[label] -= 1
        var d1 = [Double](repeating: 0, count: w1.count)
        var d2 = [Double](repeating: 0, count: w2.count)
        var dBias = [Double](repeating: 0, count: hidden)
        var d3 = [Double](repeating: 0, count: w3.count)
        var errorOfState = [Double](repeating: 0, count: hidden)
        for row in 0..<hidden {
            for column in 0..<classes {
                d3[row * classes + column] = states[words.count][row] * errorOfLogits[column]
                errorOfState[row] += errorOfLogits[column] * w3[row * classes + column]
            }
        }
        for step in words.indices.reversed() {
            let (previous, state) = (states[step], states[step + 1])
            let delta = (0..<hidden).map { errorOfState[$0] * (1 - state[$0] * state[$0]) }
            for row in 0..<hidden {
                d1[Int(words[step]) * hidden + row] += delta[row]
                dBias[row] += delta[row]
                errorOfState[row] = 0
                for column in 0..<hidden {
                    d2[row * hidden + column] += previous[row] * delta[column]
                    errorOfState[row] += delta[column] * w2[row * hidden + column]
                }
            }
        }
        return ["w1": d1, "w2": d2, "b2": dBias, "w3": d3, "b3": errorOfLogits]
    }

    /// The states h_{-1} = 0, h_0 … h_T.
    private func states(of words: [UInt32]) -> [[Double]] {
        var states = [[Double](repeating: 0, count: hidden)]
        for word in words {
            let previous = states[states.count - 1]
            states.append(
                (0..<hidden).map { column in
                    var total = w1[Int(word) * hidden + column] + b2[column]
                    for row in 0..<hidden { total += previous[row] * w2[row * hidden + column] }
                    return tanh(total)
                }
            )
        }
        return states
    }

    private func probabilities(of states: [[Double]]) -> [Double] {
        let state = states[states.count - 1]
        let logits = (0..<classes).map { column in
            (0..<hidden).reduce(b3[column]) { $0 + state[$1] * w3[$1 * classes + column] }
        }
        let largest = logits.reduce(logits[0], max)
        let powers = logits.map { exp($0 - largest) }
        let total = powers.reduce(0, +)
        return powers.map { $0 / total }
    }
}
