package import Model

/// Builds the dictionary of a set of training texts: which words, sub-words and n-grams count.
package struct DictionaryBuilder {
    /// A word has a row of its own from this many occurrences on; else it reads as `<unk>` and its
    /// sub-words.
    package var minimumWordCount: Int
    /// Rows of the word table at most: the rarer words of a huge corpus read as `<unk>` and their
    /// sub-words, so that its checkpoint can still be loaded.
    package var maximumWords = 40_000
    /// A sub-word counts if it stands in this many distinct words.
    package var minimumSubwordWords: Int
    package var maximumSubwords = 8_000
    /// Bigrams and character n-grams count from this many texts on.
    package var minimumFeatureTexts: Int
    package var maximumFeatures: Int
    /// Vectors that the texts are read with.
    package var vectors: WordVectors?

    /// The measured rule by the number of training texts and classes (RECIPE).
    package init(textCount: Int, classCount: Int) {
        let isSmall = textCount < 1000
        minimumWordCount = isSmall ? 1 : 2
        minimumSubwordWords = isSmall ? 2 : 3
        minimumFeatureTexts = isSmall ? 1 : 2
        maximumFeatures = min(60_000, 2_000_000 / max(classCount, 1))
    }

    /// The same rule for the features alone, where the linear path learns more texts.
    mutating func countFeatures(textCount: Int, classCount: Int) {
        let rule = DictionaryBuilder(textCount: textCount, classCount: classCount)
        minimumFeatureTexts = rule.minimumFeatureTexts
        maximumFeatures = rule.maximumFeatures
    }

    /// The same rule for words and sub-words, where a language model reads more texts: all words of
    /// the rows have rows of their own, and of further ones those that it reads twice.
    mutating func readWords(textCount: Int, classCount: Int) {
        let rule = DictionaryBuilder(textCount: textCount, classCount: classCount)
        minimumWordCount = 1
        minimumSubwordWords = rule.minimumSubwordWords
    }

    /// The dictionary of the texts with these numbers.
    ///
    /// - Parameters:
    ///   - texts: all texts.
    ///   - rows: those that both paths learn.
    ///   - others: further ones, which the linear path learns alone; words that only these have
    ///     stand behind the others and have no row in the recurrent path.
    ///   - reads: further ones from which the recurrent path has learnt to predict words; words
    ///     that they have twice stand behind those of the rows and change no feature's number.
    /// - Returns: The dictionary.
    package func build(
        _ texts: TokenizedTexts,
        rows: [Int],
        others: [Int] = [],
        reads: [Int] = []
    ) -> FeatureLookup {
        var words = rankedWords(texts, rows: rows)
        add(rankedWords(texts, rows: reads).filter { $0.count > 1 }, to: &words)
        add(
            rankedWords(texts, rows: others).map { RankedWord(number: $0.number, count: 0) },
            to: &words
        )
        let rows = rows + others
        var wordIndex = [Int32](repeating: 0, count: texts.words.count)
        for (index, word) in words.enumerated() { wordIndex[Int(word.number)] = Int32(index + 1) }
        let features = rankedFeatures(texts, rows: rows, words: words, wordIndex: wordIndex)
        let lists = FeatureLists(
            subwords: rankedSubwords(texts, words: words),
            unigrams: features.unigrams.map(\.feature),
            bigrams: features.bigrams.map(\.feature),
            ngrams: features.ngrams.map(\.feature),
            inverseFrequencies: (features.unigrams.map(\.texts) + features.bigrams.map(\.texts)
                + features.ngrams.map(\.texts)).map {
                    Float((Double(1 + rows.count) / Double(1 + $0)).naturalLogarithm + 1)
                }
        )
        let spellings = [Vocabulary.unknownWord] + words.map { texts.words[Int($0.number)] }
        let embedded =
            1 + words.prefix(maximumWords - 1).prefix { $0.count >= minimumWordCount }.count
        guard let vocabulary = try? Vocabulary(words: spellings),
            let lookup = FeatureLookup(
                vocabulary: vocabulary,
                embeddedCount: embedded,
                lists: lists,
                vectors: vectors
            )
        else { preconditionFailure("What was counted once is listed once") }
        return lookup
    }

    private struct RankedWord {
        var number: Int32
        /// How often the recurrent path reads it.
        var count: Int
    }

    /// Adds those of some words that are not there yet.
    private func add(_ others: [RankedWord], to words: inout [RankedWord]) {
        guard !others.isEmpty else { return }
        let known = Set(words.map(\.number))
        words += others.filter { !known.contains($0.number) }
    }

    /// The words of the texts, those first that the recurrent path reads most often, ties in order
    /// of appearance.
    ///
    /// What stands only in the middle of long texts comes last: it gets no row that nothing would
    /// train.
    private func rankedWords(_ texts: TokenizedTexts, rows: [Int]) -> [RankedWord] {
        var counts = [Int](repeating: 0, count: texts.words.count)
        var occurs = [Bool](repeating: false, count: texts.words.count)
        for row in rows {
            for token in texts.sequence(of: row) { counts[Int(token)] += 1 }
            for token in texts[row] { occurs[Int(token)] = true }
        }
        return counts.indices
            .filter { occurs[$0] && !texts.words[$0].isEmpty }
            .sorted { (counts[$0], $1) > (counts[$1], $0) }
            .map { RankedWord(number: Int32($0), count: counts[$0]) }
    }

    /// The sub-words in the most distinct words, ties in order of appearance.
    private func rankedSubwords(_ texts: TokenizedTexts, words: [RankedWord]) -> [String] {
        var table = StringTable()
        var counts: [Int] = []
        var lastWord: [Int] = []
        var spelling = CharacterNGrams()
        for (index, word) in words.enumerated() where word.count > 0 {
            texts.words.withBytes(of: Int(word.number)) { bytes in
                spelling.forEach(of: bytes, lengths: FeatureLists.subwordLengths) { ngram in
                    let number = Int(table.intern(ngram))
                    if number == counts.count {
                        counts.append(0)
                        lastWord.append(-1)
                    }
                    if lastWord[number] != index {
                        lastWord[number] = index
                        counts[number] += 1
                    }
                }
            }
        }
        return counts.indices.filter { counts[$0] >= minimumSubwordWords }
            .sorted { (counts[$0], $1) > (counts[$1], $0) }
            .prefix(maximumSubwords).map { table[$0] }
    }

    private struct Ranked<Feature> {
        var feature: Feature
        var texts: Int
    }

    private typealias RankedFeatures = (
        unigrams: [Ranked<Int32>], bigrams: [Ranked<FeatureLists.Bigram>],
        ngrams: [Ranked<String>]
    )

    /// The features in the most texts, at most `maximumFeatures` of all three kinds.
    private func rankedFeatures(
        _ texts: TokenizedTexts,
        rows: [Int],
        words: [RankedWord],
        wordIndex: [Int32]
    ) -> RankedFeatures {
        var counter = FeatureCounter(texts: texts, words: words.map(\.number))
        for row in rows { counter.count(texts[row], wordIndex: wordIndex) }
        var unigrams: [Ranked<Int32>] = []
        for index in counter.unigramTexts.indices where counter.unigramTexts[index] > 0 {
            unigrams.append(.init(feature: Int32(index), texts: counter.unigramTexts[index]))
        }
        var bigrams: [Ranked<FeatureLists.Bigram>] = []
        for (number, bigram) in counter.bigrams.enumerated()
        where counter.bigramTexts[number] >= minimumFeatureTexts {
            bigrams.append(.init(feature: bigram, texts: counter.bigramTexts[number]))
        }
        var ngrams: [Ranked<Int>] = []
        for number in counter.ngramTexts.indices
        where counter.ngramTexts[number] >= minimumFeatureTexts {
            ngrams.append(.init(feature: number, texts: counter.ngramTexts[number]))
        }
        let total = unigrams.count + bigrams.count + ngrams.count
        if total > maximumFeatures {
            let least = (unigrams.map(\.texts) + bigrams.map(\.texts) + ngrams.map(\.texts))
                .sorted(by: >)[maximumFeatures - 1]
            // Of those that stand in just `least` texts, the first ones fill what room is left.
            var room =
                maximumFeatures - unigrams.count { $0.texts > least }
                - bigrams.count { $0.texts > least } - ngrams.count { $0.texts > least }
            func isKept(_ texts: Int) -> Bool {
                if texts != least { return texts > least }
                room -= 1
                return room >= 0
            }
            unigrams.removeAll { !isKept($0.texts) }
            bigrams.removeAll { !isKept($0.texts) }
            ngrams.removeAll { !isKept($0.texts) }
        }
        return (
            unigrams, bigrams,
            ngrams.map { .init(feature: counter.ngramTable[$0.feature], texts: $0.texts) }
        )
    }
}

/// Counts in how many texts each feature stands.
private struct FeatureCounter {
    /// By word index (0 is `<unk>`).
    var unigramTexts: [Int]
    private(set) var bigrams: [FeatureLists.Bigram] = []
    private(set) var bigramTexts: [Int] = []
    private(set) var ngramTable = StringTable()
    private(set) var ngramTexts: [Int] = []

    private var bigramNumbers: [FeatureLists.Bigram: Int] = [:]
    /// By word index: its n-grams.
    private var ngramsOfWord: [[Int32]] = [[]]
    private var unigramLast: [Int]
    private var bigramLast: [Int] = []
    private var ngramLast: [Int] = []
    private var textNumber = 0

    init(texts: TokenizedTexts, words: [Int32]) {
        unigramTexts = Array(repeating: 0, count: words.count + 1)
        unigramLast = Array(repeating: -1, count: words.count + 1)
        var spelling = CharacterNGrams()
        var table = StringTable()
        for word in words {
            var numbers: [Int32] = []
            texts.words.withBytes(of: Int(word)) { bytes in
                spelling.forEach(of: bytes, lengths: FeatureLists.ngramLengths) { ngram in
                    numbers.append(table.intern(ngram))
                }
            }
            ngramsOfWord.append(numbers)
        }
        ngramTable = table
        ngramTexts = Array(repeating: 0, count: table.count)
        ngramLast = Array(repeating: -1, count: table.count)
    }

    mutating func count(_ tokens: ArraySlice<Int32>, wordIndex: [Int32]) {
        textNumber += 1
        var previous = FeatureLists.Bigram.boundary
        for token in tokens {
            let word = wordIndex[Int(token)]
            // All words of these texts are known; 0 is that of a text without words.
            guard word > 0 else { continue }
            if unigramLast[Int(word)] != textNumber {
                unigramLast[Int(word)] = textNumber
                unigramTexts[Int(word)] += 1
            }
            count(.init(previous, word))
            previous = word
            for ngram in ngramsOfWord[Int(word)] where ngramLast[Int(ngram)] != textNumber {
                ngramLast[Int(ngram)] = textNumber
                ngramTexts[Int(ngram)] += 1
            }
        }
        count(.init(previous, FeatureLists.Bigram.boundary))
    }

    private mutating func count(_ bigram: FeatureLists.Bigram) {
        let number: Int
        if let known = bigramNumbers[bigram] {
            number = known
        } else {
            number = bigrams.count
            bigramNumbers[bigram] = number
            bigrams.append(bigram)
            bigramTexts.append(0)
            bigramLast.append(-1)
        }
        if bigramLast[number] != textNumber {
            bigramLast[number] = textNumber
            bigramTexts[number] += 1
        }
    }
}
