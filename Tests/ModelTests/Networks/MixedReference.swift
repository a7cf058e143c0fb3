import Model

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
        return found + runs(tokens) + distant(words)
    }

    /// Two to four neighbouring letters of Chinese and Thai.
    private func runs(_ tokens: [String]) -> [Int] {
        func isLetter(_ token: String) -> Bool {
            let first = token.unicodeScalars.first?.value ?? 0
            return (0x4E00...0x9FFF).contains(first) || (0x0E00...0x0E7F).contains(first)
        }
        var found: [Int] = []
        for end in tokens.indices {
            for length in 2...4 where length <= end + 1 {
                let letters = tokens[(end + 1 - length)...end]
                guard letters.allSatisfy(isLetter) else { continue }
                if let place = lists.runs.firstIndex(of: letters.joined()) {
                    found.append(lists.firstRun + place)
                }
            }
        }
        return found
    }

    /// Words with one between, and the first words.
    private func distant(_ words: [Int32]) -> [Int] {
        var found: [Int] = []
        for (first, second) in zip(words, words.dropFirst(2)) {
            if let place = lists.skipBigrams.firstIndex(of: .init(first, second)) {
                found.append(lists.firstSkipBigram + place)
            }
        }
        for (place, opening) in lists.openings.enumerated()
        where Array(words.prefix(opening.words.count)) == opening.words {
            found.append(lists.firstOpening + place)
        }
        return found
    }

    func probabilities(of text: String) -> [Double] {
        var logits = recurrent(text).map { $0 * checkpoint.calibration.recurrent }
        var counts: [Int: Int] = [:]
        for feature in features(of: text) { counts[feature, default: 0] += 1 }
        let blocks = [
            0, lists.firstNGram, lists.firstSkipBigram, lists.firstOpening, lists.featureCount,
        ]
        var values = counts.reduce(into: [Int: Double]()) { values, entry in
            values[entry.key] =
                (1 + Double(entry.value).naturalLogarithm)
                * Double(lists.inverseFrequencies[entry.key])
        }
        for (index, length) in [1.0, 0.7, 0.5, 0.5].enumerated() {
            let block = values.filter { (blocks[index]..<blocks[index + 1]).contains($0.key) }
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
