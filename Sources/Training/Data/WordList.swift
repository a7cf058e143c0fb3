package import Examples
package import Model

/// Collects the different words of texts in the order in which they first appear.
package struct WordList {
    private var words = [Vocabulary.unknownWord]
    private var seen: Set<Word> = []

    package init() {}

    /// The vocabulary of `examples`: `<unk>`, then every word that is read of them in order of its
    /// first appearance.
    package static func vocabulary(of examples: [Example], tokenizer: Tokenizer) -> Vocabulary {
        var list = WordList()
        var tokens = TokenBuffer()
        for example in examples {
            var text = example.text
            text.withUTF8 { tokenizer.tokenize($0, into: &tokens) }
            let sequence = tokenizer.sequence(of: tokens.count)
            for place in 0..<sequence.count {
                list.add(String(decoding: tokens[sequence[place]], as: UTF8.self))
            }
        }
        do {
            return try Vocabulary(words: list.words)
        } catch {
            preconditionFailure("A token is empty, repeated or <unk>: \(error)")
        }
    }

    private mutating func add(_ word: String) {
        if seen.insert(Word(text: word)).inserted { words.append(word) }
    }

    /// A word by its bytes: for `String`, é and e with an accent are equal; to the vocabulary they
    /// are two words.
    private struct Word: Hashable {
        let text: String

        static func == (left: Word, right: Word) -> Bool {
            left.text.utf8.elementsEqual(right.text.utf8)
        }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}
