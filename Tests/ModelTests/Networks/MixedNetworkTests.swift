import Model
import Testing

@Suite struct MixedNetworkTests {
    static let texts = [
        "good", "not good", "a bad film, not good", "", "goodness", "film film film bad", "unseen",
    ]

    @Test("survives writing and reading, byte for byte", arguments: CellKind.allCases)
    func roundTrip(cell: CellKind) throws {
        let checkpoint = try MixedCheckpoint.make(cell: cell)
        let bytes = checkpoint.encoded()
        let read = try Checkpoint(parsing: bytes, source: "films.json")
        #expect(read == checkpoint)
        #expect(read.encoded() == bytes)
    }

    @Test("a perceptron, a multilayer perceptron and a single path survive too")
    func members() throws {
        for checkpoint in [
            try MixedCheckpoint.make(cell: nil),
            try MixedCheckpoint.make(cell: nil, hasLinear: false, outputHiddenSize: 6),
            try MixedCheckpoint.make(cell: .lstm, directions: 1, hasLinear: false),
        ] {
            let bytes = checkpoint.encoded()
            let read = try Checkpoint(parsing: bytes, source: "films.json")
            #expect(read.encoded() == bytes)
            let classifier = try TextClassifier(read)
            for text in MixedNetworkTests.texts {
                let sum = classifier.classify(text).probabilities.reduce(0, +)
                #expect(abs(sum - 1) < 1e-5)
            }
        }
    }

    @Test("answers as the batch network and the features say", arguments: CellKind.allCases)
    func equalsBatch(cell: CellKind) throws {
        let checkpoint = try MixedCheckpoint.make(cell: cell)
        let classifier = try TextClassifier(checkpoint)
        let reference = try MixedReference(checkpoint)
        for text in MixedNetworkTests.texts where !["", "unseen"].contains(text) {
            let expected = reference.probabilities(of: text)
            let (prediction, found) = classifier.classify(text)
            #expect(prediction.isKnown)
            for (a, b) in zip(expected, found) {
                // The projected rows are summed in another order than the batch's.
                #expect(abs(a - Double(b)) < 1e-5, "\(text)")
            }
        }
    }

    @Test("an unknown word is not the end of a text to the bigrams")
    func unknownIsNoBoundary() throws {
        let checkpoint = try MixedCheckpoint.make()
        let reference = try MixedReference(checkpoint)
        #expect(reference.features(of: "film").contains(6))
        #expect(!reference.features(of: "film zzz").contains(6))
    }

    @Test("refuses lists that do not fit, naming the field")
    func hostile() throws {
        func refusal(_ change: (inout Checkpoint) -> Void) throws -> String? {
            var checkpoint = try MixedCheckpoint.make()
            change(&checkpoint)
            do throws(CheckpointError) {
                try checkpoint.validate(source: "films.json")
                _ = try TextClassifier(checkpoint)
                return nil
            } catch {
                return error.field
            }
        }
        #expect(try refusal { _ in } == nil)
        #expect(try refusal { $0.features?.ngrams.append("zz") } == "/architecture/features")
        #expect(
            try refusal { $0.features?.subwords.removeLast() }
                == "/architecture/recurrent/subwords"
        )
        #expect(try refusal { $0.features?.ngrams[1] = "go" } == "/features")
        #expect(try refusal { $0.features?.unigrams[1] = 1 } == "/features")
        #expect(try refusal { $0.features?.bigrams[1] = .init(3, 1) } == "/features")
        #expect(try refusal { $0.calibration = .init(recurrent: 0, linear: 0) } == "/calibration")
        #expect(try refusal { $0.tensors["output.b"]?.values[0] = .nan } != nil)
    }

    @Test("pruning keeps the longest rows, with their names and weights, and no figure")
    func pruning() throws {
        let original = try MixedCheckpoint.make()
        #expect(original.pruned(keeping: 1) == original)
        let pruned = original.pruned(keeping: 0.5)
        let read = try Checkpoint(parsing: pruned.encoded(), source: "films.json")
        #expect(read == pruned)
        #expect(pruned.training.train == nil && pruned.training.heldOut == nil)
        #expect(pruned.training.coverage.isEmpty && pruned.training.baselines.isEmpty)
        let kept = try #require(pruned.features)
        #expect(kept.featureCount == 6)
        let rows = try #require(pruned.tensors["linear"]).values
        let lists = try #require(original.features)
        let before = try #require(original.tensors["linear"]).values
        func length(_ values: [Float], _ row: Int) -> Float {
            values[(row * 3)..<(row * 3 + 3)].reduce(0) { $0 + $1 * $1 }
        }
        let least = (0..<kept.featureCount).map { length(rows, $0) }.min() ?? 0
        #expect((0..<lists.featureCount).count { length(before, $0) >= least } == 6)
        for (row, ngram) in kept.ngrams.enumerated() {
            let old = try #require(lists.ngrams.firstIndex(of: ngram))
            let (new, was) = (
                row + kept.unigrams.count + kept.bigrams.count,
                old + lists.unigrams.count + lists.bigrams.count
            )
            #expect(length(rows, new) == length(before, was))
            #expect(kept.inverseFrequencies[new] == lists.inverseFrequencies[was])
        }
        let article = try SampleCheckpoint.make()
        #expect(article.pruned(keeping: 0.1) == article)
    }

    @Test("evidence is the exact change when a word is left out")
    func explanation() throws {
        for checkpoint in [try MixedCheckpoint.make(), try SampleCheckpoint.make()] {
            let classifier = try TextClassifier(checkpoint)
            let scratch = classifier.makeScratch()
            var text = "not good film"
            let explanation = try #require(
                text.withUTF8 { classifier.explain(utf8: $0, scratch: scratch) }
            )
            #expect(explanation.words.map(\.token) == ["not", "good", "film"])
            let answer = explanation.prediction.labelIndex
            let whole = explanation.prediction.score
            let without = classifier.classify("not film").probabilities[answer]
            #expect(explanation.words[1].evidence == whole - without)
            #expect(explanation.words[2].trajectory == whole)
            let prefix = classifier.classify("not good").probabilities[answer]
            #expect(explanation.words[1].trajectory == prefix)
            #expect(scratch.probabilities[answer] == whole)
        }
    }

    @Test("an explanation that nobody wants any more ends, and the scratch can be used again")
    func cancelledExplanation() throws {
        let classifier = try TextClassifier(try MixedCheckpoint.make())
        let scratch = classifier.makeScratch()
        var text = "not good film"
        var asked = 0
        let explanation = text.withUTF8 {
            classifier.explain(utf8: $0, scratch: scratch) {
                asked += 1
                return asked == 2
            }
        }
        #expect(explanation == nil)
        #expect(asked == 2)
        _ = text.withUTF8 { classifier.classify(utf8: $0, scratch: scratch) }
        #expect(Array(scratch.probabilities) == classifier.classify(text).probabilities)
    }
}
