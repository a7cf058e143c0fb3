internal import Examples

/// A labelled text, and what a network that had not learnt it says of it.
///
/// Where texts may have several labels, a set stands for a label (`LabelSet.stored`), and its score
/// is the probability that exactly these labels are right, if each were given by itself.
public struct AnsweredExample: Sendable, Equatable {
    /// The text.
    public var text: String
    /// The label that it has.
    public var truth: String
    /// The label that the network gives it.
    public var label: String
    /// The probability of that label, from 0 to 1.
    public var score: Double
    /// The probability of the label that it has, from 0 to 1; 0 where the network does not know it.
    public var truthScore: Double

    /// Creates an answer.
    public init(text: String, truth: String, label: String, score: Double, truthScore: Double) {
        self.text = text
        self.truth = truth
        self.label = label
        self.score = score
        self.truthScore = truthScore
    }

    /// Whether the network gives the text what it has.
    package var isRight: Bool { LabelSet.of(label) == LabelSet.of(truth) }

    /// What a network says of a text that may have several labels.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - truth: the numbers of the labels that it has.
    ///   - answer: the numbers of the labels that it got.
    ///   - labels: the names of all labels.
    ///   - probabilities: those of all labels.
    package init(
        text: String,
        truth: [Int],
        answer: [Int],
        labels: [String],
        _ probabilities: some Collection<Float>
    ) {
        self.init(
            text: text,
            truth: LabelSet(truth.map { labels[$0] }).stored,
            label: LabelSet(answer.map { labels[$0] }).stored,
            score: rounded(Double(probability(of: answer, probabilities))),
            truthScore: rounded(Double(probability(of: truth, probabilities)))
        )
    }
}
