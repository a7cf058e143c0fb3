/// What a mixed network knows beside its words: the sub-words of the recurrent path, by row, and
/// the features of the linear path.
///
/// Feature numbers: the lists in their order below, from the unigrams on, each in its own order.
/// Words are indices into the vocabulary.
public struct FeatureLists: Sendable, Equatable {
    /// Sub-words, by row of their table.
    public var subwords: [String]
    /// Words that are features.
    public var unigrams: [Int32]
    /// Pairs of neighbours that are features.
    public var bigrams: [Bigram]
    /// Character n-grams that are features.
    public var ngrams: [String]
    /// Neighbouring letters of scripts written without spaces that are features.
    public var runs: [String]
    /// Pairs of words with one word between that are features.
    public var skipBigrams: [Bigram]
    /// First words of texts that are features.
    public var openings: [Opening]
    /// The inverse document frequency of each feature, `ln((1 + N)/(1 + df)) + 1`.
    public var inverseFrequencies: [Float]

    /// Lengths of sub-words, in Unicode scalars.
    package static let subwordLengths = 3...5
    /// Lengths of n-gram features, in Unicode scalars.
    package static let ngramLengths = 2...5

    /// How many neighbouring letters of a script without spaces make a feature.
    package static let runLengths = 2...4

    /// The first word of a text, its first two or its first three.
    public struct Opening: Sendable, Hashable {
        /// The words, one to three; `Bigram.boundary` for a second and third that do not count.
        public var first, second, third: Int32

        /// Creates an opening.
        public init(
            _ first: Int32,
            _ second: Int32 = Bigram.boundary,
            _ third: Int32 = Bigram.boundary
        ) {
            (self.first, self.second, self.third) = (first, second, third)
        }

        /// The words that count.
        public var words: [Int32] { [first, second, third].filter { $0 != Bigram.boundary } }
    }

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
    public var featureCount: Int { firstOpening + openings.count }
    /// These lists without features.
    package var subwordsAlone: FeatureLists {
        FeatureLists(
            subwords: subwords,
            unigrams: [],
            bigrams: [],
            ngrams: [],
            inverseFrequencies: []
        )
    }
    /// The features with these numbers, ascending, and all sub-words.
    package func keeping(_ features: [Int]) -> FeatureLists {
        var kept = subwordsAlone
        kept.inverseFrequencies = features.map { inverseFrequencies[$0] }
        for feature in features {
            switch feature {
            case ..<unigrams.count: kept.unigrams.append(unigrams[feature])
            case ..<firstNGram: kept.bigrams.append(bigrams[feature - unigrams.count])
            case ..<firstRun: kept.ngrams.append(ngrams[feature - firstNGram])
            case ..<firstSkipBigram: kept.runs.append(runs[feature - firstRun])
            case ..<firstOpening:
                kept.skipBigrams.append(skipBigrams[feature - firstSkipBigram])
            default: kept.openings.append(openings[feature - firstOpening])
            }
        }
        return kept
    }
    /// The first feature that belongs to the block of character n-grams.
    package var firstNGram: Int { unigrams.count + bigrams.count }
    /// The first of the letters of scripts without spaces, which belong to the same block.
    package var firstRun: Int { firstNGram + ngrams.count }
    /// The first pair of words with one between: these are a block.
    package var firstSkipBigram: Int { firstRun + runs.count }
    /// The first opening: these are the last block.
    package var firstOpening: Int { firstSkipBigram + skipBigrams.count }

    /// Creates lists.
    public init(
        subwords: [String],
        unigrams: [Int32],
        bigrams: [Bigram],
        ngrams: [String],
        runs: [String] = [],
        skipBigrams: [Bigram] = [],
        openings: [Opening] = [],
        inverseFrequencies: [Float]
    ) {
        self.subwords = subwords
        self.unigrams = unigrams
        self.bigrams = bigrams
        self.ngrams = ngrams
        self.runs = runs
        self.skipBigrams = skipBigrams
        self.openings = openings
        self.inverseFrequencies = inverseFrequencies
    }
}
