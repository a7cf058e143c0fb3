internal import Model

/// The first words of a file that are one token each, with their numbers.
struct KeptWords {
    /// As the tokenizer spells them.
    private(set) var words: [String] = []
    /// (words × dimensions), as they were read.
    private(set) var numbers: [Float] = []

    private let tokenizer = Tokenizer()
    private var places: [String: Int] = [:]
    /// Whether the file spells the word as the tokenizer does.
    private var isExact: [Bool] = []

    /// Adds a word; of several spellings of a token the tokenizer's own counts, else the first.
    mutating func add(_ word: String, _ vector: [Float]) {
        let tokens = tokenizer.tokens(in: word)
        guard tokens.count == 1, let token = tokens.first else { return }
        // Bytes, as equal strings may be different words to a table.
        let exact = token.utf8.elementsEqual(word.utf8)
        guard let place = places[token] else {
            places[token] = words.count
            words.append(token)
            isExact.append(exact)
            numbers += vector
            return
        }
        guard exact && !isExact[place] else { return }
        isExact[place] = true
        let width = vector.count
        numbers.replaceSubrange((place * width)..<((place + 1) * width), with: vector)
    }
}
