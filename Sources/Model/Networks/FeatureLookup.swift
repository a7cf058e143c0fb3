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
    private let runTable: StringTable
    private let bigrams: BigramTable
    private let skipBigrams: BigramTable
    private let openings: [FeatureLists.Opening: Int32]
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
            let ngrams = StringTable(distinct: lists.ngrams),
            let runs = StringTable(distinct: lists.runs)
        else { return nil }
        self.vocabulary = vocabulary
        self.embeddedCount = embeddedCount
        self.lists = lists
        self.vectors = vectors
        subwordTable = subwords
        ngramTable = ngrams
        runTable = runs
        unigramFeatures = Array(repeating: -1, count: vocabulary.count)
        for (feature, word) in lists.unigrams.enumerated() {
            guard unigramFeatures.indices.contains(Int(word)), unigramFeatures[Int(word)] < 0
            else { return nil }
            unigramFeatures[Int(word)] = Int32(feature)
        }
        guard let bigrams = BigramTable(lists.bigrams, first: lists.unigrams.count),
            let skipBigrams = BigramTable(lists.skipBigrams, first: lists.firstSkipBigram)
        else {
            return nil
        }
        self.bigrams = bigrams
        self.skipBigrams = skipBigrams
        let numbers = zip(lists.openings, Int32(lists.firstOpening)...)
        openings = Dictionary(numbers) { first, _ in first }
        guard openings.count == lists.openings.count else { return nil }
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

    /// Whether any letters of scripts without spaces are features.
    package var hasRuns: Bool { runTable.count > 0 }

    /// Appends the features of the letters that end with this token.
    package func appendRunFeatures(
        _ token: UnsafeBufferPointer<UInt8>,
        _ run: inout LetterRun,
        to features: inout [Int32]
    ) {
        let first = Int32(lists.firstRun)
        run.append(token, lengths: FeatureLists.runLengths) { letters in
            if let number = runTable.number(of: letters) { features.append(first + number) }
        }
    }

    /// Adds the features of words with one between, and then of the first words of a text, of each
    /// of which `words` has the index, 0 for an unknown one.
    ///
    /// - Precondition: all other features of the text were added before.
    package func addDistantWords(_ words: [Int32], to vector: inout FeatureVector) {
        if !lists.skipBigrams.isEmpty && words.count > 2 {
            for place in 2..<words.count where words[place] > 0 {
                let pair = FeatureLists.Bigram(words[place - 2], words[place])
                if let feature = skipBigrams.number(of: pair) { vector.add(feature) }
            }
        }
        guard !openings.isEmpty, let first = words.first, first > 0 else { return }
        var opening = FeatureLists.Opening(first)
        func add() { if let feature = openings[opening] { vector.add(feature) } }
        add()
        guard words.count > 1, words[1] > 0 else { return }
        opening.second = words[1]
        add()
        guard words.count > 2, words[2] > 0 else { return }
        opening.third = words[2]
        add()
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
