internal import CKernels

/// The Elman classifier in service: words in, logits out.
///
/// `h_t = tanh(W1[x_t] + h_{t-1}·W2 + b2)`, `h_{-1} = 0`, `y = h_T·W3 + b3` (Elman 1990, "Finding
/// Structure in Time").
///
/// `@unchecked Sendable`: this class and its extensions only ever read the parameters, so any
/// number of threads may share them.
package final class ElmanNetwork: @unchecked Sendable {
    let parameters: ElmanParameters

    /// The number of logits.
    package var classCount: Int { parameters.kernel.class_count }

    /// How many floats of workspace `logits` needs.
    package var workspaceCount: Int { 2 * parameters.kernel.stride }

    /// Takes the parameters over, so that nobody can change them any more.
    package init(_ parameters: consuming ElmanParameters) {
        self.parameters = parameters
    }

    /// Computes the logits of a text.
    ///
    /// - Parameters:
    ///   - words: indices into the vocabulary, shape `(T)`, T at least 1.
    ///   - workspace: shape `(workspaceCount)`; its contents are lost.
    ///   - logits: shape `(classCount)`; overwritten.
    /// - Precondition: every index is below the vocabulary's count.
    /// - Complexity: O(T · hiddenSize² + hiddenSize · classCount); allocates nothing.
    package func logits(
        of words: UnsafeBufferPointer<UInt32>,
        workspace: UnsafeMutablePointer<Float>,
        into logits: UnsafeMutableBufferPointer<Float>
    ) {
        guard let first = words.baseAddress, !words.isEmpty, let output = logits.baseAddress else {
            preconditionFailure("A text has at least one token")
        }
        withUnsafePointer(to: parameters.kernel) { kernel in
            let state = ck_elman_last_state(kernel, first, words.count, workspace)
            ck_elman_logits(kernel, state, output)
        }
    }
}
