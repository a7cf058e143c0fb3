/// Normalization form C (Unicode Standard Annex 15): one form for each text, however it was typed.
///
/// An é that a Mac's file name brings as two scalars and a keyboard as one are the same text then.
public enum NFC {
    /// The text in form C.
    ///
    /// - Complexity: O(bytes); allocates nothing for a text that `isCertain` knows to have the
    ///   form.
    public static func normalized(_ text: String) -> String {
        var text = text
        let normalized = text.withUTF8 { utf8 -> String? in
            guard !isCertain(utf8) else { return nil }
            var buffer = NFCBuffer()
            return String(decoding: buffer.normalized(utf8), as: UTF8.self)
        }
        return normalized ?? text
    }

    /// Whether valid UTF-8 is in form C for certain, by a look at each scalar alone.
    ///
    /// False for text that has the form, but a scalar that might have to move or to be composed.
    ///
    /// - Complexity: O(bytes), eight at a time where they are ASCII or Latin; allocates nothing.
    public static func isCertain(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        let bytes = UnsafeRawBufferPointer(utf8)
        var position = 0
        while position < bytes.count {
            if position + 8 <= bytes.count {
                let word = UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                )
                let places = bytesOfHigherScalars(in: word)
                guard places != 0 else {
                    position += 8
                    continue
                }
                position += places.trailingZeroBitCount / 8
            } else if bytes[position] < leastHigherByte {
                position += 1
                continue
            }
            let (scalar, length) = decodeScalar(utf8, at: position)
            guard isInert(scalar.value) else { return false }
            position += length
        }
        return true
    }

    /// The least byte that begins a scalar of U+0300 or more; below that nothing ever changes.
    private static let leastHigherByte: UInt8 = 0xCC

    /// The top bit of each of eight bytes that is `leastHigherByte` or more.
    @inline(__always)
    private static func bytesOfHigherScalars(in word: UInt64) -> UInt64 {
        // The lower seven bits carry into the eighth where they are 0x4C or more.
        word & ((word & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x3434_3434_3434_3434) & 0x8080_8080_8080_8080
    }

    /// Whether a scalar is known to stay as it is, whatever stands beside it.
    ///
    /// Blocks that everyday text uses, not all there are; a test holds them against libunistring.
    static func isInert(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0...0x02FF,  // ASCII, Latin
            0x0388...0x0482, 0x048A...0x0590,  // Greek, Cyrillic, Armenian
            0x05D0...0x060F, 0x061B...0x064A, 0x0671...0x06D5,  // Hebrew, Arabic
            0x0904...0x093B, 0x0E01...0x0E37, 0x0E3F...0x0E47,  // Devanagari, Thai
            0x10A0...0x10FF,  // Georgian
            0x1E00...0x1F70, 0x2002...0x20CF,  // Latin and Greek with accents, punctuation
            0x212C...0x2328, 0x232B...0x2ADB, 0x3000...0x3029,  // Symbols
            0x3030...0x3098, 0x309B...0xA66E,  // Kana, Han
            0xAC00...0xD7A3,  // Hangul
            0xFE00...0xFE0F, 0xFE30...0xFFEF,  // Variation selectors, full and half width
            0x1F000...0x1FAFF, 0x20000...0x2F7FF:  // Emoji, Han
            true
        default:
            false
        }
    }
}
