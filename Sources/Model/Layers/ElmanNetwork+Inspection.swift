private import CKernels
private import Glibc

extension ElmanNetwork {
    /// The width of a state.
    var hiddenSize: Int { parameters.kernel.hidden_size }

    /// Reads a text as the equations say, and goes back through it.
    ///
    /// `dh_T = dy·W3ᵀ`, `δ_t = dh_t ∘ (1 - h_t²)`, `dh_{t-1} = δ_t·W2ᵀ`: the transpose,
    /// which the article's published code leaves out.
    ///
    /// - Parameters:
    ///   - words: indices into the vocabulary, at least one.
    ///   - errorOfLogits: the gradient of the loss with respect to the logits.
    /// - Returns: one step for each word.
    /// - Complexity: O(words · hiddenSize²).
    func unroll(_ words: [UInt32], errorOfLogits: [Float]) -> [UnrolledStep] {
        withUnsafePointer(to: parameters.kernel) { pointer in
            let kernel = pointer.pointee
            let (hidden, stride) = (kernel.hidden_size, kernel.stride)
            var steps: [UnrolledStep] = []
            for word in words {
                let previous = steps.last?.state ?? Array(repeating: 0, count: hidden)
                let state = (0..<hidden).map { column in
                    var total = kernel.w1[Int(word) * stride + column] + kernel.b2[column]
                    for row in 0..<hidden {
                        total += previous[row] * kernel.w2[row * stride + column]
                    }
                    return tanhf(total)
                }
                steps.append(UnrolledStep(state: state, gradientNorm: 0))
            }
            var error = (0..<hidden).map { row in
                errorOfLogits.indices.reduce(Float(0)) {
                    $0 + errorOfLogits[$1] * kernel.w3[$1 * stride + row]
                }
            }
            for step in steps.indices.reversed() {
                steps[step].gradientNorm = length(error)
                let state = steps[step].state
                let delta = (0..<hidden).map { error[$0] * (1 - state[$0] * state[$0]) }
                error = (0..<hidden).map { row in
                    (0..<hidden).reduce(Float(0)) { $0 + delta[$1] * kernel.w2[row * stride + $1] }
                }
            }
            return steps
        }
    }
}
