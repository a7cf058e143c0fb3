/// What a recurrent network held while it read a text, and how the loss depends on it.
public struct Inspection: Sendable {
    /// One step of one direction: the network has just read a word.
    public struct Step: Sendable {
        /// The token, lower-cased.
        public let token: String
        /// Whether the vocabulary has the token.
        public let isKnown: Bool
        /// The state h_t, shape `(hiddenSize)`.
        public let state: [Float]
        /// The gates at this step, in the order of `gates`, each of shape `(hiddenSize)`.
        public let gates: [[Float]]
        /// The length of the gradient of the loss with respect to h_t, by all ways on which h_t
        /// reaches the output.
        public let gradientNorm: Float
        /// The probability of the label when the text ends behind this word in reading order.
        public let probability: Float
    }

    /// The steps of a direction, in the order in which it reads.
    public struct Direction: Sendable {
        /// `forward` or `backward`.
        public let name: String
        /// One for each word that is read.
        public let steps: [Step]
    }

    /// The cell: `elman`, `gru`, `lstm` or `minimal_rnn`.
    public let cell: String
    /// The width of a state.
    public let hiddenSize: Int
    /// The names of the gates, in the order of their equations.
    public let gates: [String]
    /// What the classifier says of the text.
    public let prediction: Prediction
    /// The index of the label whose loss is meant.
    public let label: Int
    /// `-ln p[label]`, in nats.
    public let loss: Double
    /// One direction, or two.
    public let directions: [Direction]
}

/// The states of one direction, step by step, with the gates and the gradient at each.
struct UnrolledStep {
    var state: [Float]
    var gates: [[Float]] = []
    var gradientNorm: Float
}

/// What cannot be inspected.
public enum InspectionError: Error, Equatable {
    /// No path of the network has a state.
    case notRecurrent
    /// No token is one that the network reads.
    case nothingKnown
}

extension TextClassifier {
    /// Reads a text step by step, forward and, for the gradient of the loss, backward.
    ///
    /// With L = `-ln p[label]`, the length of dL/dh_t shows whether the gradient vanishes or
    /// explodes on its way back through the words.
    ///
    /// - Parameters:
    ///   - utf8: the text, as for `classify`.
    ///   - label: the index of the label whose loss is meant; nil for the answer.
    ///   - scratch: memory made by this classifier's `makeScratch`, used by one thread at a time.
    /// - Returns: The steps.
    /// - Throws: `InspectionError` where there is nothing to show.
    /// - Complexity: that of `tokens` classifications and one backward pass.
    public func inspect(
        utf8: UnsafeBufferPointer<UInt8>,
        label: Int?,
        scratch: ClassifierScratch
    ) throws(InspectionError) -> Inspection {
        let prediction = classify(utf8: utf8, scratch: scratch)
        guard let (cell, hidden) = recurrentCell else { throw .notRecurrent }
        guard prediction.isKnown else { throw .nothingKnown }
        let label = label ?? prediction.labelIndex
        var errors = Array(scratch.probabilities)
        let loss = head.loss(ofProbability: errors[label])
        if output == .multi {
            // The other labels have losses of their own.
            for index in errors.indices where index != label { errors[index] = 0 }
        }
        errors[label] -= 1
        scratch.enter(classCount: labels.count, workspaceCount: workspaceCount)
        defer { scratch.leave() }
        let tokens = tokenizer.sequence(of: scratch.tokens.count)
        let directions = unroll(tokens, errorOfLogits: errors, scratch: scratch)
        var places = Array(0..<tokens.count)
        var shown: [Inspection.Direction] = []
        for (number, steps) in directions.enumerated() {
            if number == 1 { places.reverse() }
            shown.append(
                Inspection.Direction(
                    name: number == 0 ? "forward" : "backward",
                    steps: zip(places, steps).map { place, step in
                        self.step(step, at: tokens[place], label: label, scratch: scratch)
                    }
                )
            )
        }
        return Inspection(
            cell: cell.rawValue,
            hiddenSize: hidden,
            gates: cell.cell(Float.self).gateNames,
            prediction: prediction,
            label: label,
            loss: loss,
            directions: shown
        )
    }

    private func step(
        _ step: UnrolledStep,
        at index: Int,
        label: Int,
        scratch: ClassifierScratch
    ) -> Inspection.Step {
        _ = answer(to: scratch.tokens, 0..<(index + 1), scratch: scratch)
        return Inspection.Step(
            token: String(decoding: scratch.tokens[index], as: UTF8.self),
            isKnown: vocabulary.index(of: scratch.tokens[index]) != Vocabulary.unknownIndex,
            state: step.state,
            gates: step.gates,
            gradientNorm: step.gradientNorm,
            probability: scratch.outputs[label]
        )
    }
}

/// The Euclidean length of a vector.
func length(_ vector: some Sequence<Float>) -> Float {
    vector.reduce(into: 0) { $0 += $1 * $1 }.squareRoot()
}
