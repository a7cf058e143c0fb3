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
    /// Which kinds of features count beside words, neighbours and n-grams.
    var rule = FeatureRule()
    /// Vectors that the texts are read with.
    package var vectors: WordVectors?

    /// The measured rule by the number of training texts, their mean length in tokens, and the
    /// number of classes (RECIPE).
    package init(textCount: Int, meanLength: Double = 0, classCount: Int) {
        let isSmall = textCount < 1000
        minimumWordCount = isSmall ? 1 : 2
        minimumSubwordWords = isSmall ? 2 : 3
        minimumFeatureTexts = isSmall ? 1 : 2
        // Long texts have more that tells them apart.
        let growth = min(max(meanLength / DictionaryBuilder.usualLength, 1), 4)
        maximumFeatures = Int(
            min(60_000 * growth, 2_000_000 * min(growth, 2.5) / Double(max(classCount, 1)))
        )
    }

    /// The length in tokens from which on more features are learnt.
    private static let usualLength = 64.0

    /// So many features are kept when they are learnt.
    static func mostKept(classCount: Int) -> Int {
        min(100_000, 2_000_000 / max(classCount, 1))
    }

    /// The same rule for the features alone, where the linear path learns more texts.
    mutating func countFeatures(textCount: Int, meanLength: Double, classCount: Int) {
        let rule = DictionaryBuilder(
            textCount: textCount,
            meanLength: meanLength,
            classCount: classCount
        )
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
        var lists = features(texts, rows: rows, words: words, wordIndex: wordIndex)
        lists.subwords = rankedSubwords(texts, words: words)
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

    /// The features in the most texts, at most `maximumFeatures` of all kinds; only their lists
    /// and frequencies are filled.
    private func features(
        _ texts: TokenizedTexts,
        rows: [Int],
        words: [RankedWord],
        wordIndex: [Int32]
    ) -> FeatureLists {
        var counter = FeatureCounter(texts: texts, words: words.map(\.number), rule: rule)
        for row in rows { counter.count(texts, row: row, wordIndex: wordIndex) }
        var counts = counter.textCounts
        for kind in counts.indices {
            // Every word counts.
            let least = kind == 0 ? 1 : Int32(minimumFeatureTexts)
            for place in counts[kind].indices where counts[kind][place] < least {
                counts[kind][place] = 0
            }
        }
        let total = counts.reduce(0) { $0 + $1.count { $0 > 0 } }
        if total > maximumFeatures {
            let least = counts.joined().sorted(by: >)[maximumFeatures - 1]
            // Of those that stand in just `least` texts, the first ones fill what room is left.
            var room =
                maximumFeatures - counts.reduce(0) { $0 + $1.count { $0 > least } }
            for kind in counts.indices {
                for place in counts[kind].indices where counts[kind][place] <= least {
                    if counts[kind][place] == least && room > 0 {
                        room -= 1
                    } else {
                        counts[kind][place] = 0
                    }
                }
            }
        }
        var lists = counter.lists { kind, place in counts[kind][place] > 0 }
        lists.inverseFrequencies = counts.joined().filter { $0 > 0 }.map {
            Float((Double(1 + rows.count) / Double(1 + $0)).naturalLogarithm + 1)
        }
        return lists
    }
}
