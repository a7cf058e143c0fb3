/// What a mixed network knows beside its words: the sub-words of the recurrent path, by row, and
/// the features of the linear path.
///
/// Feature numbers: first the unigrams, then the bigrams, then the character n-grams, each in its
/// list's order. Words are indices into the vocabulary.
public struct FeatureLists: Sendable, Equatable {
    /// Sub-words, by row of their table.
    public var subwords: [String]
    /// Words that are features.
    public var unigrams: [Int32]
    /// Pairs of neighbours that are features.
    public var bigrams: [Bigram]
    /// Character n-grams that are features.
    public var ngrams: [String]
    /// The inverse document frequency of each feature, `ln((1 + N)/(1 + df)) + 1`.
    public var inverseFrequencies: [Float]

    /// Lengths of sub-words, in Unicode scalars.
    package static let subwordLengths = 3...5
    /// Lengths of n-gram features, in Unicode scalars.
    package static let ngramLengths = 2...5

    /// Two words that follow each other.
    public struct Bigram: Sendable, Hashable {
        /// The left word, or `boundary` for the begin of a text.
        public var first: Int32
        /// The right word, or `boundary` for the end of a text.
        public var second: Int32

        /// Creates a pair.
        public init(_ first: Int32, _ second: Int32) {
            self.first = first
            self.second = second
        }

        /// Stands for what is before the first and behind the last word of a text.
        public static let boundary: Int32 = -1

        var key: UInt64 {
            UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
        }
    }

    /// The number of features.
    public var featureCount: Int { unigrams.count + bigrams.count + ngrams.count }
    /// The first feature that belongs to the block of character n-grams.
    package var firstNGram: Int { unigrams.count + bigrams.count }

    /// Creates lists.
    public init(
        subwords: [String],
        unigrams: [Int32],
        bigrams: [Bigram],
        ngrams: [String],
        inverseFrequencies: [Float]
    ) {
        self.subwords = subwords
        self.unigrams = unigrams
        self.bigrams = bigrams
        self.ngrams = ngrams
        self.inverseFrequencies = inverseFrequencies
    }
}
