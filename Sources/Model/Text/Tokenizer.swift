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
/// Only the first `maximumTokens` tokens count. No normalization form is applied.
public struct Tokenizer: Sendable, Equatable {
    /// The name of these rules in a checkpoint; other rules would get another name.
    static let kind = "unicode-words-1"

    /// The limit of a tokenizer that was made without one.
    public static let defaultMaximumTokens = 160

    /// Limits that a checkpoint may ask for.
    public static let allowedMaximumTokens = 1...4096

    /// How many tokens of a text are read; the rest is dropped and reported.
    public let maximumTokens: Int

    /// Creates a tokenizer.
    ///
    /// - Precondition: `maximumTokens` is in `allowedMaximumTokens`.
    public init(maximumTokens: Int = Tokenizer.defaultMaximumTokens) {
        precondition(Tokenizer.allowedMaximumTokens.contains(maximumTokens), "Bad token limit")
        self.maximumTokens = maximumTokens
    }

    /// Tokenizes `utf8` into `buffer`, whose former contents are lost.
    ///
    /// - Complexity: O(bytes up to the limit); allocates only when the buffer must grow.
    public func tokenize(_ utf8: UnsafeBufferPointer<UInt8>, into buffer: inout TokenBuffer) {
        // Lower-casing at most triples a scalar's bytes, as does U+FFFD for a malformed byte.
        buffer.reset(bytes: utf8.count * 3, tokens: maximumTokens)
        var scanner = TokenScanner(utf8: utf8, output: buffer.bytes)
        while scanner.skipToToken() {
            if buffer.count == maximumTokens {
                buffer.isTruncated = true
                break
            }
            scanner.scanToken()
            buffer.ends[buffer.count] = scanner.outputCount
            buffer.count += 1
        }
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
