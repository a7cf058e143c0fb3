/// The words that a model knows, each with its index, which is its row in the embedding.
///
/// Index 0 is `<unk>`, which stands for every word that is not in the list; no text can produce it
/// as a token. Lookup works on UTF-8 and makes no `String`.
public struct Vocabulary: Sendable {
    /// The entry that stands for unknown words.
    public static let unknownWord = "<unk>"
    /// The index of `unknownWord`.
    public static let unknownIndex: UInt32 = 0

    /// How many entries there are, `<unk>` included.
    public var count: Int { ends.count }

    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// Open addressing with linear probing, at most half full.
    ///
    /// A slot holds the upper half of the hash above the index + 1; 0 is an empty slot.
    private var slots: [UInt64]
    private let mask: Int
    private let seed: UInt64

    /// Creates a vocabulary of `words` in their order.
    ///
    /// - Throws: `VocabularyError` if the first is not `<unk>`, or one is empty or repeated.
    public init(words: [String]) throws(VocabularyError) {
        guard words.first == Vocabulary.unknownWord else { throw .firstIsNotUnknown }
        var size = 16
        while size < words.count * 2 { size *= 2 }
        slots = Array(repeating: 0, count: size)
        mask = size - 1
        seed = .random(in: .min ... .max)
        for (index, word) in words.enumerated() {
            guard !word.isEmpty else { throw .emptyWord(index: index) }
            var word = word
            guard word.withUTF8({ insert($0, as: UInt32(index)) }) else {
                throw .repeatedWord(index: index, word: word)
            }
        }
    }

    /// The word at `index`.
    ///
    /// - Precondition: `index` is below `count`.
    public subscript(index: Int) -> String {
        String(decoding: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]], as: UTF8.self)
    }

    /// All words in order.
    public var words: [String] { (0..<count).map { self[$0] } }

    /// The index of a token, `unknownIndex` if the model does not know it.
    ///
    /// - Complexity: O(length) expected; allocates nothing.
    public func index(of token: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let hash = self.hash(token)
        return entry(at: slot(for: token, hash: hash)) ?? Vocabulary.unknownIndex
    }

    /// The index of a token, `unknownIndex` if the model does not know it.
    public func index(of token: String) -> UInt32 {
        var token = token
        return token.withUTF8 { index(of: $0) }
    }

    private func entry(at slot: Int) -> UInt32? {
        let value = slots[slot] & 0xFFFF_FFFF
        return value == 0 ? nil : UInt32(value - 1)
    }

    /// The slot that holds `token`, or the empty one where it would go.
    private func slot(for token: UnsafeBufferPointer<UInt8>, hash: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: hash) & mask
        while let index = entry(at: slot) {
            if slots[slot] >> 32 == hash >> 32 && holds(token, at: Int(index)) { break }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func holds(_ token: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        let start = index == 0 ? 0 : ends[index - 1]
        guard ends[index] - start == token.count else { return false }
        for offset in 0..<token.count where bytes[start + offset] != token[offset] { return false }
        return true
    }

    private mutating func insert(_ word: UnsafeBufferPointer<UInt8>, as index: UInt32) -> Bool {
        let hash = self.hash(word)
        let slot = slot(for: word, hash: hash)
        guard entry(at: slot) == nil else { return false }
        slots[slot] = hash & 0xFFFF_FFFF_0000_0000 | UInt64(index + 1)
        bytes.append(contentsOf: word)
        ends.append(bytes.count)
        return true
    }

    /// Eight bytes at a time, each folded in by a full 64 × 64 bit multiplication.
    ///
    /// The seed is drawn anew for each vocabulary, so that nobody can choose words that collide.
    private func hash(_ token: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let bytes = UnsafeRawBufferPointer(token)
        var hash = seed ^ UInt64(bytes.count)
        var offset = 0
        while offset + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            hash = Vocabulary.fold(hash ^ word)
            offset += 8
        }
        var tail: UInt64 = 0
        while offset < bytes.count {
            tail = tail << 8 | UInt64(bytes[offset])
            offset += 1
        }
        return Vocabulary.fold(hash ^ tail) ^ seed
    }

    private static func fold(_ value: UInt64) -> UInt64 {
        let (high, low) = (value ^ 0x9E37_79B9_7F4A_7C15)
            .multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return high ^ low
    }
}

extension Vocabulary: Equatable {
    /// Equal words in equal order.
    public static func == (left: Vocabulary, right: Vocabulary) -> Bool {
        left.bytes == right.bytes && left.ends == right.ends
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
