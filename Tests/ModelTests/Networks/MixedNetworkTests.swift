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

/// The mixed network from its equations: the batch network in double precision, and features
/// counted by hand.
struct MixedReference {
    let checkpoint: Checkpoint
    let shape: RecurrentShape
    let lists: FeatureLists
    let lookup: FeatureLookup

    init(_ checkpoint: Checkpoint) throws {
        self.checkpoint = checkpoint
        guard case .mixed(let mixed) = checkpoint.architecture.network,
            let shape = mixed.recurrent, let lists = checkpoint.features,
            let lookup = FeatureLookup(
                vocabulary: checkpoint.vocabulary,
                embeddedCount: shape.wordCount,
                lists: lists
            )
        else { throw Failure() }
        self.shape = shape
        self.lists = lists
        self.lookup = lookup
    }

    struct Failure: Error {}

    func features(of text: String) -> [Int] {
        let tokens = checkpoint.tokenizer.tokens(in: text)
        let words = tokens.map { Int32(checkpoint.vocabulary.index(of: $0)) }
        var found: [Int] = []
        let padded = [FeatureLists.Bigram.boundary] + words + [FeatureLists.Bigram.boundary]
        for word in words where word > 0 {
            if let place = lists.unigrams.firstIndex(of: word) { found.append(place) }
        }
        for pair in zip(padded, padded.dropFirst()) {
            if let place = lists.bigrams.firstIndex(of: .init(pair.0, pair.1)) {
                found.append(lists.unigrams.count + place)
            }
        }
        for token in tokens {
            let spelling = Array("<\(token)>".unicodeScalars)
            for length in 2...5 where length < spelling.count {
                for start in 0...(spelling.count - length) {
                    var ngram = String.UnicodeScalarView()
                    ngram.append(contentsOf: spelling[start..<(start + length)])
                    if let place = lists.ngrams.firstIndex(of: String(ngram)) {
                        found.append(lists.unigrams.count + lists.bigrams.count + place)
                    }
                }
            }
        }
        return found
    }

    func probabilities(of text: String) -> [Double] {
        var logits = recurrent(text).map { $0 * checkpoint.calibration.recurrent }
        var counts: [Int: Int] = [:]
        for feature in features(of: text) { counts[feature, default: 0] += 1 }
        let firstNGram = lists.unigrams.count + lists.bigrams.count
        var values = counts.reduce(into: [Int: Double]()) { values, entry in
            values[entry.key] =
                (1 + Double(entry.value).naturalLogarithm)
                * Double(lists.inverseFrequencies[entry.key])
        }
        for (isNGram, length) in [(false, 1.0), (true, 0.7)] {
            let block = values.filter { ($0.key >= firstNGram) == isNGram }
            let norm = block.values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            for (key, value) in block { values[key] = value / norm * length }
        }
        let rows = checkpoint.tensors["linear"]?.values ?? []
        for (feature, value) in values {
            for label in 0..<3 {
                logits[label] +=
                    checkpoint.calibration.linear * value * Double(rows[feature * 3 + label])
            }
        }
        let largest = logits.max() ?? 0
        let powers = logits.map { ($0 - largest).exponential }
        return powers.map { $0 / powers.reduce(0, +) }
    }

    private func recurrent(_ text: String) -> [Double] {
        let network = RecurrentNetwork<Double>(shape)
        let parameters = network.layout.slots.flatMap {
            (checkpoint.tensors[$0.name]?.values ?? []).map(Double.init)
        }
        var forms = WordForms()
        var numbers: [Int32] = []
        let tokens = checkpoint.tokenizer.tokens(in: text)
        for var token in tokens.isEmpty ? [""] : tokens {
            let word = Int32(checkpoint.vocabulary.index(of: token))
            var spelling = CharacterNGrams()
            var rows: [Int32] = []
            token.withUTF8 { lookup.appendSubwordRows(of: $0, &spelling, to: &rows) }
            numbers.append(
                forms.append(
                    wordRow: Int(word) < shape.wordCount ? word : 0,
                    subwords: rows
                )
            )
        }
        // The logits stand in the workspace, so it must outlive them.
        let workspace = RecurrentNetwork<Double>.Workspace()
        return withExtendedLifetime(workspace) {
            numbers.withUnsafeBufferPointer { numbers in
                let logits = network.forward(
                    [numbers],
                    forms: forms,
                    parameters: parameters,
                    workspace: workspace
                )
                return (0..<3).map { logits[$0] }
            }
        }
    }
}
