private import TextForm

/// The tokens of one text: their bytes, one after the other, and where each ends.
///
/// Kept and filled again for every text, so that a warm buffer allocates nothing.
public struct TokenBuffer: ~Copyable {
    /// The number of tokens.
    public internal(set) var count = 0
    /// Whether the text had more tokens than the tokenizer gives.
    public internal(set) var isTruncated = false

    private(set) var bytes: UnsafeMutablePointer<UInt8>
    private var byteCapacity: Int
    private var ends: UnsafeMutablePointer<Int>
    private var tokenCapacity: Int
    private var form = NFCBuffer()

    /// Creates an empty buffer; it grows with the texts that pass through it.
    public init() {
        byteCapacity = 1024
        tokenCapacity = 64
        bytes = .allocate(capacity: byteCapacity)
        ends = .allocate(capacity: tokenCapacity)
    }

    deinit {
        bytes.deallocate()
        ends.deallocate()
    }

    /// Whether a text of more than about 20 KiB passed through it.
    var isLarge: Bool { byteCapacity > 1 << 16 }

    /// The UTF-8 of one token, valid until the buffer is filled again.
    ///
    /// - Precondition: `index` is below `count`.
    public subscript(index: Int) -> UnsafeBufferPointer<UInt8> {
        precondition(index >= 0 && index < count, "No such token")
        let start = index == 0 ? 0 : ends[index - 1]
        return UnsafeBufferPointer(start: bytes + start, count: ends[index] - start)
    }

    /// Adds a token that ends there in `bytes`.
    @inline(__always)
    mutating func append(end: Int) {
        if count == tokenCapacity { growEnds() }
        ends[count] = end
        count += 1
    }

    /// The text in normalization form C, valid until the next one is.
    mutating func normalized(_ utf8: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        form.normalized(utf8)
    }

    /// Holds the tokens of `other` but one.
    ///
    /// - Precondition: `index` is below `other.count`.
    mutating func copy(_ other: borrowing TokenBuffer, without index: Int) {
        precondition(index >= 0 && index < other.count, "No such token")
        reset(bytes: other.ends[other.count - 1])
        var end = 0
        for token in 0..<other.count where token != index {
            let source = other[token]
            if let first = source.baseAddress {
                (bytes + end).update(from: first, count: source.count)
            }
            end += source.count
            append(end: end)
        }
    }

    /// Holds the tokens of one of `texts`.
    mutating func copy(_ texts: TokenizedTexts, row: Int) {
        let tokens = texts[row]
        reset(bytes: tokens.reduce(0) { $0 + texts.words.byteCount(of: Int($1)) })
        var end = 0
        for token in tokens {
            texts.words.withBytes(of: Int(token)) { source in
                // The empty word stands for a text without words.
                guard let first = source.baseAddress, !source.isEmpty else { return }
                (bytes + end).update(from: first, count: source.count)
                end += source.count
                append(end: end)
            }
        }
    }

    /// Empties the buffer and makes room for the bytes of all tokens.
    mutating func reset(bytes neededBytes: Int) {
        count = 0
        isTruncated = false
        if neededBytes > byteCapacity {
            bytes.deallocate()
            byteCapacity = neededBytes
            bytes = .allocate(capacity: byteCapacity)
        }
    }

    @inline(never)
    private mutating func growEnds() {
        let grown = UnsafeMutablePointer<Int>.allocate(capacity: tokenCapacity * 2)
        grown.update(from: ends, count: count)
        ends.deallocate()
        ends = grown
        tokenCapacity *= 2
    }
}
