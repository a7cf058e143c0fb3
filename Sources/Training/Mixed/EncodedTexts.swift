package import Model

/// A corpus in the numbers of one dictionary: forms for the recurrent path, sparse features for the
/// linear path.
package struct EncodedTexts {
    package private(set) var forms = WordForms()
    /// The form of each token, by the corpus's own token numbers laid out text after text.
    private var formsOfTokens: [Int32] = []
    private var tokenStarts: [Int] = [0]
    private var features: [Int32] = []
    private var values: [Float] = []
    private var featureStarts: [Int] = [0]
    private var knownByLinear: [Bool] = []
    private var knownByRecurrent: [Bool] = []

    package init(_ texts: TokenizedTexts, rows: [Int], lookup: FeatureLookup) {
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
            vector.removeAll()
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
            vector.weigh(lookup.lists)
            features.append(contentsOf: vector.features)
            values.append(contentsOf: vector.values)
            featureStarts.append(features.count)
            tokenStarts.append(formsOfTokens.count)
        }
    }

    package var count: Int { tokenStarts.count - 1 }

    /// After so many texts it is told how much room all need.
    private static let sampleSize = 1000

    /// Makes room for `all` texts like those so far: growing by copies would hold all twice.
    private mutating func reserve(_ all: Int) {
        let (perText, spare) = (features.count / count + 1, 1.25)
        let room = Int(Double(perText * all) * spare)
        features.reserveCapacity(room)
        values.reserveCapacity(room)
    }

    /// Calls `body` with the forms of all texts; `formRange(of:)` cuts out one.
    package func withForms<R>(_ body: (UnsafeBufferPointer<Int32>) -> R) -> R {
        formsOfTokens.withUnsafeBufferPointer(body)
    }

    package func formRange(of text: Int) -> Range<Int> {
        tokenStarts[text]..<tokenStarts[text + 1]
    }

    /// Calls `body` with the features of a text and the value of each.
    package func withFeatures<R>(
        of text: Int,
        _ body: (UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Float>) -> R
    ) -> R {
        let range = featureStarts[text]..<featureStarts[text + 1]
        return features.withUnsafeBufferPointer { features in
            values.withUnsafeBufferPointer { values in
                body(
                    UnsafeBufferPointer(rebasing: features[range]),
                    UnsafeBufferPointer(rebasing: values[range])
                )
            }
        }
    }

    /// Whether a path of the mix knows anything of a text: a word, a sub-word or a feature.
    func isKnown(_ text: Int, to mix: Mix) -> Bool {
        mix.recurrent > 0 && knownByRecurrent[text] || mix.linear > 0 && knownByLinear[text]
    }
}
