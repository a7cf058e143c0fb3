package import Examples
package import Model

/// Labelled texts as word indices, in one block of memory.
package struct EncodedExamples: Sendable {
    /// The words of all texts, one text after the other, each at least one word.
    package private(set) var words: [UInt32] = []
    /// Where each text ends in `words`.
    package private(set) var ends: [Int] = []
    /// The index of each text's label.
    package private(set) var labels: [Int] = []
    /// The number of words of the longest text.
    package private(set) var longest = 0

    /// The number of texts.
    package var count: Int { labels.count }

    /// The place of text `index` in `words`.
    package func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    /// Encodes texts that are word indices already.
    ///
    /// - Precondition: as many labels as texts, and no text is empty.
    package init(texts: [[UInt32]], labels: [Int]) {
        precondition(texts.count == labels.count && texts.allSatisfy { !$0.isEmpty })
        for (text, label) in zip(texts, labels) { append(text, label: label) }
    }

    /// Encodes examples with the words and labels of a model.
    ///
    /// - Parameters:
    ///   - examples: rows, all of whose labels must be in `labels`.
    ///   - part: what to call these rows in an error.
    ///   - labels: the labels, in the order of the network's outputs.
    ///   - vocabulary: the words; others become `<unk>`, and so does an empty text.
    ///   - tokenizer: how text becomes tokens.
    /// - Throws: `TrainingError.unknownLabel`.
    package init(
        _ examples: [Example],
        part: String,
        labels: [String],
        vocabulary: Vocabulary,
        tokenizer: Tokenizer
    ) throws(TrainingError) {
        let indices = Dictionary(uniqueKeysWithValues: zip(labels, labels.indices))
        var tokens = TokenBuffer()
        var text: [UInt32] = []
        for (row, example) in examples.enumerated() {
            guard let label = indices[example.label] else {
                throw .unknownLabel(part: part, row: row + 1, label: example.label)
            }
            var utf8 = example.text
            utf8.withUTF8 { tokenizer.tokenize($0, into: &tokens) }
            text.removeAll(keepingCapacity: true)
            let sequence = tokenizer.sequence(of: tokens.count)
            for place in 0..<sequence.count {
                text.append(vocabulary.index(of: tokens[sequence[place]]))
            }
            if text.isEmpty { text.append(Vocabulary.unknownIndex) }
            append(text, label: label)
        }
    }

    /// Lends the words of text `index` and their number for the call.
    func withText<Result>(
        _ index: Int,
        _ body: (UnsafePointer<UInt32>, Int) -> Result
    ) -> Result {
        let range = range(index)
        return words.withUnsafeBufferPointer { words in
            guard let start = words.baseAddress else { preconditionFailure("A text has words") }
            return body(start + range.lowerBound, range.count)
        }
    }

    private mutating func append(_ text: [UInt32], label: Int) {
        words.append(contentsOf: text)
        ends.append(words.count)
        labels.append(label)
        longest = max(longest, text.count)
    }
}
