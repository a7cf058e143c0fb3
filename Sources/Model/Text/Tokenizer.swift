/// Splits text into lower-case words, numbers and single symbols.
///
/// A token is a match of `\w+'\w+`, `\w+` or `[^\w\s]` in the lower-cased text, where `\w` is a
/// letter, mark, number or connector punctuation and `’` counts as `'`. Refined where that rule
/// alone would hurt:
///
/// - An emoji keeps its variation selector, skin tone, joined parts, keycap or flag pair.
/// - Letters of scripts written without spaces (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar)
///   are tokens one by one, each with its marks.
/// - Control characters separate; other format characters (soft hyphen, direction marks, joiners
///   inside words) are dropped.
///
/// The kind says what happens before and after that rule.
public struct Tokenizer: Sendable, Equatable {
    /// The name of a set of rules in a checkpoint.
    public enum Kind: String, Sendable, CaseIterable {
        /// No normalization form; only the first `maximumTokens` tokens count, for every path.
        case unicodeWords1 = "unicode-words-1"
        /// Normalization form C. All tokens count for the linear path; a network that takes the
        /// tokens one by one reads `maximumTokens` of them, the first half and the last half.
        case unicodeWords2 = "unicode-words-2"
    }

    /// The limit of a tokenizer that was made without one.
    public static let defaultMaximumTokens = 160

    /// Limits that a checkpoint may ask for.
    public static let allowedMaximumTokens = 1...4096

    /// Which rules it follows.
    public let kind: Kind
    /// How many tokens of a text a network reads that takes them one by one.
    public let maximumTokens: Int

    /// Creates a tokenizer.
    ///
    /// - Precondition: `maximumTokens` is in `allowedMaximumTokens`.
    public init(
        _ kind: Kind = .unicodeWords2,
        maximumTokens: Int = Tokenizer.defaultMaximumTokens
    ) {
        precondition(Tokenizer.allowedMaximumTokens.contains(maximumTokens), "Bad token limit")
        self.kind = kind
        self.maximumTokens = maximumTokens
    }

    /// The tokens, of so many, that a network reads which takes them one by one.
    package func sequence(of tokenCount: Int) -> TokenSequence {
        TokenSequence(tokenCount: tokenCount, limit: maximumTokens)
    }

    /// Tokenizes `utf8` into `buffer`, whose former contents are lost.
    ///
    /// - Complexity: O(bytes); allocates only when the buffer must grow.
    public func tokenize(_ utf8: UnsafeBufferPointer<UInt8>, into buffer: inout TokenBuffer) {
        var text = utf8
        var limit = Int.max
        switch kind {
        case .unicodeWords1: limit = maximumTokens
        case .unicodeWords2: text = buffer.normalized(utf8)
        }
        // Lower-casing at most triples a scalar's bytes, as does U+FFFD for a malformed byte.
        buffer.reset(bytes: text.count * 3)
        var scanner = TokenScanner(utf8: text, output: buffer.bytes)
        while scanner.skipToToken() {
            if buffer.count == limit {
                buffer.isTruncated = true
                break
            }
            scanner.scanToken()
            buffer.append(end: scanner.outputCount)
        }
    }

    /// A token, and where it stands in the text that has it.
    public struct Span: Sendable, Equatable {
        /// The token, as the model looks it up.
        public let text: String
        /// Its place, counted in Unicode scalars; nil where normalization changed the text.
        public let range: Range<Int>?
    }

    /// The tokens of `text` with their places, to show what a model sees.
    public func spans(in text: String) -> [Span] {
        var buffer = TokenBuffer()
        var spans: [Span] = []
        var text = text
        text.withUTF8 { written in
            var utf8 = written
            var limit = Int.max
            switch kind {
            case .unicodeWords1: limit = maximumTokens
            case .unicodeWords2: utf8 = buffer.normalized(written)
            }
            let isAsWritten = utf8.elementsEqual(written)
            buffer.reset(bytes: utf8.count * 3)
            var scanner = TokenScanner(utf8: utf8, output: buffer.bytes)
            var (byte, scalar) = (0, 0)
            // The number of scalars before a byte, none of which is counted twice.
            func scalars(before end: Int) -> Int {
                for index in byte..<end where utf8[index] & 0xC0 != 0x80 { scalar += 1 }
                byte = end
                return scalar
            }
            while scanner.skipToToken(), spans.count < limit {
                let (start, first) = (scalars(before: scanner.position), scanner.outputCount)
                scanner.scanToken()
                let bytes = UnsafeBufferPointer(
                    start: buffer.bytes + first,
                    count: scanner.outputCount - first
                )
                spans.append(
                    Span(
                        text: String(decoding: bytes, as: UTF8.self),
                        range: isAsWritten ? start..<scalars(before: scanner.position) : nil
                    )
                )
            }
        }
        return spans
    }

    /// The tokens of `text`, for training and tests, where allocation does not matter.
    public func tokens(in text: String) -> [String] {
        var buffer = TokenBuffer()
        var text = text
        text.withUTF8 { tokenize($0, into: &buffer) }
        var tokens: [String] = []
        tokens.reserveCapacity(buffer.count)
        for index in 0..<buffer.count {
            tokens.append(String(decoding: buffer[index], as: UTF8.self))
        }
        return tokens
    }
}
