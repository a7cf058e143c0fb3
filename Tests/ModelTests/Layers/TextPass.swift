import CKernels
import Model

/// One text through the kernels, forward and backward, with every intermediate result.
struct TextPass {
    var states: [Float]
    var logits: [Float]
    var dLogits: [Float]
    var deltas: [Float]
    var loss: Double

    init(_ parameters: borrowing ElmanParameters, words: [UInt32], label: Int) {
        let stride = parameters.kernel.stride
        let classes = parameters.kernel.class_count
        states = Array(repeating: .nan, count: words.count * stride)
        deltas = states
        logits = Array(repeating: .nan, count: classes)
        dLogits = logits
        var dState = [Float](repeating: .nan, count: stride)
        var kernel = parameters.kernel
        ck_elman_states(&kernel, words, words.count, &states)
        ck_elman_logits(&kernel, Array(states.suffix(stride)), &logits)
        loss = ck_cross_entropy(logits, classes, label, &dLogits)
        ck_elman_logits_backward(&kernel, dLogits, &dState)
        ck_elman_deltas(&kernel, states, words.count, &dState, &deltas)
    }

    /// Gradients in the shapes of a checkpoint.
    func gradients(like parameters: borrowing ElmanParameters, words: [UInt32]) -> ElmanParameters {
        let gradients = ElmanParameters(
            vocabularySize: parameters.kernel.vocabulary_size,
            hiddenSize: parameters.kernel.hidden_size,
            classCount: parameters.kernel.class_count
        )
        var kernel = gradients.kernel
        ck_elman_add_gradients(&kernel, words, words.count, states, deltas, dLogits)
        return gradients
    }

    /// One step of the fused update.
    func step(_ parameters: borrowing ElmanParameters, words: [UInt32], rate: Float, clip: Float) {
        var kernel = parameters.kernel
        var workspace = [Float](repeating: .nan, count: kernel.stride)
        ck_elman_clipped_step(
            &kernel,
            words,
            words.count,
            states,
            deltas,
            dLogits,
            rate,
            clip,
            &workspace
        )
    }
}
