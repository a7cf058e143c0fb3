/// What a classifier says of one text.
///
/// Its probabilities stay in the scratch that was used, so that a prediction allocates nothing.
public struct Prediction: Sendable, Equatable {
    /// The index of the most probable label.
    public let labelIndex: Int
    /// The probability of that label.
    public let score: Float
    /// The number of tokens that were read; 0 for an empty text.
    public let tokenCount: Int
    /// How many of them the model does not know.
    public let unknownCount: Int
    /// Whether the text had more tokens than the model reads.
    public let isTruncated: Bool
}
