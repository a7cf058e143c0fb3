internal import Examples
package import Model

/// What a model states of a text: a label, or what stands for a set of labels, and its probability.
package struct StatedAnswer: Sendable, Equatable {
    /// The label, or `LabelSet.stored`.
    package var label: String
    /// The probability of the label, or of exactly this set if each label were given by itself.
    package var score: Float
    /// How sure the model is that the text has one of the labels at all.
    package var certainty: Float = 1
}

extension TextClassifier {
    /// How sure the model is that each text has one of its labels.
    package func certainties(of texts: some Sequence<String>) -> [Float] {
        let scratch = makeScratch()
        return texts.map { text in
            var text = text
            let answer = text.withUTF8 { classify(utf8: $0, scratch: scratch) }
            return certainty(of: answer, scratch.probabilities)
        }
    }

    /// Classifies one text; its probabilities are then in `scratch.probabilities`.
    package func stated(_ text: String, scratch: ClassifierScratch) -> StatedAnswer {
        var text = text
        let prediction = text.withUTF8 { classify(utf8: $0, scratch: scratch) }
        guard output == .multi else {
            return StatedAnswer(
                label: labels[prediction.labelIndex],
                score: prediction.score,
                certainty: certainty(of: prediction, scratch.probabilities)
            )
        }
        return stated(scratch.probabilities)
    }

    /// The set of labels that these probabilities give a text.
    package func stated(_ probabilities: UnsafeBufferPointer<Float>) -> StatedAnswer {
        let answer = answered(probabilities)
        return StatedAnswer(
            label: LabelSet(answer.map { labels[$0] }).stored,
            score: probability(of: answer, probabilities)
        )
    }
}
