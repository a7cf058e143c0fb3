package import Model

/// A corpus in the numbers of one dictionary: forms for the recurrent path, sparse features for the
/// linear path.
package struct EncodedTexts {
    package private(set) var forms = WordForms()
    /// The form of each token, by the corpus's own token numbers laid out text after text.
    private var formsOfTokens: [Int32] = []
    private var tokenStarts: [Int] = [0]
    /// What the features are.
    private let lists: FeatureLists
    /// The features of each text with their counts, from which `Features` has the values: those
    /// would take as much again.
    private var features: [CountedFeature] = []
    private var scales: [FeatureVector.Scales] = []
    private var featureStarts: [Int] = [0]
    private var knownByLinear: [Bool] = []
    private var knownByRecurrent: [Bool] = []

    package init(_ texts: TokenizedTexts, rows: [Int], lookup: FeatureLookup) {
        lists = lookup.lists
        let distinct = texts.words.count
        var words = [Int32](repeating: 0, count: distinct)
        var ngrams: [[Int32]] = Array(repeating: [], count: distinct)
        var spelling = CharacterNGrams()
        let noWord = texts.words.number(of: UnsafeBufferPointer(start: nil, count: 0))
        for token in 0..<distinct {
            texts.words.withBytes(of: token) { bytes in
                let word = lookup.word(bytes)
                words[token] = word
                lookup.appendNGramFeatures(of: bytes, &spelling, to: &ngrams[token])
                var subwords: [Int32] = []
                lookup.appendSubwordRows(of: bytes, &spelling, to: &subwords)
                let isEmbedded = Int(word) < lookup.embeddedCount
                forms.append(wordRow: isEmbedded ? word : 0, subwords: subwords)
            }
        }
        var vector = FeatureVector(featureCount: lookup.lists.featureCount)
        for row in rows {
            if count == EncodedTexts.sampleSize { reserve(rows.count) }
            var previous = FeatureLists.Bigram.boundary
            let sequence = texts.sequence(of: row)
            formsOfTokens.append(contentsOf: sequence)
            knownByRecurrent.append(sequence.contains { forms.isRead($0) })
            for token in texts[row] {
                // As in service: a text without words has the bigram of its begin and end alone.
                if token == noWord { continue }
                let word = words[Int(token)]
                let unigram = lookup.unigram(word)
                if unigram >= 0 { vector.add(unigram) }
                if let bigram = lookup.bigram(previous, word) { vector.add(bigram) }
                previous = word
                for ngram in ngrams[Int(token)] { vector.add(ngram) }
            }
            knownByLinear.append(!vector.features.isEmpty)
            if let bigram = lookup.bigram(previous, FeatureLists.Bigram.boundary) {
                vector.add(bigram)
            }
            for feature in vector.features {
                features.append(CountedFeature(feature, count: vector.count(of: feature)))
            }
            scales.append(vector.weigh(lookup.lists))
            vector.removeAll()
            featureStarts.append(features.count)
            tokenStarts.append(formsOfTokens.count)
        }
    }

    package var count: Int { tokenStarts.count - 1 }
    /// The first feature of the block of character n-grams.
    var firstNGram: Int32 { Int32(lists.firstNGram) }

    /// After so many texts it is told how much room all need.
    private static let sampleSize = 1000

    /// Makes room for `all` texts like those so far: growing by copies would hold all twice.
    private mutating func reserve(_ all: Int) {
        let (perText, spare) = (features.count / count + 1, 1.25)
        features.reserveCapacity(Int(Double(perText * all) * spare))
    }

    /// Calls `body` with the forms of all texts; `formRange(of:)` cuts out one.
    package func withForms<R>(_ body: (UnsafeBufferPointer<Int32>) -> R) -> R {
        formsOfTokens.withUnsafeBufferPointer(body)
    }

    package func formRange(of text: Int) -> Range<Int> {
        tokenStarts[text]..<tokenStarts[text + 1]
    }

    /// The features of a text and the value of each, in memory that lasts from text to text.
    package struct Features {
        private(set) var numbers: [Int32] = []
        private(set) var values: [Float] = []

        package init() {}

        fileprivate mutating func take(
            _ features: UnsafeBufferPointer<CountedFeature>,
            _ lists: FeatureLists,
            _ scales: FeatureVector.Scales
        ) {
            if numbers.count < features.count {
                numbers = Array(repeating: 0, count: 2 * features.count)
                values = Array(repeating: 0, count: 2 * features.count)
            }
            let firstNGram = Int32(lists.firstNGram)
            for (index, feature) in features.enumerated() {
                let number = feature.number
                numbers[index] = number
                values[index] =
                    FeatureVector.frequency(feature.count)
                    * lists.inverseFrequencies[Int(number)]
                    * (number < firstNGram ? scales.words : scales.ngrams)
            }
        }
    }

    /// Calls `body` with the features of a text and the value of each.
    package func withFeatures<R>(
        of text: Int,
        in memory: inout Features,
        _ body: (UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Float>) -> R
    ) -> R {
        let range = featureStarts[text]..<featureStarts[text + 1]
        features.withUnsafeBufferPointer { features in
            memory.take(UnsafeBufferPointer(rebasing: features[range]), lists, scales[text])
        }
        return memory.numbers.withUnsafeBufferPointer { numbers in
            memory.values.withUnsafeBufferPointer { values in
                body(
                    UnsafeBufferPointer(rebasing: numbers.prefix(range.count)),
                    UnsafeBufferPointer(rebasing: values.prefix(range.count))
                )
            }
        }
    }

    /// Whether a path of the mix knows anything of a text: a word, a sub-word or a feature.
    func isKnown(_ text: Int, to mix: Mix) -> Bool {
        mix.recurrent > 0 && knownByRecurrent[text] || mix.linear > 0 && knownByLinear[text]
    }
}

/// A feature and how often it occurs in a text, in four bytes.
private struct CountedFeature {
    private let bits: UInt32

    /// - Precondition: `feature` is below 2²⁴; a dictionary has far fewer.
    init(_ feature: Int32, count: Int32) {
        precondition(feature < 1 << 24, "Too many features")
        bits = UInt32(feature) << 8 | UInt32(min(Int(count), FeatureVector.distinctCounts))
    }

    var number: Int32 { Int32(bits >> 8) }
    var count: Int32 { Int32(bits & 0xFF) }
}
