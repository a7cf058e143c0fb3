/// The one rule for texts that are learnt, asked or looked up.
///
/// A text gets normalization form C; its white space stays. Of one that is too long the beginning
/// is kept, up to the end of a word.
public struct TextRule: Sendable, Equatable {
    /// The most UTF-8 bytes of a text that are kept.
    public var maximumBytes: Int

    /// Makes a rule.
    public init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// The text that is kept for one that was sent.
    ///
    /// - Returns: the text, and whether it lost its end.
    /// - Throws: that it is not UTF-8, or that there is nothing to be seen.
    public func text(
        _ utf8: UnsafeBufferPointer<UInt8>
    ) throws(TextFormError) -> (text: String, isTruncated: Bool) {
        guard let sent = String(validating: utf8, as: UTF8.self) else { throw .malformed }
        guard sent.unicodeScalars.contains(where: { !$0.isUnseen }) else { throw .empty }
        return form(of: sent)
    }

    /// The form in which a text is kept, also one of which nothing can be seen: what to look up.
    public func form(of sent: String) -> (text: String, isTruncated: Bool) {
        var text = NFC.normalized(sent)
        let kept = text.withUTF8 { truncated($0).map { String(decoding: $0, as: UTF8.self) } }
        return (kept ?? text, kept != nil)
    }

    /// The beginning of a text that is too long; nil for one that is not.
    ///
    /// It ends before white space if there is some near the limit, else between two characters as a
    /// reader counts them.
    ///
    /// - Complexity: O(1).
    public func truncated(_ utf8: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        guard utf8.count > maximumBytes else { return nil }
        let reach = max(0, maximumBytes - TextRule.longestWord)
        // What follows the limit is looked at too: a word may end just there.
        for end in stride(from: maximumBytes, to: reach, by: -1)
        where isBoundary(utf8, end) && decodeScalar(utf8, at: end).scalar.properties.isWhitespace {
            return UnsafeBufferPointer(rebasing: utf8[..<end])
        }
        return UnsafeBufferPointer(rebasing: utf8[..<lastCharacter(of: utf8, from: reach)])
    }

    /// How far back from the limit the end of a word is looked for, in bytes.
    private static let longestWord = 256

    /// Where the last character before the limit begins, which may go on behind it.
    private func lastCharacter(of utf8: UnsafeBufferPointer<UInt8>, from reach: Int) -> Int {
        let start = (0...reach).last { isBoundary(utf8, $0) } ?? 0
        let end = (start...maximumBytes).last { isBoundary(utf8, $0) } ?? start
        let tail = String(decoding: utf8[start..<end], as: UTF8.self)
        // A single character as long as all that is no character: it is cut between its scalars.
        guard tail.count > 1, let last = tail.last else { return end }
        return end - last.utf8.count
    }

    /// Whether a scalar begins here.
    private func isBoundary(_ utf8: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        utf8[index] & 0xC0 != 0x80
    }
}
