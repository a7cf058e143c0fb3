import Model
import Testing

@Suite struct VocabularyTests {
    @Test("finds every one of many words, and no other")
    func finds() throws {
        let words = ["<unk>"] + (0..<20_000).map { "w\($0)" }
        let vocabulary = try Vocabulary(words: words)
        #expect(vocabulary.count == words.count)
        #expect(vocabulary.words == words)
        for (index, word) in words.enumerated() {
            #expect(vocabulary.index(of: word) == UInt32(index))
        }
        for number in 20_000..<21_000 { #expect(vocabulary.index(of: "w\(number)") == 0) }
        #expect(vocabulary.index(of: "") == 0)
    }

    @Test("probes past other words whose slots collide")
    func collisions() throws {
        // With 16 slots and 8 words some share a slot for nearly every choice; 500 choices make
        // sure.
        for start in 0..<500 {
            let words = ["<unk>"] + (0..<7).map { "\(start)-\($0)" }
            let vocabulary = try Vocabulary(words: words)
            for (index, word) in words.enumerated() {
                #expect(vocabulary.index(of: word) == UInt32(index))
            }
            for other in 7..<20 { #expect(vocabulary.index(of: "\(start)-\(other)") == 0) }
        }
    }

    @Test("tells words apart by bytes, not by canonical equivalence")
    func bytes() throws {
        let vocabulary = try Vocabulary(words: ["<unk>", "\u{E9}", "e\u{301}"])
        #expect(vocabulary.index(of: "\u{E9}") == 1)
        #expect(vocabulary.index(of: "e\u{301}") == 2)
    }

    @Test("refuses a list that does not begin with <unk>, an empty word and a repeated one")
    func refuses() {
        #expect(throws: VocabularyError.firstIsNotUnknown) { try Vocabulary(words: []) }
        #expect(throws: VocabularyError.firstIsNotUnknown) {
            try Vocabulary(words: ["a", "<unk>"])
        }
        #expect(throws: VocabularyError.emptyWord(index: 1)) {
            try Vocabulary(words: ["<unk>", ""])
        }
        #expect(throws: VocabularyError.repeatedWord(index: 2, word: "a")) {
            try Vocabulary(words: ["<unk>", "a", "a"])
        }
        #expect(throws: VocabularyError.repeatedWord(index: 1, word: "<unk>")) {
            try Vocabulary(words: ["<unk>", "<unk>"])
        }
    }
}
