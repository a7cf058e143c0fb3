/// Texts as numbers: each distinct token once, and every text as a list of token numbers.
package struct TokenizedTexts: Sendable {
    /// The distinct tokens; the empty string stands for a text without tokens.
    package private(set) var words = StringTable()
    private var tokens: [Int32] = []
    private var starts: [Int] = [0]
    /// What made them.
    package let tokenizer: Tokenizer

    package init(_ texts: some Sequence<String>, tokenizer: Tokenizer) {
        self.tokenizer = tokenizer
        var buffer = TokenBuffer()
        for text in texts {
            words.intern(text, tokenizer, &buffer, into: &tokens)
            starts.append(tokens.count)
        }
    }

    /// Takes texts from others, one part after the other, with the numbers that the same texts
    /// would have had if they had been split in this order.
    ///
    /// - Precondition: all parts have the same tokenizer, and there is one at least.
    package init(joining parts: [(texts: TokenizedTexts, rows: [Int])]) {
        tokenizer = parts[0].texts.tokenizer
        var words = StringTable()
        for (texts, rows) in parts {
            precondition(texts.tokenizer == tokenizer, "One tokenizer splits all texts")
            var numbers = [Int32](repeating: -1, count: texts.words.count)
            for row in rows {
                for token in texts[row] {
                    if numbers[Int(token)] < 0 {
                        numbers[Int(token)] = texts.words.withBytes(of: Int(token)) {
                            words.intern($0)
                        }
                    }
                    tokens.append(numbers[Int(token)])
                }
                starts.append(tokens.count)
            }
        }
        self.words = words
    }

    package var count: Int { starts.count - 1 }

    /// The mean number of tokens of some texts; 0 without any.
    package func meanLength(of texts: [Int]) -> Double {
        let all = texts.reduce(0) { $0 + range(of: $1).count }
        return Double(all) / Double(max(texts.count, 1))
    }

    /// The tokens of one text, at least one.
    package subscript(text: Int) -> ArraySlice<Int32> { tokens[starts[text]..<starts[text + 1]] }

    /// The tokens of one text that a network reads which takes them one by one.
    package func sequence(of text: Int) -> some Sequence<Int32> {
        let all = self[text]
        let sequence = tokenizer.sequence(of: all.count)
        return (0..<sequence.count).lazy.map { all[all.startIndex + sequence[$0]] }
    }

    /// Calls `body` with all tokens, so that a text is `all[range(of: text)]`.
    package func withTokens<R>(_ body: (UnsafeBufferPointer<Int32>) -> R) -> R {
        tokens.withUnsafeBufferPointer(body)
    }

    /// Where the tokens of `text` stand among all.
    package func range(of text: Int) -> Range<Int> { starts[text]..<starts[text + 1] }
}

extension StringTable {
    /// Appends the numbers of a text's tokens; that of the empty string where it has none.
    fileprivate mutating func intern(
        _ text: String,
        _ tokenizer: Tokenizer,
        _ buffer: inout TokenBuffer,
        into numbers: inout [Int32]
    ) {
        var text = text
        text.withUTF8 { tokenizer.tokenize($0, into: &buffer) }
        for index in 0..<buffer.count { numbers.append(intern(buffer[index])) }
        if buffer.count == 0 { numbers.append(intern(UnsafeBufferPointer(start: nil, count: 0))) }
    }

    /// The numbers of a text's tokens, at least one.
    package mutating func intern(_ text: String, _ tokenizer: Tokenizer) -> [Int32] {
        var buffer = TokenBuffer()
        var numbers: [Int32] = []
        intern(text, tokenizer, &buffer, into: &numbers)
        return numbers
    }
}
