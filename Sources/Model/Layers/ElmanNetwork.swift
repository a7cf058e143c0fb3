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

    /// Reads one further word.
    ///
    /// - Parameters:
    ///   - state: the state before, empty at the start of a text; the state behind it then.
    ///   - word: an index into the vocabulary.
    ///   - workspace: shape `(workspaceCount)`; its contents are lost.
    func advance(_ state: inout [Float], _ word: UInt32, workspace: UnsafeMutablePointer<Float>) {
        let width = parameters.kernel.stride
        withUnsafePointer(to: parameters.kernel) { kernel in
            let next: UnsafePointer<Float>
            if state.isEmpty {
                next = ck_elman_last_state(kernel, [word], 1, workspace)
            } else {
                workspace.update(from: state, count: width)
                next = ck_elman_next_state(kernel, [word], 1, workspace)
            }
            state = Array(UnsafeBufferPointer(start: next, count: width))
        }
    }

    /// Computes the logits of a text whose start was read already.
    ///
    /// - Parameters:
    ///   - state: the state behind the start, of at least one word.
    ///   - words: the words that follow.
    ///   - workspace: shape `(workspaceCount)`; its contents are lost.
    ///   - logits: shape `(classCount)`; overwritten.
    func logits(
        from state: [Float],
        _ words: [UInt32],
        workspace: UnsafeMutablePointer<Float>,
        into logits: UnsafeMutableBufferPointer<Float>
    ) {
        guard let output = logits.baseAddress, !state.isEmpty else {
            preconditionFailure("A text has at least one token")
        }
        workspace.update(from: state, count: parameters.kernel.stride)
        withUnsafePointer(to: parameters.kernel) { kernel in
            let last = ck_elman_next_state(kernel, words, words.count, workspace)
            ck_elman_logits(kernel, last, output)
        }
    }
}
