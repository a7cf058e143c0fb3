internal import Model

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

    fileprivate mutating func append(_ text: [UInt32], label: Int) {
        words.append(contentsOf: text)
        ends.append(words.count)
        labels.append(label)
        longest = max(longest, text.count)
    }
}

/// Turns texts into the word indices of a vocabulary.
struct TextEncoder {
    private let texts: TokenizedTexts
    /// By token number.
    private let indices: [UInt32]

    /// Looks each different word up once; others become `<unk>`, and so does an empty text.
    init(_ texts: TokenizedTexts, vocabulary: Vocabulary) {
        self.texts = texts
        indices = (0..<texts.words.count).map { number in
            texts.words.withBytes(of: number) { vocabulary.index(of: $0) }
        }
    }

    /// The texts with these numbers.
    func encoded(_ rows: Range<Int>, labels: [Int]) -> EncodedExamples {
        var encoded = EncodedExamples(texts: [], labels: [])
        for row in rows {
            encoded.append(texts.sequence(of: row).map { indices[Int($0)] }, label: labels[row])
        }
        return encoded
    }
}
