import Model
import Testing

/// Texts that come in pieces.
@Suite struct TextSessionTests {
    /// What a session says after each piece, and what the whole text gives.
    private func compare(
        _ pieces: [String],
        _ classifier: TextClassifier,
        _ comment: Comment
    ) throws {
        var session = try #require(classifier.makeSession())
        let scratch = classifier.makeScratch()
        var whole = ""
        for piece in pieces {
            whole.unicodeScalars.append(contentsOf: piece.unicodeScalars)
            var piece = piece
            let found = piece.withUTF8 { utf8 in
                classifier.classify(utf8: utf8, in: &session, scratch: scratch)
            }
            let probabilities = Array(scratch.probabilities)
            let (expected, all) = classifier.classify(whole)
            #expect(found == expected, comment)
            #expect(probabilities == all, comment)
        }
        #expect(session.byteCount == whole.utf8.count)
    }

    private func split(_ text: String, _ random: inout SplitMix) -> [String] {
        var pieces: [String] = [""]
        for scalar in text.unicodeScalars {
            if Int.random(in: 0..<4, using: &random) == 0 { pieces.append("") }
            pieces[pieces.count - 1].unicodeScalars.append(scalar)
        }
        return pieces
    }

    @Test("however a text is cut, each piece is answered as all pieces at once", arguments: 0..<40)
    func anyCut(_ seed: Int) throws {
        let classifier = try TextClassifier(try SampleCheckpoint.make(hiddenSize: 64))
        var random = SplitMix(state: UInt64(seed))
        let words = ["i", "am", "GOOD", "not", "bad!", "glad", "don't", "e\u{301}", "<", "\u{338}"]
        var text = ""
        for _ in 0..<Int.random(in: 1...60, using: &random) {
            let isWord = Bool.random(using: &random)
            text += isWord ? words.randomElement(using: &random) ?? "" : randomText(&random)
            if Bool.random(using: &random) { text += [" ", "\n", "\t", "  "][seed % 4] }
        }
        try compare(split(text, &random), classifier, "seed \(seed)")
    }

    @Test("of a long text the start and the end are read, as of one that comes at once")
    func long() throws {
        let classifier = try TextClassifier(try SampleCheckpoint.make(hiddenSize: 16))
        var random = SplitMix(state: 7)
        let words = ["i", "am", "good", "not", "bad", "glad"]
        let pieces = (0..<400).map { _ in (words.randomElement(using: &random) ?? "") + " " }
        try compare(pieces, classifier, "long")
    }

    @Test("an empty piece changes nothing; text without white space is taken up to a limit")
    func limits() throws {
        let classifier = try TextClassifier(try SampleCheckpoint.make())
        try compare(["", " ", "", "good", ""], classifier, "empty")
        let session = try #require(classifier.makeSession())
        func takes(_ text: String) -> Bool {
            Array(text.utf8).withUnsafeBufferPointer(session.takes)
        }
        let limit = TextSession.pendingBytes
        #expect(takes(String(repeating: "a", count: limit)))
        #expect(!takes(String(repeating: "a", count: limit + 1)))
        #expect(takes(String(repeating: "a ", count: limit)))
    }
}
