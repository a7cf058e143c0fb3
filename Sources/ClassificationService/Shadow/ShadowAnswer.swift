internal import Examples
internal import Model

/// What a version says of a text, as far as two versions are compared.
struct ShadowAnswer: Sendable {
    /// The most probable label.
    let best: Int
    /// Its probability.
    let score: Float
    /// The labels that the text gets, where it may get several; nil where it gets one.
    let answered: [Int]?
    /// Whether the answer does not stand.
    let isAbstained: Bool

    /// The label, or what stands for a set of labels, by the labels of the version; nil for an
    /// abstention.
    func stated(_ labels: [String]) -> String? {
        if isAbstained { return nil }
        guard let answered else { return labels[best] }
        return LabelSet(answered.map { labels[$0] }).stored
    }

    /// Whether two versions say the same.
    ///
    /// A label is a set of one where the other version gives sets.
    static func agree(
        _ one: ShadowAnswer,
        _ labels: [String],
        _ other: ShadowAnswer,
        _ otherLabels: [String]
    ) -> Bool {
        if one.isAbstained || other.isAbstained { return one.isAbstained == other.isAbstained }
        if one.answered == nil && other.answered == nil {
            return labels[one.best] == otherLabels[other.best]
        }
        let first = Set((one.answered ?? [one.best]).map { labels[$0] })
        return first == Set((other.answered ?? [other.best]).map { otherLabels[$0] })
    }
}

/// A text that a live version has answered, for the version in shadow.
struct ShadowText {
    /// The text as it was read.
    var text: [UInt8] = []
    /// What the live version said.
    var answer = ShadowAnswer(best: 0, score: 0, answered: nil, isAbstained: true)
    /// The labels of the live version.
    var labels: [String] = []
    /// The score below which an answer abstains.
    var minimumConfidence: Float = 0
    /// Whether the bar is the certainty that a version proposes.
    var usesProposal = false
    /// Under which the answer is remembered; nil if it is not.
    var predictionID: String?
}

/// A text that live version and shadow answered differently; the text itself is where predictions
/// are remembered, and goes with them.
struct ShadowExample: Sendable {
    let predictionID: String
    let live: (stated: String?, score: Float)
    let shadow: (stated: String?, score: Float)
}
