internal import Evaluation
internal import Model

/// What a version says of one text: everything is counted, rounded and decided, nothing is written.
///
/// The probabilities lie in the scratch memory of the thread that asks. So it lives as long as the
/// call that lends it.
struct Classification: ~Copyable {
    /// Why an answer abstains.
    enum Abstention {
        /// The model knows nothing of the text.
        case noKnownWords
        /// The score is below the confidence that was asked for.
        case lowScore
        /// The certainty is below the one that the version proposes: the text is none of its
        /// labels.
        case outOfScope
    }

    /// The index of the most probable label.
    let best: Int
    /// Its probability.
    let score: Float
    /// The probability of each label, in the order of the model's labels.
    let probabilities: UnsafeBufferPointer<Float>
    /// The indices of as many of the most probable labels as were asked for, the best first; nil if
    /// no number was asked for.
    let ranking: ArraySlice<Int>?
    /// Tokens that were read.
    let tokenCount: Int
    /// The share of them that the model does not know; 0 without tokens.
    let unknownShare: Float
    /// Whether some part of the text was not read.
    let isTruncated: Bool
    /// The indices of the labels that the text gets, where it may get several.
    ///
    /// They pass their thresholds and the confidence that was asked for. nil where a text gets one.
    let answered: [Int]?
    /// nil for an answer that stands.
    let abstention: Abstention?
    /// How sure it is that the text has one of the labels; nil if that was not asked for.
    let certainty: Float?
    /// What each word did; nil if that was not asked for.
    let explanation: [Explanation.Word]?
    /// Where a text may get several labels: the indices of those that are explained.
    let explainedLabels: [Int]
    /// The name under which the prediction is remembered; nil if it is not.
    let predictionID: String?
}

extension ServedModel {
    /// Classifies texts and writes what it says of each; counts and remembers them.
    ///
    /// - Parameters:
    ///   - texts: as UTF-8.
    ///   - options: what was asked for.
    ///   - writer: gets one classification for each text.
    ///   - isCancelled: asked before each word that is explained; whether nobody waits any more.
    /// - Returns: false if nobody does; the writer then has not got all.
    /// - Complexity: with explanations that of `2 · tokens + 1` classifications for each text.
    func classify(
        _ texts: [UnsafeBufferPointer<UInt8>],
        _ options: ClassifyRequest.Options,
        into writer: inout some ClassificationWriter,
        isCancelled: () -> Bool = { false }
    ) -> Bool {
        withScratch { scratch in
            for text in texts {
                let isDone = withReading(of: text) { utf8, isCut in
                    var words: [Explanation.Word]?
                    var explained: [Int] = []
                    let prediction: Prediction
                    if options.isExplained {
                        guard
                            let explanation = classifier.explain(
                                utf8: utf8,
                                scratch: scratch,
                                isCancelled: isCancelled
                            )
                        else { return false }
                        (prediction, words) = (explanation.prediction, explanation.words)
                        explained = explanation.labels
                    } else {
                        prediction = classifier.classify(utf8: utf8, scratch: scratch)
                    }
                    let said = told(
                        of: prediction,
                        scratch.probabilities,
                        isCut: isCut,
                        options,
                        words: words,
                        explained: explained,
                        predictionID: options.isRemembered
                            ? remember(utf8, prediction, scratch.probabilities) : nil
                    )
                    writer.write(said)
                    tap.offer(utf8, said, options, by: self)
                    return true
                }
                if !isDone { return false }
            }
            return true
        }
    }

    /// What is said of a text, by all that was found out; counts it.
    private func told(
        of prediction: Prediction,
        _ probabilities: UnsafeBufferPointer<Float>,
        isCut: Bool,
        _ options: ClassifyRequest.Options,
        words: [Explanation.Word]? = nil,
        explained: [Int] = [],
        predictionID: String? = nil
    ) -> Classification {
        let answered = answered(probabilities, options.minimumConfidence)
        let certainty =
            options.usesProposal ? classifier.certainty(of: prediction, probabilities) : nil
        if let answered {
            for label in answered { metrics.count(label: label) }
        } else {
            metrics.count(label: prediction.labelIndex)
        }
        return Classification(
            best: prediction.labelIndex,
            score: prediction.score,
            probabilities: probabilities,
            ranking: options.topK.map { Self.best($0, of: probabilities) },
            tokenCount: prediction.tokenCount,
            unknownShare: Float(prediction.unknownCount) / Float(max(prediction.tokenCount, 1)),
            isTruncated: isCut || prediction.isTruncated,
            answered: answered,
            abstention: count(prediction, certainty, isCut: isCut, options),
            certainty: certainty,
            explanation: words,
            explainedLabels: explained,
            predictionID: predictionID
        )
    }

    /// What it says of a text, for a comparison: nothing is counted or remembered.
    func silentAnswer(
        to text: UnsafeBufferPointer<UInt8>,
        minimumConfidence: Float,
        usesProposal: Bool
    ) -> ShadowAnswer {
        withScratch { scratch in
            withReading(of: text) { utf8, _ in
                let prediction = classifier.classify(utf8: utf8, scratch: scratch)
                let certainty =
                    usesProposal
                    ? classifier.certainty(of: prediction, scratch.probabilities) : nil
                return ShadowAnswer(
                    best: prediction.labelIndex,
                    score: prediction.score,
                    answered: answered(scratch.probabilities, minimumConfidence),
                    isAbstained: abstention(prediction, certainty, minimumConfidence) != nil
                )
            }
        }
    }

    /// The labels that a text gets, where it may get several.
    private func answered(
        _ probabilities: UnsafeBufferPointer<Float>,
        _ minimumConfidence: Float
    ) -> [Int]? {
        guard classifier.output == .multi else { return nil }
        return classifier.answered(probabilities).filter {
            probabilities[$0] >= minimumConfidence
        }
    }

    /// Classifies what a session has of a text with a further piece; counts it, and remembers
    /// nothing.
    func classify(
        _ piece: UnsafeBufferPointer<UInt8>,
        in session: inout TextSession,
        _ options: ClassifyRequest.Options,
        into writer: inout some ClassificationWriter
    ) {
        withScratch { scratch in
            let prediction = classifier.classify(utf8: piece, in: &session, scratch: scratch)
            writer.write(told(of: prediction, scratch.probabilities, isCut: false, options))
        }
    }

    /// Remembers a prediction, if predictions are; returns its identifier.
    private func remember(
        _ text: UnsafeBufferPointer<UInt8>,
        _ prediction: Prediction,
        _ probabilities: UnsafeBufferPointer<Float>
    ) -> String? {
        guard let memory else { return nil }
        if classifier.output == .multi {
            let stated = classifier.stated(probabilities)
            return memory.remember(
                PredictionMemory.Prediction(
                    model: name,
                    version: version,
                    text: Array(text),
                    label: stated.label,
                    score: stated.score,
                    margin: margin(prediction, probabilities),
                    time: Int(Timestamp.nowMilliseconds())
                )
            )
        }
        return memory.remember(
            PredictionMemory.Prediction(
                model: name,
                version: version,
                text: Array(text),
                label: classifier.labels[prediction.labelIndex],
                score: prediction.score,
                margin: margin(prediction, probabilities),
                time: Int(Timestamp.nowMilliseconds())
            )
        )
    }

    /// How sure an answer is: how much less likely the second label is, or where a text may have
    /// several, how far the closest probability is from its threshold.
    func margin(
        _ prediction: Prediction,
        _ probabilities: UnsafeBufferPointer<Float>
    ) -> Float {
        guard classifier.output == .oneLabel else {
            return zip(probabilities, classifier.thresholds).reduce(1) {
                min($0, abs($1.0 - $1.1))
            }
        }
        var second: Float = 0
        for index in probabilities.indices where index != prediction.labelIndex {
            second = max(second, probabilities[index])
        }
        return max(0, prediction.score - second)
    }

    /// Counts a prediction, and says whether it stands.
    private func count(
        _ prediction: Prediction,
        _ certainty: Float?,
        isCut: Bool,
        _ options: ClassifyRequest.Options
    ) -> Classification.Abstention? {
        metrics.shared.count(
            score: prediction.score,
            tokens: prediction.tokenCount,
            unknown: prediction.unknownCount,
            isTruncated: isCut || prediction.isTruncated
        )
        let abstention = abstention(prediction, certainty, options.minimumConfidence)
        if abstention != nil { metrics.countAbstained() }
        return abstention
    }

    /// Why a prediction does not stand; nil for one that does.
    ///
    /// With a certainty, that is held to what the version proposes, if it does.
    private func abstention(
        _ prediction: Prediction,
        _ certainty: Float?,
        _ minimumConfidence: Float
    ) -> Classification.Abstention? {
        guard prediction.isKnown else { return .noKnownWords }
        if let certainty {
            return certainty < classifier.outOfScopeThreshold ?? 0 ? .outOfScope : nil
        }
        return prediction.score < minimumConfidence ? .lowScore : nil
    }

    /// The indices of the largest probabilities, of equals the first.
    private static func best(
        _ count: Int,
        of probabilities: UnsafeBufferPointer<Float>
    ) -> ArraySlice<Int> {
        // Probabilities are not negative, so they are in the order of their bits; sorting numbers
        // takes a third of the time of sorting by a closure.
        var keys = probabilities.indices.map { index in
            UInt64(~probabilities[index].bitPattern) << 32 | UInt64(index)
        }
        keys.sort()
        return ArraySlice(keys.prefix(count).map { Int($0 & 0xFFFF_FFFF) })
    }
}
