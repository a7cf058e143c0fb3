import CUnistring
import Testing

@testable import TextForm

@Suite struct NFCTests {
    @Test(
        "composes what was typed in parts, in every script",
        arguments: [
            ("u\u{308}ber", "\u{FC}ber"), ("cafe\u{301}", "caf\u{E9}"),
            ("e\u{301}e\u{301}e\u{301}e\u{301}", "\u{E9}\u{E9}\u{E9}\u{E9}"),
            ("\u{212B}", "\u{C5}"),  // Angstrom sign
            ("a\u{323}\u{302}", "\u{1EAD}"), ("a\u{302}\u{323}", "\u{1EAD}"),
            ("\u{1112}\u{1161}\u{11AB}", "\u{D55C}"),  // Hangul
            ("\u{30AB}\u{3099}", "\u{30AC}"),  // Katakana
            ("\u{0438}\u{0306}", "\u{0439}"),  // Cyrillic
            ("\u{0627}\u{0653}", "\u{0622}"),  // Arabic
            ("\u{03B1}\u{0301}", "\u{03AC}"),  // Greek
            ("\u{0915}\u{093C}", "\u{0915}\u{093C}"),  // Excluded from composition
            ("\u{0958}", "\u{0915}\u{093C}"),
            ("\u{1D15E}", "\u{1D157}\u{1D165}"), ("q\u{344}", "q\u{308}\u{301}"),
        ]
    )
    func composes(sent: String, kept: String) {
        #expect(Array(NFC.normalized(sent).utf8) == Array(kept.utf8))
        #expect(Array(NFC.normalized("Das " + sent + " ist").utf8) == Array("Das \(kept) ist".utf8))
    }

    @Test(
        "knows at once that everyday text has the form",
        arguments: [
            "", "plain words", "Das wäre schön, naïve façade, Ærø",
            "“quoted” — that’s it…",
            "Съешь же ещё этих мягких булок",
            "Ξεσκεπάζω την ψυχοφθόρα", "זה טקסט", "هذا نص",
            "ภาษาไทย", "これはテキストです。",
            "这是一段文本", "한국어",
            "😀👍🏽👩‍💻🇩🇪❤️",
            "Ｆｕｌｌ　ｗｉｄｔｈ", "5 € for 3 ½ km²",
        ]
    )
    func isCertain(text: String) {
        var text = text
        #expect(text.withUTF8 { NFC.isCertain($0) })
        #expect(Array(NFC.normalized(text).utf8) == Array(text.utf8))
    }

    @Test("says so of a scalar only if it is unchanged, unmoved and never composed with one before")
    func inertScalars() {
        var followers: Set<UInt32> = Set(0x1161...0x1175).union(0x11A8...0x11C2)
        var parts = [ucs4_t](repeating: 0, count: Int(UC_DECOMPOSITION_MAX_LENGTH))
        for value in UInt32(0)...0x10FFFF {
            let count = uc_canonical_decomposition(value, &parts)
            if count > 1 { followers.formUnion(parts[1..<Int(count)]) }
        }
        var buffer = NFCBuffer()
        for value in UInt32(0)...0x10FFFF where NFC.isInert(value) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let bytes = Array(String(scalar).utf8)
            let isSame = bytes.withUnsafeBufferPointer { utf8 in
                var count = 16
                var result = [UInt8](repeating: 0, count: 16)
                _ = elman_u8_nfc(utf8.baseAddress, utf8.count, &result, &count)
                return buffer.normalized(utf8).elementsEqual(result[..<count])
            }
            if !isSame || uc_combining_class(value) != 0 || followers.contains(value) {
                Issue.record("U+\(String(value, radix: 16))")
            }
        }
    }

    @Test(
        "makes equal bytes of texts that are canonically equal, and a second pass changes nothing"
    )
    func agreesWithSwift() {
        // Swift compares strings by canonical equivalence, with tables of its own.
        var generator = SystemRandomNumberGenerator()
        let pieces: [ClosedRange<UInt32>] = [
            0x41...0x7A, 0xC0...0x17F, 0x300...0x345, 0x391...0x3CE, 0x900...0x95F, 0x1100...0x11FF,
            0x1E00...0x1FFF, 0x3040...0x30FF, 0xAC00...0xACFF, 0x1D157...0x1D172,
        ]
        for _ in 0..<3000 {
            var scalars = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                let range = pieces.randomElement(using: &generator) ?? 0...0
                scalars.append(Unicode.Scalar(UInt32.random(in: range, using: &generator)) ?? "?")
            }
            let text = String(scalars)
            let normalized = NFC.normalized(text)
            #expect(normalized == text)
            #expect(Array(NFC.normalized(normalized).utf8) == Array(normalized.utf8))
        }
    }

    @Test(
        "reads malformed bytes as U+FFFD",
        arguments: [[0xFF], [0x65, 0xCC], [0xED, 0xA0, 0x80]]
    )
    func malformed(bytes: [UInt8]) {
        var buffer = NFCBuffer()
        bytes.withUnsafeBufferPointer { utf8 in
            let text = String(decoding: buffer.normalized(utf8), as: UTF8.self)
            #expect(text.unicodeScalars.last == "\u{FFFD}")
        }
    }
}
