/// What the tokenizer needs to know of a Unicode scalar.
enum ScalarClass {
    /// White space and control characters separate tokens.
    case separator
    /// Letters, numbers and connector punctuation form words.
    case word
    /// A letter of a script that is written without spaces is a token by itself.
    case ideograph
    /// A combining mark belongs to whatever it follows.
    case mark
    /// Format characters (joiners, direction marks, soft hyphens) are dropped, except inside an
    /// emoji sequence.
    case invisible
    /// All else, each a token by itself.
    case symbol

    /// The class of `scalar`, by its general category.
    ///
    /// Not inlined, so that callers pay for Unicode properties only where text is not ASCII.
    @inline(never)
    init(_ scalar: Unicode.Scalar) {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .decimalNumber, .letterNumber,
            .otherNumber, .connectorPunctuation:
            self = .word
        case .modifierLetter, .otherLetter:
            self =
                ScalarClass.isHalfWidthSoundMark(scalar.value)
                ? .mark : ScalarClass.isWrittenWithoutSpaces(scalar.value) ? .ideograph : .word
        case .nonspacingMark, .spacingMark, .enclosingMark:
            self = .mark
        case .control, .spaceSeparator, .lineSeparator, .paragraphSeparator:
            self = .separator
        case .format:
            self = .invisible
        default:
            self = .symbol
        }
    }

    /// The half-width Katakana sound marks are letters to Unicode but marks to a reader.
    private static func isHalfWidthSoundMark(_ value: UInt32) -> Bool {
        value == 0xFF9E || value == 0xFF9F
    }

    /// Han, Hiragana, Katakana, Thai, Lao, Khmer and Myanmar.
    static func isWrittenWithoutSpaces(_ value: UInt32) -> Bool {
        switch value {
        case 0x0E00...0x0EFF,  // Thai, Lao
            0x1000...0x109F, 0xA9E0...0xA9FF, 0xAA60...0xAA7F,  // Myanmar
            0x1780...0x17FF,  // Khmer
            0x3005...0x3007, 0x3021...0x303C,  // Han repetition marks and numerals
            0x3041...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9D,  // Hiragana, Katakana
            0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF,  // Han
            0x1B000...0x1B16F,  // Kana supplement
            0x20000...0x3FFFF:  // Han extensions
            true
        default:
            false
        }
    }
}
