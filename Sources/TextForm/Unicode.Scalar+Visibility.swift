extension Unicode.Scalar {
    /// Whether a reader sees nothing where it stands: white space, format characters, fillers.
    var isUnseen: Bool {
        if value < 0x80 { return value == 0x20 || (0x09...0x0D).contains(value) }
        return properties.isWhitespace || properties.isDefaultIgnorableCodePoint
            || value == 0x2800  // The braille pattern without dots.
    }

    /// Whether a label loses it at its ends.
    ///
    /// A direction override stays, to be refused: what a reader saw under it is not what would be
    /// kept without it.
    var isTrimmed: Bool { isUnseen && !isAppended && value != 0x202D && value != 0x202E }

    /// Whether it is a variation selector or a tag, which changes the look of what stands before.
    var isAppended: Bool {
        switch value {
        case 0xFE00...0xFE0F, 0xE0020...0xE007F, 0xE0100...0xE01EF: true
        default: false
        }
    }

    /// Whether a variation selector or tag behind it means anything.
    func takes(_ appended: Unicode.Scalar) -> Bool {
        // Tags spell the flags of regions, behind a black flag.
        if (0xE0020...0xE007F).contains(appended.value) { return value == 0x1F3F4 }
        switch properties.generalCategory {
        case .otherLetter, .otherSymbol, .mathSymbol: return true
        default: return value >= 0x80 && properties.isEmoji
        }
    }

    /// Whether no label may have it: control characters, line ends, and what changes the direction
    /// of the text behind it.
    var breaksLabel: Bool {
        switch value {
        case 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        // ASCII, the rule of most labels, asks no table.
        case 0x20...0x7E: false
        default: properties.generalCategory == .control
        }
    }
}
