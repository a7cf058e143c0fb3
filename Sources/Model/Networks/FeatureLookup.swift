/// A dictionary made ready for lookup: from a token's bytes to table rows and feature numbers.
///
/// What depends on a known word's spelling is worked out once, when the lookup is made.
package struct FeatureLookup: Sendable {
    /// The words, `<unk>` first.
    package let vocabulary: Vocabulary
    /// Rows of the word table: the first so many words; the others read as `<unk>`.
    package let embeddedCount: Int
    package let lists: FeatureLists
    /// Vectors of words, whether they are in the vocabulary or not.
    package let vectors: WordVectors?
    private let subwordTable: StringTable
    private let ngramTable: StringTable
    private let bigrams: BigramTable
    /// By word index: its unigram feature or -1.
    private var unigramFeatures: [Int32]
    /// By word index: its n-gram features, and where they begin.
    private var ngramStarts: [Int32] = [0]
    private var ngramFeatures: [Int32] = []
    /// By word index: rows of the recurrent path.
    package private(set) var forms = WordForms()

    /// - Returns: nil if a list has an entry twice or refers to a word that is not there.
    package init?(
        vocabulary: Vocabulary,
        embeddedCount: Int,
        lists: FeatureLists,
        vectors: WordVectors? = nil
    ) {
        guard let subwords = StringTable(distinct: lists.subwords),
            let ngrams = StringTable(distinct: lists.ngrams)
        else { return nil }
        self.vocabulary = vocabulary
        self.embeddedCount = embeddedCount
        self.lists = lists
        self.vectors = vectors
        subwordTable = subwords
        ngramTable = ngrams
        unigramFeatures = Array(repeating: -1, count: vocabulary.count)
        for (feature, word) in lists.unigrams.enumerated() {
            guard unigramFeatures.indices.contains(Int(word)), unigramFeatures[Int(word)] < 0
            else { return nil }
            unigramFeatures[Int(word)] = Int32(feature)
        }
        guard let bigrams = BigramTable(lists.bigrams, first: lists.unigrams.count) else {
            return nil
        }
        self.bigrams = bigrams
        indexSpellings()
    }

    /// Works out what depends on the spelling of the known words.
    private mutating func indexSpellings() {
        var spelling = CharacterNGrams()
        var features: [Int32] = []
        for index in 0..<vocabulary.count {
            guard index > 0 else {
                forms.append(wordRow: 0, subwords: [])
                ngramStarts.append(0)
                continue
            }
            var rows: [Int32] = []
            var word = vocabulary[index]
            word.withUTF8 { bytes in
                appendNGramFeatures(of: bytes, &spelling, to: &features)
                appendSubwordRows(of: bytes, &spelling, to: &rows)
            }
            forms.append(
                wordRow: index < embeddedCount ? Int32(index) : 0,
                subwords: rows,
                vectorRow: vectors?.row(of: vocabulary[index]) ?? -1
            )
            ngramStarts.append(Int32(features.count))
        }
        ngramFeatures = features
    }

    /// The index of a token in the vocabulary; 0 if it is unknown.
    package func word(_ token: UnsafeBufferPointer<UInt8>) -> Int32 {
        Int32(vocabulary.index(of: token))
    }

    /// The row of any token among the vectors; -1 if it has none.
    package func vectorRow(_ token: UnsafeBufferPointer<UInt8>) -> Int32 {
        vectors?.row(of: token) ?? -1
    }

    /// The feature of two neighbours, nil if they are no feature.
    package func bigram(_ first: Int32, _ second: Int32) -> Int32? {
        bigrams.number(of: FeatureLists.Bigram(first, second))
    }

    /// The feature of a known word, -1 if it is none.
    package func unigram(_ word: Int32) -> Int32 { unigramFeatures[Int(word)] }

    /// Adds the n-gram features of a known word, by place; one occurrence each.
    func addNGrams(ofWord word: Int32, to vector: inout FeatureVector) {
        let range = Int(ngramStarts[Int(word)])..<Int(ngramStarts[Int(word) + 1])
        ngramFeatures.withUnsafeBufferPointer {
            vector.add(UnsafeBufferPointer(rebasing: $0[range]))
        }
    }

    /// Appends the n-gram features of any token.
    package func appendNGramFeatures(
        of token: UnsafeBufferPointer<UInt8>,
        _ spelling: inout CharacterNGrams,
        to features: inout [Int32]
    ) {
        let first = Int32(lists.firstNGram)
        spelling.forEach(of: token, lengths: FeatureLists.ngramLengths) { ngram in
            if let number = ngramTable.number(of: ngram) { features.append(first + number) }
        }
    }

    /// Appends the sub-word rows of any token.
    package func appendSubwordRows(
        of token: UnsafeBufferPointer<UInt8>,
        _ spelling: inout CharacterNGrams,
        to rows: inout [Int32]
    ) {
        spelling.forEach(of: token, lengths: FeatureLists.subwordLengths) { ngram in
            if let number = subwordTable.number(of: ngram) { rows.append(number) }
        }
    }
}
