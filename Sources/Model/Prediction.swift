/// What a classifier says of one text.
///
/// Its probabilities stay in the scratch that was used, so that a prediction allocates nothing.
public struct Prediction: Sendable, Equatable {
    /// Why an answer abstains whose text is not known.
    public static let noKnownWords: StaticString = "no known words"

    /// The index of the most probable label.
    public let labelIndex: Int
    /// The probability of that label.
    public let score: Float
    /// The number of tokens that were read, by one path at least; 0 for an empty text.
    public let tokenCount: Int
    /// How many of them the model does not know.
    public let unknownCount: Int
    /// Whether the text had tokens that no path read.
    public var isTruncated: Bool
    /// Whether the model knew anything of the text: a word, or a part of one.
    ///
    /// If not, the probabilities are the shares of the labels in training, not what the network
    /// makes of nothing.
    public let isKnown: Bool
}
