import Model
import Testing

@Suite struct TokenizerTests {
    static let table: [(text: String, tokens: [String])] = [
        ("", []),
        (" \t\r\n\u{0B}\u{0C} ", []),
        ("This is GOOD", ["this", "is", "good"]),
        ("good,bad;  (happy)!", ["good", ",", "bad", ";", "(", "happy", ")", "!"]),
        ("...", [".", ".", "."]),
        ("snake_case x2 3.14", ["snake_case", "x2", "3", ".", "14"]),
        // One apostrophe inside a word belongs to it, straight or curly.
        ("don't DON’T", ["don't", "don't"]),
        ("rock'n'roll", ["rock'n", "'", "roll"]),
        ("'quoted' dogs'", ["'", "quoted", "'", "dogs", "'"]),
        ("’", ["'"]),
        // Lower-casing is Unicode's: one scalar may become two.
        ("ÄRGER Ünïcode ΣΟΦΟΣ", ["ärger", "ünïcode", "σοφοσ"]),
        ("İstanbul ẞ K", ["i\u{307}stanbul", "ß", "k"]),
        ("ПРИВЕТ, мир", ["привет", ",", "мир"]),
        ("e\u{301}le\u{300}ve", ["e\u{301}le\u{300}ve"]),
        ("\u{301}a", ["\u{301}a"]),
        // Right to left; invisible direction marks are dropped.
        ("שלום עולם", ["שלום", "עולם"]),
        ("\u{200F}مرحبا\u{200E} بالعالم؟", ["مرحبا", "بالعالم", "؟"]),
        ("می\u{200C}خواهم", ["میخواهم"]),
        ("soft\u{AD}ware \u{FEFF}x", ["software", "x"]),
        // Numbers of all kinds are word characters.
        ("½ Ⅷ ४२", ["½", "ⅷ", "४२"]),
        // Scripts without spaces split per character, marks stay.
        ("我很高兴。", ["我", "很", "高", "兴", "。"]),
        ("うれしいガ", ["う", "れ", "し", "い", "ガ"]),
        ("か\u{3099}ｶﾞ", ["か\u{3099}", "ｶﾞ"]),
        ("ดีใจที่สุด", ["ดี", "ใ", "จ", "ที่", "สุ", "ด"]),
        ("ສະບາຍ", ["ສ", "ະ", "ບ", "າ", "ຍ"]),
        ("សួស្តី", ["សួ", "ស្", "តី"]),
        ("မင်္ဂလာ", ["မ", "င်္", "ဂ", "လာ"]),
        ("iPhone手机15号", ["iphone", "手", "机", "15", "号"]),
        ("한국어 텍스트", ["한국어", "텍스트"]),
        // Emoji sequences are one token.
        ("😀😀", ["😀", "😀"]),
        ("great👍🏽!", ["great", "👍🏽", "!"]),
        ("👩‍👩‍👧‍👦 ❤️‍🔥", ["👩‍👩‍👧‍👦", "❤️‍🔥"]),
        ("🇩🇪🇫🇷🇩", ["🇩🇪", "🇫🇷", "🇩"]),
        ("1️⃣ #️⃣", ["1️⃣", "#️⃣"]),
        ("🏴\u{E0067}\u{E0062}\u{E007F}x", ["🏴\u{E0067}\u{E0062}\u{E007F}", "x"]),
        ("a\u{200D}", ["a"]),
        // Controls separate, noncharacters and private use are symbols.
        ("a\u{0}b\u{1F}c\u{7F}d\u{85}e", ["a", "b", "c", "d", "e"]),
        ("\u{FFFF}\u{E000}\u{10FFFF}", ["\u{FFFF}", "\u{E000}", "\u{10FFFF}"]),
        ("a\u{A0}b\u{3000}c\u{2028}d", ["a", "b", "c", "d"]),
    ]

    @Test("splits as the table says", arguments: table)
    func splits(text: String, tokens: [String]) {
        // Compared by scalars: String equality would hide a difference of normalization.
        let found = Tokenizer(.unicodeWords1).tokens(in: text).map { Array($0.unicodeScalars) }
        #expect(found == tokens.map { Array($0.unicodeScalars) }, "\(text)")
        let composed = Tokenizer(.unicodeWords2).tokens(in: text)
        #expect(composed == tokens, "\(text)")
    }

    @Test(
        "the second kind reads each form of a text alike, the first does not",
        arguments: [
            ("e\u{301}le\u{300}ve", "\u{E9}l\u{E8}ve"), ("か\u{3099}く", "がく"),
            ("\u{1112}\u{1161}\u{11AB}", "\u{D55C}"), ("A\u{30A}ngstrom", "\u{C5}ngstrom"),
            ("Tie\u{302}\u{301}ng Vie\u{323}\u{302}t", "Ti\u{1EBF}ng Vi\u{1EC7}t"),
        ]
    )
    func forms(sent: String, composed: String) {
        func bytes(_ kind: Tokenizer.Kind, _ text: String) -> [[UInt8]] {
            Tokenizer(kind).tokens(in: text).map { Array($0.utf8) }
        }
        #expect(bytes(.unicodeWords2, sent) == bytes(.unicodeWords2, composed))
        #expect(bytes(.unicodeWords2, composed) == bytes(.unicodeWords1, composed))
        #expect(bytes(.unicodeWords1, sent) != bytes(.unicodeWords1, composed))
    }

    @Test("the second kind gives all tokens of a text, however many")
    func allTokens() {
        let text = (0..<20_000).map(String.init).joined(separator: " ")
        let tokenizer = Tokenizer(.unicodeWords2, maximumTokens: 3)
        #expect(tokenizer.tokens(in: text).count == 20_000)
        #expect(tokenizer.tokens(in: text).last == "19999")
    }

    @Test(
        "a network reads the first half and the last half of a long text",
        arguments: [
            (0, []), (1, [0]), (5, [0, 1, 2, 3, 4]), (6, [0, 1, 2, 4, 5]),
            (100, [0, 1, 2, 98, 99]),
        ]
    )
    func sequences(count: Int, places: [Int]) {
        let sequence = Tokenizer(maximumTokens: 5).sequence(of: count)
        #expect((0..<sequence.count).map { sequence[$0] } == places)
        #expect(sequence.isPartial == (count > 5))
    }

    @Test("the first kind reads the first tokens up to the limit and says when there were more")
    func truncates() {
        let tokenizer = Tokenizer(.unicodeWords1, maximumTokens: 3)
        for (text, count, isTruncated) in [
            ("a b c", 3, false), ("a b c ", 3, false), ("a b c d", 3, true),
        ] {
            var buffer = TokenBuffer()
            var text = text
            text.withUTF8 { tokenizer.tokenize($0, into: &buffer) }
            #expect(buffer.count == count)
            #expect(buffer.isTruncated == isTruncated)
        }
    }

    @Test("keeps one very long token whole, letters or marks")
    func longTokens() {
        let letters = String(repeating: "A", count: 8192)
        #expect(Tokenizer().tokens(in: letters) == [letters.lowercased()])
        let marks = "x" + String(repeating: "\u{301}", count: 10_000)
        #expect(Tokenizer().tokens(in: marks).map(\.utf8.count) == [20_001])
        let onSymbol = "!" + String(repeating: "\u{301}", count: 10_000)
        #expect(Tokenizer().tokens(in: onSymbol).count == 1)
    }

    @Test("never fails on malformed bytes and writes only valid UTF-8")
    func malformedBytes() {
        var random = SplitMix(state: 7)
        var buffer = TokenBuffer()
        for _ in 0..<3000 {
            let bytes = (0..<Int(random.next() % 24)).map { _ in
                UInt8(truncatingIfNeeded: random.next() >> 13) | 0x80
            }
            bytes.withUnsafeBufferPointer { Tokenizer().tokenize($0, into: &buffer) }
            for index in 0..<buffer.count {
                #expect(String(validating: buffer[index], as: UTF8.self) != nil)
            }
        }
    }

    @Test("agrees with itself on the text that its tokens make")
    func isStable() {
        var random = SplitMix(state: 11)
        for _ in 0..<2000 {
            let text = randomText(&random)
            let tokens = Tokenizer(maximumTokens: 4096).tokens(in: text)
            let again = Tokenizer(maximumTokens: 4096).tokens(in: tokens.joined(separator: " "))
            #expect(again == tokens, "\(text.debugDescription)")
        }
    }
}
