import Testing

@testable import TextForm

@Suite struct LabelRuleTests {
    @Test(
        "loses white space and invisible characters at both ends",
        arguments: [
            " spam ", "\tspam\r\n", "\u{FEFF}spam", "spam\u{A0}", "\u{2003}spam\u{202F}",
            "\u{3000}spam",
            "\u{200B}spam\u{200B}", "spam\u{200E}", "\u{200F}spam", "spam\u{2060}",
            "\u{85}spam\u{2028}",
            "\u{202A}spam\u{202C}", "\u{2066}spam\u{2069}", "\u{AD}spam", "\u{180E}spam\u{3164}",
            "\u{FEFF} \u{200B}\u{A0}spam\u{2029}\u{200D} ", "\u{2800}spam", "\u{61C}spam",
            "spam\u{FE0F}", "\u{FE0F}spam", "spam\u{E0041}\u{E007F}",
            "spam\u{FE0E} ", "spam\u{200B}\u{FE0F}",
        ]
    )
    func trims(sent: String) throws {
        #expect(try LabelRule().label(sent) == "spam")
    }

    @Test(
        "keeps what can be seen",
        arguments: [
            "a b", "a\u{A0}b", "葛\u{E0100}", "❤️",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "👩‍💻", "می‌خواهم", "शब्द", "-", "0",
            "\"x\"", "__label__", "<script>", "a\u{200B}b",
        ]
    )
    func keeps(label: String) throws {
        #expect(try Array(LabelRule().label(label).utf8) == Array(label.utf8))
    }

    @Test("takes time in proportion to what was sent, whatever that is")
    func isLinear() throws {
        for piece in ["\u{FE0F}", "\u{E0041}", "\u{200B}\u{FE0F}", " \u{FE0F}"] {
            let hidden = String(repeating: piece, count: 200_000)
            #expect(try LabelRule().label(hidden + "spam" + hidden) == "spam")
        }
    }

    @Test("gives both forms of a label the same bytes")
    func normalizes() throws {
        let kept = try LabelRule().label("Grü\u{DF}e")
        #expect(try Array(LabelRule().label("Gru\u{308}\u{DF}e").utf8) == Array(kept.utf8))
    }

    @Test(
        "names the character that no label may have, and its place",
        arguments: [
            ("sp\u{202E}am", "has U+202E (right-to-left override) as character 3; remove it"),
            ("\u{202E}maps", "has U+202E (right-to-left override) as character 1; remove it"),
            (" a\u{202D}b", "has U+202D (left-to-right override) as character 2; remove it"),
            ("a\u{2066}b", "has U+2066 (left-to-right isolate) as character 2; remove it"),
            ("a\u{2028}b", "has U+2028 (line separator) as character 2; remove it"),
            ("a\u{2029}b", "has U+2029 (paragraph separator) as character 2; remove it"),
            ("a\u{85}b", "has U+0085 (next line) as character 2; remove it"),
            ("über\tx", "has U+0009 (tab) as character 5; remove it"),
            ("a\nb", "has U+000A (line feed) as character 2; remove it"),
            ("\u{0}a", "has U+0000 (control character) as character 1; remove it"),
            ("a\u{7F}", "has U+007F (control character) as character 2; remove it"),
            ("a\u{9B}b", "has U+009B (control character) as character 2; remove it"),
            ("a\u{80}b", "has U+0080 (control character) as character 2; remove it"),
        ]
    )
    func refuses(sent: String, message: String) {
        #expect { try LabelRule().label(sent) } throws: { "\($0)" == message }
    }

    @Test(
        "is empty where nothing is to be seen",
        arguments: ["", " ", "\u{FEFF}", "\u{200B}\u{A0}\u{2060}", "\u{FE0F}", "\u{3164}"]
    )
    func empty(sent: String) {
        #expect(throws: TextFormError.empty) { try LabelRule().label(sent) }
    }

    @Test("counts characters, not bytes, of the form that is kept")
    func length() throws {
        let long = String(repeating: "\u{4E2D}", count: 256)
        #expect(try LabelRule().label(" " + long + " ") == long)
        let decomposed = String(repeating: "u\u{308}", count: 256)
        #expect(try LabelRule().label(decomposed).unicodeScalars.count == 256)
        #expect(throws: TextFormError.tooLong(count: 257, limit: 256)) {
            try LabelRule().label(long + "x")
        }
        #expect(throws: TextFormError.tooLong(count: 4, limit: 3)) {
            try LabelRule(maximumLength: 3).label("spam")
        }
    }

    @Test("refuses bytes that are not UTF-8")
    func malformed() {
        let bytes: [UInt8] = [0x61, 0xFC]
        #expect(throws: TextFormError.malformed) {
            try bytes.withUnsafeBufferPointer { utf8 throws(TextFormError) in
                try LabelRule().label(utf8)
            }
        }
    }
}
