extension TextClassifier {
    /// How sure a model is that a text has one of its labels at all, from 0 to 1: one over the
    /// perplexity of its probabilities, `exp(Σ p·ln p)`.
    ///
    /// It is 1 where one label has all, and 1/n where n labels share it alike; never more than the
    /// greatest probability. Texts of none of the labels are told by it better than by that one:
    /// a text between two labels is likely of one of them, one between all labels of none.
    ///
    /// - Parameter probabilities: those of all labels, which add up to 1.
    /// - Returns: the certainty.
    public static func certainty(_ probabilities: UnsafeBufferPointer<Float>) -> Float {
        var sum = 0.0
        // What is less adds less than a millionth.
        for probability in probabilities where probability > 1e-8 {
            let probability = Double(probability)
            sum += probability * probability.naturalLogarithm
        }
        return min(Float.exponential(Float(sum)), 1)
    }

    /// The certainty of an answer; 0 where nothing of the text is known.
    ///
    /// Where a text may have several labels it is the greatest probability.
    ///
    /// - Parameters:
    ///   - prediction: the answer.
    ///   - probabilities: those of all labels.
    /// - Returns: the certainty, from 0 to 1.
    public func certainty(
        of prediction: Prediction,
        _ probabilities: UnsafeBufferPointer<Float>
    ) -> Float {
        guard prediction.isKnown else { return 0 }
        return output == .oneLabel ? TextClassifier.certainty(probabilities) : prediction.score
    }
}
