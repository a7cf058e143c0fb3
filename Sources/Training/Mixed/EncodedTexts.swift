package import Model

/// A corpus in the numbers of one dictionary: forms for the recurrent path, sparse features for the
/// linear path.
package struct EncodedTexts {
    package private(set) var forms = WordForms()
    /// The form of each token, by the corpus's own token numbers laid out text after text.
    private var formsOfTokens: [Int32] = []
    private var tokenStarts: [Int] = [0]
    /// What the features are.
    let lists: FeatureLists
    /// The features of each text with their counts, from which `Features` has the values: those
    /// would take as much again.
    private var features: [CountedFeature] = []
    private var scales: [FeatureVector.Scales] = []
    private var featureStarts: [Int] = [0]
    /// Width of the word vectors; 0 without them.
    private let vectorSize: Int
    /// The mean word vector of each text, of length `vectorWeight`.
    private var means: [Float] = []
    private var knownByLinear: [Bool] = []
    private var knownByRecurrent: [Bool] = []

    /// - Parameters:
    ///   - texts: the corpus.
    ///   - rows: the numbers of the texts to encode.
    ///   - lookup: the dictionary.
    ///   - vectorWeight: the length of a text's mean word vector beside its features.
    package init(
        _ texts: TokenizedTexts,
        rows: [Int],
        lookup: FeatureLookup,
        vectorWeight: Float = 1
    ) {
        lists = lookup.lists
        vectorSize = lookup.vectors?.dimensions ?? 0
        let noWord = texts.words.number(of: UnsafeBufferPointer(start: nil, count: 0))
        let (words, ngrams) = readForms(texts, rows: rows, lookup: lookup)
        var vector = FeatureVector(featureCount: lookup.lists.featureCount)
        var run = LetterRun()
        var letters: [Int32] = []
        var neighbours: [Int32] = []
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
                neighbours.append(word)
                for ngram in ngrams[Int(token)] { vector.add(ngram) }
            }
            if lookup.hasRuns {
                run.removeAll()
                for token in texts[row] {
                    texts.words.withBytes(of: Int(token)) {
                        lookup.appendRunFeatures($0, &run, to: &letters)
                    }
                }
                for feature in letters { vector.add(feature) }
                letters.removeAll(keepingCapacity: true)
            }
            let hasVector = addMean(texts[row], lookup.vectors, weight: vectorWeight)
            knownByLinear.append(!vector.features.isEmpty || hasVector)
            if let bigram = lookup.bigram(previous, FeatureLists.Bigram.boundary) {
                vector.add(bigram)
            }
            lookup.addDistantWords(neighbours, to: &vector)
            neighbours.removeAll(keepingCapacity: true)
            for feature in vector.features {
                features.append(CountedFeature(feature, count: vector.count(of: feature)))
            }
            scales.append(vector.weigh(lookup.lists))
            vector.removeAll()
            featureStarts.append(features.count)
            tokenStarts.append(formsOfTokens.count)
        }
    }

    /// Takes the forms of all tokens.
    ///
    /// - Returns: the word of each token, 0 for an unknown one, and its n-gram features.
    private mutating func readForms(
        _ texts: TokenizedTexts,
        rows: [Int],
        lookup: FeatureLookup
    ) -> (words: [Int32], ngrams: [[Int32]]) {
        let distinct = texts.words.count
        var words = [Int32](repeating: 0, count: distinct)
        var ngrams: [[Int32]] = Array(repeating: [], count: distinct)
        var spelling = CharacterNGrams()
        var occurs = [Bool](repeating: false, count: distinct)
        for row in rows { for token in texts[row] { occurs[Int(token)] = true } }
        for token in 0..<distinct {
            // What no text has needs no form, but its number.
            if !occurs[token] {
                forms.append(wordRow: 0, subwords: [])
                continue
            }
            texts.words.withBytes(of: token) { bytes in
                let word = lookup.word(bytes)
                words[token] = word
                lookup.appendNGramFeatures(of: bytes, &spelling, to: &ngrams[token])
                var subwords: [Int32] = []
                lookup.appendSubwordRows(of: bytes, &spelling, to: &subwords)
                let isEmbedded = Int(word) < lookup.embeddedCount
                forms.append(
                    wordRow: isEmbedded ? word : 0,
                    subwords: subwords,
                    vectorRow: lookup.vectorRow(bytes)
                )
            }
        }
        return (words, ngrams)
    }

    /// Adds the mean vector of a text's words, of length `weight`.
    ///
    /// - Returns: whether any of them has one.
    private mutating func addMean(
        _ tokens: ArraySlice<Int32>,
        _ vectors: WordVectors?,
        weight: Float
    ) -> Bool {
        guard let vectors else { return false }
        var mean = [Float](repeating: 0, count: vectorSize)
        var hasVector = false
        mean.withUnsafeMutableBufferPointer { mean in
            guard let base = mean.baseAddress else { return }
            for token in tokens where forms.vectorRows[Int(token)] >= 0 {
                hasVector = true
                vectors.add(row: forms.vectorRows[Int(token)], times: 1, to: base)
            }
            WordVectors.normalize(base, count: vectorSize)
        }
        for value in mean { means.append(weight * value) }
        return hasVector
    }

    package var count: Int { tokenStarts.count - 1 }
    /// The features with the dimensions of word vectors, which come behind them.
    var inputCount: Int { lists.featureCount + vectorSize }
    /// The labels of texts, and what the linear path can be told of them beforehand: see
    /// `BayesRates`.
    func bayesRates(labels: [Int], classCount: Int) -> BayesRates {
        var rates = BayesRates(featureCount: lists.featureCount, classCount: classCount)
        for (text, label) in labels.enumerated() {
            for index in featureStarts[text]..<featureStarts[text + 1] {
                rates.count(features[index].number, label: label)
            }
        }
        return rates
    }

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
            _ scales: FeatureVector.Scales,
            mean: ArraySlice<Float>
        ) {
            let all = features.count + mean.count
            if numbers.count < all {
                numbers = Array(repeating: 0, count: 2 * all)
                values = Array(repeating: 0, count: 2 * all)
            }
            for (dimension, value) in mean.enumerated() {
                numbers[features.count + dimension] = Int32(lists.featureCount + dimension)
                values[features.count + dimension] = value
            }
            for (index, feature) in features.enumerated() {
                let number = feature.number
                numbers[index] = number
                values[index] =
                    FeatureVector.frequency(feature.count)
                    * lists.inverseFrequencies[Int(number)]
                    * scales.of(number, lists)
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
            memory.take(
                UnsafeBufferPointer(rebasing: features[range]),
                lists,
                scales[text],
                mean: means[(text * vectorSize)..<((text + 1) * vectorSize)]
            )
        }
        let count = range.count + vectorSize
        return memory.numbers.withUnsafeBufferPointer { numbers in
            memory.values.withUnsafeBufferPointer { values in
                body(
                    UnsafeBufferPointer(rebasing: numbers.prefix(count)),
                    UnsafeBufferPointer(rebasing: values.prefix(count))
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
