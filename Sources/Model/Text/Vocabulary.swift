/// The words that a model knows, each with its index, which is its row in the embedding.
///
/// Index 0 is `<unk>`, which stands for every word that is not in the list; no text can produce it
/// as a token. Lookup works on UTF-8 and makes no `String`.
public struct Vocabulary: Sendable, Equatable {
    /// The entry that stands for unknown words.
    public static let unknownWord = "<unk>"
    /// The index of `unknownWord`.
    public static let unknownIndex: UInt32 = 0

    private var table = StringTable()

    /// Creates a vocabulary of `words` in their order.
    ///
    /// - Throws: `VocabularyError` if the first is not `<unk>`, or one is empty or repeated.
    public init(words: [String]) throws(VocabularyError) {
        guard words.first == Vocabulary.unknownWord else { throw .firstIsNotUnknown }
        for (index, word) in words.enumerated() {
            guard !word.isEmpty else { throw .emptyWord(index: index) }
            var word = word
            guard Int(word.withUTF8 { table.intern($0) }) == index else {
                throw .repeatedWord(index: index, word: word)
            }
        }
    }

    /// How many entries there are, `<unk>` included.
    public var count: Int { table.count }

    /// The word at `index`.
    ///
    /// - Precondition: `index` is below `count`.
    public subscript(index: Int) -> String { table[index] }

    /// All words in order.
    public var words: [String] { table.strings }

    /// The index of a token, `unknownIndex` if the model does not know it.
    ///
    /// - Complexity: O(length) expected; allocates nothing.
    public func index(of token: UnsafeBufferPointer<UInt8>) -> UInt32 {
        guard let number = table.number(of: token) else { return Vocabulary.unknownIndex }
        return UInt32(bitPattern: number)
    }

    /// The index of a token, `unknownIndex` if the model does not know it.
    public func index(of token: String) -> UInt32 {
        var token = token
        return token.withUTF8 { index(of: $0) }
    }
}

/// Why a list of words is no vocabulary.
public enum VocabularyError: Error, Equatable, Sendable {
    /// The first entry must be `<unk>`.
    case firstIsNotUnknown
    /// An entry is the empty string.
    case emptyWord(index: Int)
    /// An entry stands in the list twice; this is its second place.
    case repeatedWord(index: Int, word: String)
}
