/// A labelled text, and what a network that had not learnt it says of it.
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
}
