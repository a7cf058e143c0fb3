internal import CKernels
package import Model

/// Trains the article's network as the article does: plain SGD, one text at a time, in the given
/// order, every gradient element clipped to [-1, 1].
///
/// `h_t = tanh(W1[x_t] + h_{t-1}·W2 + b2)`, `h_{-1} = 0`, `y = h_T·W3 + b3`, loss = cross-entropy
/// of softmax(y); backpropagation through time with the transpose of W2, which the article's
/// published code leaves out. Single precision; one thread, because each step needs the weights of
/// the last.
package struct ArticleTrainer: ~Copyable {
    /// Gradient elements beyond this are cut to it.
    package static let clip: Float = 1

    /// The weights, changed in place by every step.
    package let parameters: ElmanParameters
    private let texts: EncodedExamples
    private let learningRate: Float
    private let states: FloatBuffer
    private let deltas: FloatBuffer
    private let errors: FloatBuffer
    private let outputs: FloatBuffer

    /// What one step saw before it changed the weights.
    package struct Step: Equatable {
        /// The cross-entropy in nats.
        package var loss: Double
        /// Whether the most probable label was the right one.
        package var isRight: Bool
    }

    /// Allocates all the memory that the steps need.
    ///
    /// - Parameters:
    ///   - parameters: the weights to start from.
    ///   - texts: the rows, in order; their words and labels must be within the sizes of
    ///     `parameters`.
    ///   - learningRate: the factor of each gradient step.
    ///   - longest: the number of words of the longest other text that will be scored.
    package init(
        from parameters: consuming ElmanParameters,
        on texts: EncodedExamples,
        learningRate: Double,
        longest: Int = 0
    ) {
        let kernel = parameters.kernel
        precondition(texts.words.allSatisfy { Int($0) < kernel.vocabulary_size }, "Unknown word")
        precondition(texts.labels.allSatisfy { $0 < kernel.class_count }, "Unknown label")
        self.parameters = parameters
        self.texts = texts
        self.learningRate = Float(learningRate)
        states = FloatBuffer(zeros: max(texts.longest, longest) * kernel.stride)
        deltas = FloatBuffer(zeros: texts.longest * kernel.stride)
        errors = FloatBuffer(zeros: kernel.stride)
        outputs = FloatBuffer(zeros: 2 * kernel.class_count)
    }

    /// Learns one text.
    ///
    /// - Parameter index: the row, below the number of rows.
    /// - Returns: the loss and answer before the weights changed.
    /// - Complexity: about 3 · tokens · hiddenSize² multiply-adds; allocates nothing.
    @discardableResult
    package func learn(_ index: Int) -> Step {
        withUnsafePointer(to: parameters.kernel) { kernel in
            texts.withText(index) { words, count in
                let step = forward(kernel, words, count, label: texts.labels[index])
                let errorOfLogits = outputs.pointer + kernel.pointee.class_count
                ck_elman_logits_backward(kernel, errorOfLogits, errors.pointer)
                ck_elman_deltas(kernel, states.pointer, count, errors.pointer, deltas.pointer)
                ck_elman_clipped_step(
                    kernel,
                    words,
                    count,
                    states.pointer,
                    deltas.pointer,
                    errorOfLogits,
                    learningRate,
                    ArticleTrainer.clip,
                    errors.pointer
                )
                forgetUnknownWord(kernel.pointee, words, count)
                return step
            }
        }
    }

    /// The mean cross-entropy of `others`, in nats, under the weights as they are; changes nothing.
    ///
    /// - Precondition: no text of `others` is longer than `init` was told.
    package func meanLoss(on others: EncodedExamples) -> Double {
        withUnsafePointer(to: parameters.kernel) { kernel in
            let losses = (0..<others.count).map { index in
                others.withText(index) {
                    forward(kernel, $0, $1, label: others.labels[index]).loss
                }
            }
            return losses.reduce(0, +) / Double(losses.count)
        }
    }

    /// Adds the gradients of one text, not clipped, to `gradients`, and returns its loss.
    ///
    /// For the gradient checks: a step computes the same numbers without storing them.
    package func addGradients(of index: Int, to gradients: borrowing ElmanParameters) -> Double {
        withUnsafePointer(to: parameters.kernel) { kernel in
            texts.withText(index) { words, count in
                let step = forward(kernel, words, count, label: texts.labels[index])
                let errorOfLogits = outputs.pointer + kernel.pointee.class_count
                ck_elman_logits_backward(kernel, errorOfLogits, errors.pointer)
                ck_elman_deltas(kernel, states.pointer, count, errors.pointer, deltas.pointer)
                withUnsafePointer(to: gradients.kernel) { sums in
                    ck_elman_add_gradients(
                        sums,
                        words,
                        count,
                        states.pointer,
                        deltas.pointer,
                        errorOfLogits
                    )
                }
                return step.loss
            }
        }
    }

    /// Fills `states`, the logits, and behind them the error of the logits.
    private func forward(
        _ kernel: UnsafePointer<ck_elman>,
        _ words: UnsafePointer<UInt32>,
        _ count: Int,
        label: Int
    ) -> Step {
        let (stride, classes) = (kernel.pointee.stride, kernel.pointee.class_count)
        let logits = outputs.pointer
        ck_elman_states(kernel, words, count, states.pointer)
        ck_elman_logits(kernel, states.pointer + (count - 1) * stride, logits)
        let best = Head.softmax.decision(UnsafeBufferPointer(start: logits, count: classes))
        let loss = ck_cross_entropy(logits, classes, label, logits + classes)
        return Step(loss: loss, isRight: best == label)
    }

    /// Keeps the row of `<unk>` at zero when a text without words was learnt.
    private func forgetUnknownWord(
        _ kernel: ck_elman,
        _ words: UnsafePointer<UInt32>,
        _ count: Int
    ) {
        for index in 0..<count where words[index] == Vocabulary.unknownIndex {
            kernel.w1.update(repeating: 0, count: kernel.stride)
            return
        }
    }
}
