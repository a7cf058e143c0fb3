import Model
import Testing

/// What is read of texts with more tokens than a network takes.
@Suite struct LongTextTests {
    static let filler = Array(repeating: "zzz", count: 400).joined(separator: " ")

    private func article(_ kind: Tokenizer.Kind) throws -> TextClassifier {
        var checkpoint = try SampleCheckpoint.make()
        checkpoint.tokenizer = Tokenizer(kind)
        return try TextClassifier(checkpoint)
    }

    @Test("the article's network reads the head and the tail; the old kind the head alone")
    func headAndTail() throws {
        let new = try article(.unicodeWords2)
        for text in ["good \(Self.filler)", "\(Self.filler) good"] {
            let told = new.classify(text).prediction
            #expect(told.isKnown && told.isTruncated)
            #expect(told.tokenCount == 160 && told.unknownCount == 159)
        }
        let middle = new.classify("\(Self.filler) good \(Self.filler)").prediction
        #expect(!middle.isKnown && middle.isTruncated)
        let old = try article(.unicodeWords1).classify("\(Self.filler) good").prediction
        #expect(!old.isKnown && old.isTruncated && old.tokenCount == 160)
    }

    @Test("what the article's network reads of a long text is what it reads of those words")
    func sameAnswer() throws {
        let head = (0..<80).map { ["good", "bad", "not", "i", "am"][$0 % 5] }
        let tail = (0..<80).map { ["am", "not", "bad"][$0 % 3] }
        let classifier = try article(.unicodeWords2)
        let long = (head + [Self.filler] + tail).joined(separator: " ")
        let short = (head + tail).joined(separator: " ")
        #expect(classifier.classify(long).probabilities == classifier.classify(short).probabilities)
    }

    @Test("the linear path reads all, and then nothing is truncated")
    func linear() throws {
        let classifier = try TextClassifier(MixedCheckpoint.make())
        let told = classifier.classify("\(Self.filler) good \(Self.filler)").prediction
        #expect(told.isKnown && !told.isTruncated)
        #expect(told.tokenCount == 801 && told.unknownCount == 800)
    }

    @Test("a mixed network's paths read what they should", arguments: CellKind.allCases)
    func mixed(cell: CellKind) throws {
        var checkpoint = try MixedCheckpoint.make(cell: cell)
        let words = ["good", "bad", "not", "film", "zzz", "fil"]
        let tokens = (0..<1000).map { words[($0 * 7 + $0 / 11) % words.count] }
        let text = tokens.joined(separator: " ")
        let read = (tokens.prefix(80) + tokens.suffix(80)).joined(separator: " ")
        // Each path alone: the other's weight is 0.
        checkpoint.calibration = Calibration(recurrent: 1, linear: 0)
        let recurrent = try TextClassifier(checkpoint)
        let told = recurrent.classify(text)
        #expect(told.probabilities == recurrent.classify(read).probabilities)
        #expect(told.prediction.isTruncated && told.prediction.tokenCount == 160)
        checkpoint.calibration = Calibration(recurrent: 0, linear: 1)
        let linear = try TextClassifier(checkpoint)
        let whole = linear.classify(text)
        #expect(!whole.prediction.isTruncated && whole.prediction.tokenCount == 1000)
        #expect(whole.probabilities != linear.classify(read).probabilities)
    }

    @Test("an explanation of a long text has the words of its head and its tail")
    func explanation() throws {
        let classifier = try TextClassifier(MixedCheckpoint.make())
        let scratch = classifier.makeScratch()
        var text = "good \(Self.filler) film"
        let explanation = try #require(
            text.withUTF8 { classifier.explain(utf8: $0, scratch: scratch) }
        )
        #expect(explanation.words.count == 160)
        #expect(explanation.words.first?.token == "good")
        #expect(explanation.words.last?.token == "film")
        #expect(explanation.words.last?.trajectory == explanation.prediction.score)
    }

    @Test("a checkpoint of the old kind is read and written as it was")
    func oldKind() throws {
        let bytes = try SampleCheckpoint.replacing("unicode-words-2", with: "unicode-words-1")
        let checkpoint = try Checkpoint(parsing: bytes, source: "old.json")
        #expect(checkpoint.tokenizer == Tokenizer(.unicodeWords1))
        #expect(checkpoint.encoded() == bytes)
        let unknown = try SampleCheckpoint.replacing("unicode-words-2", with: "unicode-words-3")
        let error = #expect(throws: CheckpointError.self) {
            try Checkpoint(parsing: unknown, source: "newer.json")
        }
        #expect(error?.field == "/tokenizer/kind")
    }
}
