internal import JSON

extension FeatureLists {
    /// Reads the lists; every entry once, every word known.
    init(_ object: CheckpointObject, vocabulary: Vocabulary) throws(CheckpointError) {
        try object.requireMembers([
            "subwords", "unigrams", "bigrams", "ngrams", "inverse_document_frequencies",
        ])
        var unigrams: [Int32] = []
        for element in try object.array("unigrams") {
            unigrams.append(
                Int32(try FeatureLists.word(element, try element.string(), vocabulary))
            )
        }
        var bigrams: [Bigram] = []
        for element in try object.array("bigrams") {
            let parts = try element.string().split(
                separator: " ",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            guard parts.count == 2 else {
                throw element.error(.wrongType(expected: "two words with a blank between"))
            }
            func index(_ word: Substring) throws(CheckpointError) -> Int32 {
                word.isEmpty
                    ? Bigram.boundary
                    : Int32(try FeatureLists.word(element, String(word), vocabulary))
            }
            bigrams.append(Bigram(try index(parts[0]), try index(parts[1])))
        }
        let field = try object.field("inverse_document_frequencies")
        let count = unigrams.count + bigrams.count
        let ngrams = try object.strings("ngrams")
        self.init(
            subwords: try object.strings("subwords"),
            unigrams: unigrams,
            bigrams: bigrams,
            ngrams: ngrams,
            inverseFrequencies: try Checkpoint.weights(field, of: [count + ngrams.count])
        )
        if let bad = inverseFrequencies.firstIndex(where: { !(0...1e4).contains($0) }) {
            throw CheckpointError(
                source: field.source,
                field: "\(field.pointer)/\(bad)",
                problem: .notAllowed("must be from 0 to 10000")
            )
        }
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
        writer.member("inverse_document_frequencies", array: inverseFrequencies) { $1.float($0) }
        writer.endObject()
    }
}
