internal import Model

/// Counts in how many texts each feature stands.
struct FeatureCounter {
    private let rule: FeatureRule
    /// By word index (0 is `<unk>`).
    private var unigrams: Tally
    private var bigrams = Counter<FeatureLists.Bigram>()
    private var ngramTable = StringTable()
    private var ngrams = Tally()
    private var runTable = StringTable()
    private var runs = Tally()
    private var skipBigrams = Counter<FeatureLists.Bigram>()
    private var openings = Counter<FeatureLists.Opening>()

    /// By word index: its n-grams.
    private var ngramsOfWord: [[Int32]] = [[]]
    private var run = LetterRun()
    private var textNumber: Int32 = 0
    /// The word indices of the text at hand.
    private var words: [Int32] = []

    init(texts: TokenizedTexts, words: [Int32], rule: FeatureRule) {
        self.rule = rule
        unigrams = Tally(count: words.count + 1)
        var spelling = CharacterNGrams()
        var table = StringTable()
        for word in words {
            var numbers: [Int32] = []
            texts.words.withBytes(of: Int(word)) { bytes in
                // A single letter has nothing inside.
                if rule.runs && LetterRun.isLetter(bytes) { return }
                spelling.forEach(of: bytes, lengths: FeatureLists.ngramLengths) { ngram in
                    numbers.append(table.intern(ngram))
                }
            }
            ngramsOfWord.append(numbers)
        }
        ngramTable = table
        ngrams = Tally(count: table.count)
    }

    mutating func count(_ texts: TokenizedTexts, row: Int, wordIndex: [Int32]) {
        textNumber += 1
        words.removeAll(keepingCapacity: true)
        for token in texts[row] {
            let word = wordIndex[Int(token)]
            // All words of these texts are known; 0 is that of a text without words.
            if word > 0 { words.append(word) }
        }
        var previous = FeatureLists.Bigram.boundary
        for word in words {
            unigrams.count(word, textNumber)
            bigrams.count(.init(previous, word), textNumber)
            previous = word
            for ngram in ngramsOfWord[Int(word)] { ngrams.count(ngram, textNumber) }
        }
        bigrams.count(.init(previous, FeatureLists.Bigram.boundary), textNumber)
        if rule.runs { countRuns(texts, row: row) }
        if rule.skipBigrams && words.count > 2 {
            for place in 2..<words.count {
                skipBigrams.count(.init(words[place - 2], words[place]), textNumber)
            }
        }
        guard rule.openings, let first = words.first else { return }
        openings.count(.init(first), textNumber)
        if words.count > 1 { openings.count(.init(first, words[1]), textNumber) }
        if words.count > 2 { openings.count(.init(first, words[1], words[2]), textNumber) }
    }

    private mutating func countRuns(_ texts: TokenizedTexts, row: Int) {
        run.removeAll()
        for token in texts[row] {
            texts.words.withBytes(of: Int(token)) { bytes in
                run.append(bytes, lengths: FeatureLists.runLengths) { letters in
                    let number = runTable.intern(letters)
                    runs.grow(to: runTable.count)
                    runs.count(number, textNumber)
                }
            }
        }
    }

    /// In how many texts each feature stands, by kind in the order of `FeatureLists`; unigrams by
    /// the index of their word.
    var textCounts: [[Int32]] {
        [
            unigrams.texts, bigrams.tally.texts, ngrams.texts, runs.texts, skipBigrams.tally.texts,
            openings.tally.texts,
        ]
    }

    /// The features that `isKept` says of, by the number of their kind and their place in it.
    func lists(_ isKept: (_ kind: Int, _ place: Int) -> Bool) -> FeatureLists {
        func kept<Feature>(_ kind: Int, _ features: [Feature]) -> [Feature] {
            features.indices.filter { isKept(kind, $0) }.map { features[$0] }
        }
        return FeatureLists(
            subwords: [],
            unigrams: unigrams.texts.indices.filter { isKept(0, $0) }.map { Int32($0) },
            bigrams: kept(1, bigrams.features),
            ngrams: ngrams.texts.indices.filter { isKept(2, $0) }.map { ngramTable[$0] },
            runs: runs.texts.indices.filter { isKept(3, $0) }.map { runTable[$0] },
            skipBigrams: kept(4, skipBigrams.features),
            openings: kept(5, openings.features),
            inverseFrequencies: []
        )
    }
}

/// In how many texts things stand that have numbers.
private struct Tally {
    private(set) var texts: [Int32]
    /// The text in which each was seen last.
    private var last: [Int32]

    init(count: Int = 0) {
        texts = Array(repeating: 0, count: count)
        last = texts
    }

    mutating func grow(to count: Int) {
        while texts.count < count {
            texts.append(0)
            last.append(0)
        }
    }

    /// Counts one occurrence in a text, whose number is above 0.
    mutating func count(_ number: Int32, _ text: Int32) {
        guard last[Int(number)] != text else { return }
        last[Int(number)] = text
        texts[Int(number)] += 1
    }
}

/// In how many texts things stand, numbered in the order in which they came.
private struct Counter<Feature: Hashable> {
    private(set) var features: [Feature] = []
    private(set) var tally = Tally()
    private var numbers: [Feature: Int32] = [:]

    mutating func count(_ feature: Feature, _ text: Int32) {
        let number: Int32
        if let known = numbers[feature] {
            number = known
        } else {
            number = Int32(features.count)
            numbers[feature] = number
            features.append(feature)
            tally.grow(to: features.count)
        }
        tally.count(number, text)
    }
}
