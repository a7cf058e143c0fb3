private import TextForm

/// Reads tokens off a text one at a time and writes them lower-cased.
///
/// The output must have room for three bytes per byte of input.
struct TokenScanner {
    private let utf8: UnsafeBufferPointer<UInt8>
    /// Where the next token is looked for, in bytes.
    private(set) var position = 0
    private let output: UnsafeMutablePointer<UInt8>
    private(set) var outputCount = 0

    init(utf8: UnsafeBufferPointer<UInt8>, output: UnsafeMutablePointer<UInt8>) {
        self.utf8 = utf8
        self.output = output
    }

    /// Moves to the first byte of the next token; false at the end of the text.
    mutating func skipToToken() -> Bool {
        while position < utf8.count {
            let byte = utf8[position]
            if byte < 0x80 {
                if byte > 0x20 && byte != 0x7F { return true }
                position += 1
            } else {
                let (scalar, length) = decodeScalar(utf8, at: position)
                switch ScalarClass(scalar) {
                case .separator, .invisible: position += length
                default: return true
                }
            }
        }
        return false
    }

    /// Writes the token that starts here.
    mutating func scanToken() {
        let byte = utf8[position]
        if byte < 0x80 {
            if lowercasedWordByte(byte) != 0 { return scanWord() }
            write(byte)
            position += 1
            // Most often a space or a letter follows, and nothing of this token.
            if position < utf8.count && utf8[position] >= 0x80 { extendSymbol() }
            return
        }
        let (scalar, length) = decodeScalar(utf8, at: position)
        switch ScalarClass(scalar) {
        case .word, .mark:
            scanWord()
        case .ideograph:
            position += length
            writeLowercased(scalar)
            extendIdeograph()
        default:
            position += length
            if scalar == "\u{2019}" { write(0x27) } else { writeLowercased(scalar) }
            if isRegionalIndicator(scalar) { return pairRegionalIndicator() }
            extendSymbol()
        }
    }

    /// A run of word characters, with at most one apostrophe inside.
    private mutating func scanWord() {
        var hasApostrophe = false
        while position < utf8.count {
            let byte = utf8[position]
            if byte < 0x80 {
                let lowercased = lowercasedWordByte(byte)
                if lowercased != 0 {
                    write(lowercased)
                    position += 1
                } else if byte == 0x27, !hasApostrophe, isWord(at: position + 1) {
                    write(byte)
                    position += 1
                    hasApostrophe = true
                } else {
                    return
                }
                continue
            }
            let (scalar, length) = decodeScalar(utf8, at: position)
            switch ScalarClass(scalar) {
            case .word, .mark:
                writeLowercased(scalar)
            case .invisible:
                break  // Dropped: the word goes on behind it.
            case .symbol
            where scalar == "\u{2019}" && !hasApostrophe && isWord(at: position + length):
                write(0x27)
                hasApostrophe = true
            default:
                return
            }
            position += length
        }
    }

    private mutating func extendIdeograph() {
        while position < utf8.count && utf8[position] >= 0x80 {
            let (scalar, length) = decodeScalar(utf8, at: position)
            switch ScalarClass(scalar) {
            case .mark: writeLowercased(scalar)
            case .invisible: break
            default: return
            }
            position += length
        }
    }

    /// What belongs to the symbol before: marks, skin tones, tags, and symbols behind a joiner.
    private mutating func extendSymbol() {
        while position < utf8.count && utf8[position] >= 0x80 {
            let (scalar, length) = decodeScalar(utf8, at: position)
            switch scalar.value {
            case 0x1F3FB...0x1F3FF, 0xE0020...0xE007F:
                writeLowercased(scalar)
            case 0x200D:
                if let (next, nextLength) = symbol(at: position + length) {
                    writeLowercased(scalar)
                    writeLowercased(next)
                    position += nextLength
                }
            default:
                switch ScalarClass(scalar) {
                case .mark: writeLowercased(scalar)
                case .invisible: break
                default: return
                }
            }
            position += length
        }
    }

    /// Two regional indicators are one flag.
    private mutating func pairRegionalIndicator() {
        guard let (scalar, length) = symbol(at: position), isRegionalIndicator(scalar) else {
            return
        }
        writeLowercased(scalar)
        position += length
    }

    private func isRegionalIndicator(_ scalar: Unicode.Scalar) -> Bool {
        (0x1F1E6...0x1F1FF).contains(scalar.value)
    }

    private func symbol(at index: Int) -> (scalar: Unicode.Scalar, length: Int)? {
        guard index < utf8.count, utf8[index] >= 0x80 else { return nil }
        let decoded = decodeScalar(utf8, at: index)
        guard case .symbol = ScalarClass(decoded.scalar) else { return nil }
        return decoded
    }

    private func isWord(at index: Int) -> Bool {
        guard index < utf8.count else { return false }
        if utf8[index] < 0x80 { return lowercasedWordByte(utf8[index]) != 0 }
        guard case .word = ScalarClass(decodeScalar(utf8, at: index).scalar) else { return false }
        return true
    }

    /// The lower-case form of an ASCII letter, digit or underscore; 0 for any other byte.
    @inline(__always)
    private func lowercasedWordByte(_ byte: UInt8) -> UInt8 {
        let lowercased = byte | 0x20
        if lowercased &- 0x61 < 26 { return lowercased }
        return byte &- 0x30 < 10 || byte == 0x5F ? byte : 0
    }

    @inline(__always)
    private mutating func write(_ byte: UInt8) {
        output[outputCount] = byte
        outputCount += 1
    }

    @inline(never)
    private mutating func writeLowercased(_ scalar: Unicode.Scalar) {
        for byte in scalar.properties.lowercaseMapping.utf8 { write(byte) }
    }
}
