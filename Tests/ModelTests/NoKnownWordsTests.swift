import Model
import Testing

/// What is said of a text of which nothing is known.
@Suite struct NoKnownWordsTests {
    /// Texts of which the sample networks know nothing: no token, unknown words, another script.
    static let unknown = [
        "", " \t\n", "\u{200B}",
        "?!", "xyzzy", "zzz 42 zzz", "привет", "我",
    ]

    private func article(_ rows: [Int]?, _ kind: Tokenizer.Kind) throws -> TextClassifier {
        var checkpoint = try SampleCheckpoint.make()
        checkpoint.training.labelRows = rows
        checkpoint.tokenizer = Tokenizer(kind)
        return try TextClassifier(checkpoint)
    }

    private func mixed(
        _ rows: [Int]?,
        _ kind: Tokenizer.Kind,
        hasLinear: Bool = true
    ) throws -> TextClassifier {
        var checkpoint = try MixedCheckpoint.make(hasLinear: hasLinear)
        checkpoint.training.labelRows = rows
        checkpoint.tokenizer = Tokenizer(kind)
        return try TextClassifier(checkpoint)
    }

    @Test("the score is the prior, of every network and both kinds", arguments: unknown)
    func prior(text: String) throws {
        for kind in Tokenizer.Kind.allCases {
            let (told, probabilities) = try article([10, 30], kind).classify(text)
            #expect(!told.isKnown && told.labelIndex == 1 && told.score == 0.75)
            #expect(probabilities == [0.25, 0.75])
            for hasLinear in [true, false] {
                let classifier = try mixed([5, 2, 1], kind, hasLinear: hasLinear)
                let (told, probabilities) = classifier.classify(text)
                #expect(!told.isKnown && told.labelIndex == 0 && told.score == 0.625)
                #expect(probabilities == [0.625, 0.25, 0.125])
            }
        }
    }

    @Test(
        "labels are equally likely where a checkpoint does not tell their rows",
        arguments: unknown
    )
    func withoutRows(text: String) throws {
        #expect(try article(nil, .unicodeWords1).classify(text).probabilities == [0.5, 0.5])
        let third = Float(1.0 / 3)
        let probabilities = try mixed(nil, .unicodeWords1).classify(text).probabilities
        #expect(probabilities == [third, third, third])
    }

    @Test(
        "a word, a sub-word or a feature that is known is enough",
        arguments: ["zzz good", "fil", "goodness", "unfilm", "BAD zzz", "film"]
    )
    func known(text: String) throws {
        #expect(try mixed([1, 1, 1], .unicodeWords2).classify(text).prediction.isKnown, "\(text)")
    }

    @Test("a word that is listed but read by no path is not known")
    func listedOnly() throws {
        var checkpoint = try MixedCheckpoint.make()
        // The last word is beyond the rows of the word table, and no feature.
        checkpoint.vocabulary = try Vocabulary(
            words: ["<unk>", "good", "bad", "not", "film", "xyz"]
        )
        let told = try TextClassifier(checkpoint).classify("xyz").prediction
        #expect(!told.isKnown && told.unknownCount == 0)
    }

    @Test("leaving out the only known word leaves the prior")
    func evidence() throws {
        let classifier = try article([10, 30], .unicodeWords2)
        var text = "zzz good"
        let scratch = classifier.makeScratch()
        let explanation = try #require(
            text.withUTF8 { classifier.explain(utf8: $0, scratch: scratch) }
        )
        let prior: Float = explanation.prediction.labelIndex == 1 ? 0.75 : 0.25
        #expect(explanation.words[0].trajectory == prior)
        #expect(explanation.words[1].evidence == explanation.prediction.score - prior)
    }

    @Test("the rows of the labels are kept, and refused where they do not fit")
    func record() throws {
        var checkpoint = try SampleCheckpoint.make()
        #expect(!(try SampleCheckpoint.text()).contains("label_rows"))
        checkpoint.training.labelRows = [58, 0]
        #expect(try Checkpoint(parsing: checkpoint.encoded(), source: "x") == checkpoint)
        for rows in [[], [1], [1, 2, 3], [0, 0]] {
            checkpoint.training.labelRows = rows
            let error = #expect(throws: CheckpointError.self) {
                try Checkpoint(parsing: checkpoint.encoded(), source: "x")
            }
            #expect(error?.field == "/training/label_rows", "\(rows)")
        }
    }
}
