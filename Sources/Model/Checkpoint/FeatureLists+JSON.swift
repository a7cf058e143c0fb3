internal import JSON

extension FeatureLists {
    /// Reads the lists; every entry once, every word known.
    init(_ object: CheckpointObject, vocabulary: Vocabulary) throws(CheckpointError) {
        let further = ["runs", "skip_bigrams", "openings"].filter(object.has)
        try object.requireMembers(
            ["subwords", "unigrams", "bigrams", "ngrams"] + further
                + ["inverse_document_frequencies"]
        )
        var unigrams: [Int32] = []
        for element in try object.array("unigrams") {
            unigrams.append(
                Int32(try FeatureLists.word(element, try element.string(), vocabulary))
            )
        }
        self.init(
            subwords: try object.strings("subwords"),
            unigrams: unigrams,
            bigrams: try FeatureLists.bigrams(object, "bigrams", vocabulary),
            ngrams: try object.strings("ngrams"),
            runs: object.has("runs") ? try object.strings("runs") : [],
            skipBigrams: object.has("skip_bigrams")
                ? try FeatureLists.bigrams(object, "skip_bigrams", vocabulary) : [],
            openings: object.has("openings")
                ? try FeatureLists.openings(object, vocabulary) : [],
            inverseFrequencies: []
        )
        let field = try object.field("inverse_document_frequencies")
        inverseFrequencies = try Checkpoint.weights(field, of: [featureCount])
        if let bad = inverseFrequencies.firstIndex(where: { !(0...1e4).contains($0) }) {
            throw CheckpointError(
                source: field.source,
                field: "\(field.pointer)/\(bad)",
                problem: .notAllowed("must be from 0 to 10000")
            )
        }
    }

    /// The parts of a string between blanks.
    ///
    /// Cut between scalars: a word may begin with a mark, which would make one character with the
    /// blank before it.
    private static func words(_ string: String) -> [String] {
        string.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false)
            .map { String($0) }
    }

    private static func bigrams(
        _ object: CheckpointObject,
        _ name: String,
        _ vocabulary: Vocabulary
    ) throws(CheckpointError) -> [Bigram] {
        var bigrams: [Bigram] = []
        for element in try object.array(name) {
            let parts = FeatureLists.words(try element.string())
            guard parts.count == 2 else {
                throw element.error(.wrongType(expected: "two words with a blank between"))
            }
            func index(_ word: String) throws(CheckpointError) -> Int32 {
                word.isEmpty
                    ? Bigram.boundary
                    : Int32(try FeatureLists.word(element, word, vocabulary))
            }
            bigrams.append(Bigram(try index(parts[0]), try index(parts[1])))
        }
        return bigrams
    }

    private static func openings(
        _ object: CheckpointObject,
        _ vocabulary: Vocabulary
    ) throws(CheckpointError) -> [Opening] {
        var openings: [Opening] = []
        for element in try object.array("openings") {
            var words: [Int32] = []
            let parts = FeatureLists.words(try element.string())
            guard (1...3).contains(parts.count) else {
                throw element.error(
                    .wrongType(expected: "one to three words with a blank between")
                )
            }
            for part in parts {
                words.append(Int32(try word(element, part, vocabulary)))
            }
            openings.append(
                Opening(
                    words[0],
                    words.count > 1 ? words[1] : Bigram.boundary,
                    words.count > 2 ? words[2] : Bigram.boundary
                )
            )
        }
        return openings
    }

    private static func word(
        _ field: CheckpointField,
        _ word: String,
        _ vocabulary: Vocabulary
    ) throws(CheckpointError) -> UInt32 {
        let index = vocabulary.index(of: word)
        guard index != Vocabulary.unknownIndex else {
            throw field.error(.notAllowed("holds a word that is not in the vocabulary"))
        }
        return index
    }

    /// Writes what `init` reads; words by their spelling.
    func encode(to writer: inout JSONWriter, vocabulary: Vocabulary) {
        func spelling(_ word: Int32) -> String {
            word == Bigram.boundary ? "" : vocabulary[Int(word)]
        }
        writer.beginObject()
        writer.key("subwords")
        writer.lines(of: subwords)
        writer.key("unigrams")
        writer.lines(of: unigrams.map(spelling))
        writer.key("bigrams")
        writer.lines(of: bigrams.map { "\(spelling($0.first)) \(spelling($0.second))" })
        writer.key("ngrams")
        writer.lines(of: ngrams)
        if !runs.isEmpty {
            writer.key("runs")
            writer.lines(of: runs)
        }
        if !skipBigrams.isEmpty {
            writer.key("skip_bigrams")
            writer.lines(
                of: skipBigrams.map { "\(spelling($0.first)) \(spelling($0.second))" }
            )
        }
        if !openings.isEmpty {
            writer.key("openings")
            writer.lines(of: openings.map { $0.words.map(spelling).joined(separator: " ") })
        }
        writer.member("inverse_document_frequencies", array: inverseFrequencies) { $1.float($0) }
        writer.endObject()
    }
}
