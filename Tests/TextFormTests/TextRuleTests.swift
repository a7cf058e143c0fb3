import Testing

@testable import TextForm

@Suite struct TextRuleTests {
    private func text(_ sent: String, _ limit: Int = 1 << 20) throws -> (String, Bool) {
        var sent = sent
        return try sent.withUTF8 { try TextRule(maximumBytes: limit).text($0) }
    }

    @Test("keeps white space and gets one form")
    func form() throws {
        let (kept, isTruncated) = try text(" zu\u{308}gig \n")
        #expect(Array(kept.utf8) == Array(" z\u{FC}gig \n".utf8))
        #expect(!isTruncated)
    }

    @Test(
        "is empty where nothing is to be seen",
        arguments: ["", " \t\r\n", "\u{A0}", "\u{FEFF}", "\u{200B}\u{3000}"]
    )
    func empty(sent: String) {
        #expect(throws: TextFormError.empty) { try text(sent) }
    }

    @Test(
        "ends a text that is too long behind a word",
        arguments: [
            ("one two three", 7, "one two"), ("one two three", 8, "one two"),
            ("one two three", 12, "one two"), ("one two three", 13, "one two three"),
            ("one\u{3000}two", 5, "one"), ("one two", 3, "one"),
        ]
    )
    func truncates(sent: String, limit: Int, kept: String) throws {
        let (text, isTruncated) = try text(sent, limit)
        #expect(text == kept)
        #expect(isTruncated == (kept != sent))
    }

    @Test(
        "never cuts inside a character",
        arguments: [
            "👩‍💻👩‍💻👩‍💻👩‍💻👩‍💻",
            "🇩🇪🇫🇷🇩🇪🇫🇷🇩🇪🇫🇷", "这是一段没有空格的文本",
            "q\u{323}\u{302}q\u{323}\u{302}q\u{323}\u{302}",
            "❤️❤️❤️❤️", "कषिक्षिकषि",
        ]
    )
    func characters(sent: String) throws {
        for limit in 1..<sent.utf8.count where limit > sent.first?.utf8.count ?? 0 {
            let (kept, isTruncated) = try text(sent, limit)
            #expect(isTruncated)
            #expect(kept.utf8.count <= limit && !kept.isEmpty)
            #expect(Array(sent).starts(with: Array(kept)), "\(limit)")
        }
    }

    @Test("cuts what only claims to be one character between its scalars")
    func endlessCharacter() throws {
        let sent = "q" + String(repeating: "\u{30D}", count: 1000)
        let (kept, isTruncated) = try text(sent, 999)
        #expect(isTruncated && kept.utf8.count == 999)
        #expect(sent.unicodeScalars.starts(with: kept.unicodeScalars))
    }

    @Test("truncates both forms of a text alike")
    func formBeforeLength() throws {
        let composed = String(repeating: "z\u{FC}gig ", count: 20)
        let decomposed = String(repeating: "zu\u{308}gig ", count: 20)
        #expect(try text(composed, 50) == text(decomposed, 50))
    }
}
