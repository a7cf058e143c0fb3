import Model
import Testing

/// Features that not every model has: letters of scripts without spaces, words with one between,
/// and first words.
@Suite struct FurtherFeatureTests {
    static let texts = [
        "good", "not good", "film", "film film film film", "not so film", "good bad not film",
        "中文字", "中文 字", "中 ok 文字", "good 中文，字", "ก็ดี ก็",
        "not 中文字 film",
        "film, film, film",
    ]

    @Test("answers as the batch network and features counted by hand say", arguments: texts)
    func equalsBatch(text: String) throws {
        let checkpoint = try MixedCheckpoint.make(hasFurther: true)
        let expected = try MixedReference(checkpoint).probabilities(of: text)
        let found = try TextClassifier(checkpoint).classify(text).probabilities
        for (a, b) in zip(expected, found) { #expect(abs(a - Double(b)) < 1e-5, "\(text)") }
    }

    @Test("each kind of feature says something")
    func kinds() throws {
        let checkpoint = try MixedCheckpoint.make(hasFurther: true)
        let reference = try MixedReference(checkpoint)
        let lists = reference.lists
        for (text, features) in [
            ("中文 字", [lists.firstRun, lists.firstRun + 2, lists.firstRun + 1]),
            ("中，文 字", [lists.firstRun + 1]),
            ("zzz not zzz film", [lists.firstSkipBigram]),
            ("not zzz", [lists.firstOpening]),
            ("zzz not", []),
        ] {
            let found = reference.features(of: text).filter { $0 >= lists.firstRun }
            #expect(found.sorted() == features.sorted(), "\(text)")
        }
        // Only runs of it are known.
        #expect(try TextClassifier(checkpoint).classify("文字").prediction.isKnown)
    }

    @Test("survives writing and reading, byte for byte, as version 2")
    func roundTrip() throws {
        let checkpoint = try MixedCheckpoint.make(hasFurther: true)
        let bytes = checkpoint.encoded()
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("{\n\"format\":\"elman-checkpoint\",\n\"format_version\":2,\n"))
        let read = try Checkpoint(parsing: bytes, source: "films.json")
        #expect(read == checkpoint && read.encoded() == bytes)
        let old = String(decoding: try MixedCheckpoint.make().encoded(), as: UTF8.self)
        #expect(old.contains("\"format_version\":1,"))
        #expect(!old.contains("skip_bigrams") && !old.contains("openings"))
    }

    @Test("a word that begins with a mark stays one when its neighbours are read")
    func marks() throws {
        var checkpoint = try MixedCheckpoint.make(hasFurther: true)
        checkpoint.vocabulary = try Vocabulary(
            words: ["<unk>", "\u{0E31}น", "bad", "\u{301}", "film", "'tis"]
        )
        let read = try Checkpoint(parsing: checkpoint.encoded(), source: "films.json")
        #expect(read == checkpoint)
    }

    @Test("refuses lists that do not fit, naming the field")
    func hostile() throws {
        func refusal(_ change: (inout FeatureLists) -> Void) throws -> String? {
            var checkpoint = try MixedCheckpoint.make(hasFurther: true)
            if var lists = checkpoint.features {
                change(&lists)
                checkpoint.features = lists
            }
            do throws(CheckpointError) {
                _ = try TextClassifier(checkpoint)
                return nil
            } catch {
                return error.field
            }
        }
        #expect(try refusal { _ in } == nil)
        #expect(try refusal { $0.runs.append("字字") } == "/architecture/features")
        #expect(try refusal { $0.runs[1] = "中文" } == "/features")
        #expect(try refusal { $0.skipBigrams[1] = .init(3, 4) } == "/features")
        #expect(try refusal { $0.openings[1] = .init(3) } == "/features")
        let text = String(
            decoding: try MixedCheckpoint.make(hasFurther: true).encoded(),
            as: UTF8.self
        )
        for (old, new, field) in [
            ("\n\"not good\",\n\"film\"", "\n\"not zzz\",\n\"film\"", "/features/openings/1"),
            ("\n\"not good\",\n\"film\"", "\n\"\",\n\"film\"", "/features/openings/1"),
            (
                "\"film film film\"", "\"film film film film\"", "/features/openings/3"
            ),
            (
                "\"skip_bigrams\":[\n\"not film\"", "\"skip_bigrams\":[\n\"not\"",
                "/features/skip_bigrams/0"
            ),
        ] {
            let changed = text.replacing(old, with: new)
            #expect(changed != text)
            do throws(CheckpointError) {
                _ = try Checkpoint(parsing: Array(changed.utf8), source: "films.json")
                Issue.record("\(new) was read")
            } catch {
                #expect(error.field == field)
            }
        }
    }

    @Test("pruning keeps names and weights of every kind together", arguments: [0.3, 0.6, 0.9])
    func pruning(share: Double) throws {
        let original = try MixedCheckpoint.make(hasFurther: true)
        let pruned = original.pruned(keeping: share)
        let read = try Checkpoint(parsing: pruned.encoded(), source: "films.json")
        #expect(read == pruned)
        func rows(_ checkpoint: Checkpoint) throws -> [String: [Float]] {
            let lists = try #require(checkpoint.features)
            let values = try #require(checkpoint.tensors["linear"]).values
            let names =
                lists.unigrams.map { "\($0)" } + lists.bigrams.map { "\($0)" } + lists.ngrams
                + lists.runs + lists.skipBigrams.map { "skip \($0)" }
                + lists.openings.map { "\($0)" }
            return Dictionary(
                uniqueKeysWithValues: names.enumerated().map { row, name in
                    (name, Array(values[(row * 3)..<(row * 3 + 3)]))
                }
            )
        }
        let (before, after) = (try rows(original), try rows(pruned))
        #expect(after.count == Int((Double(before.count) * share).rounded()))
        for (name, row) in after { #expect(before[name] == row) }
    }
}

/// Neighbouring letters of scripts that are written without spaces.
@Suite struct LetterRunTests {
    @Test(
        "letters two to four at a time, by the token that ends them; others end the run",
        arguments: [
            ("中文字母", "中文 文字 中文字 字母 文字母 中文字母"),
            ("中 文", "中文"), ("中，文", ""), ("中a文", ""), ("中1文字", "文字"),
            ("abc", ""), ("", ""), ("한국어", ""), ("ก็ดี", "ก็ดี"),
            ("ひカ漢", "ひカ カ漢 ひカ漢"),
        ]
    )
    func runs(text: String, expected: String) {
        var run = LetterRun()
        var found: [String] = []
        for var token in Tokenizer().tokens(in: text) {
            token.withUTF8 { bytes in
                run.append(bytes, lengths: 2...4) {
                    found.append(String(decoding: $0, as: UTF8.self))
                }
            }
        }
        #expect(found.joined(separator: " ") == expected)
    }
}
