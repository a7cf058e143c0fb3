/// What the outputs of a network mean.
public enum OutputKind: Sendable, Equatable {
    /// One label of all: the outputs are the logits of one distribution.
    case oneLabel
}

/// The end of a network: the probabilities that its logits are, the answer, and how wrong it is.
///
/// The architecture's output kind says which head a network has. There is one: a softmax over the
/// labels. Texts with several labels need another case here, and another kind of target.
package enum Head: Sendable {
    /// `p = softmax(logits)`; the most probable label; its cross-entropy.
    case softmax

    /// The head for outputs of this kind.
    package init(_ output: OutputKind) {
        switch output {
        case .oneLabel: self = .softmax
        }
    }

    /// Turns logits into probabilities, in place.
    package func probabilities(_ logits: UnsafeMutableBufferPointer<Float>) {
        switch self {
        case .softmax: Model.softmax(logits)
        }
    }

    /// The probabilities of `logits`, for training and reports.
    package func probabilities(of logits: [Float]) -> [Float] {
        var values = logits
        values.withUnsafeMutableBufferPointer { probabilities($0) }
        return values
    }

    /// The place of the label that is answered: the most probable, of equals the first.
    package func decision(_ probabilities: UnsafeBufferPointer<Float>) -> Int {
        var best = 0
        for place in probabilities.indices where probabilities[place] > probabilities[best] {
            best = place
        }
        return best
    }

    /// The same of probabilities in an array, counted from the first of them.
    package func decision(_ probabilities: ArraySlice<Float>) -> Int {
        probabilities.withUnsafeBufferPointer { decision($0) }
    }

    /// Turns the logits of one text into probabilities, in place.
    ///
    /// - Parameters:
    ///   - logits: shape `(classes)`; replaced by probabilities.
    ///   - classes: the number of labels.
    ///   - label: the text's own.
    /// - Returns: The loss, `-ln p[label]`, in nats.
    package func loss<Scalar: KernelScalar>(
        _ logits: UnsafeMutablePointer<Scalar>,
        classes: Int,
        label: Int
    ) -> Scalar {
        Scalar.softmaxCrossEntropy(logits, classes: classes, label: label)
    }

    /// Turns the probabilities that `loss` left into its gradient, `p - onehot(label)`.
    package func differentiate<Scalar: KernelScalar>(
        _ probabilities: UnsafeMutablePointer<Scalar>,
        label: Int
    ) {
        probabilities[label] -= 1
    }

    /// The loss of an answer that gave the text's own label this probability, in nats; one of 0
    /// counts as the least normal number.
    package func loss(ofProbability probability: Float) -> Double {
        -Double(max(probability, .leastNormalMagnitude)).naturalLogarithm
    }
}
