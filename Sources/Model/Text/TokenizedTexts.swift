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
            var text = text
            text.withUTF8 { tokenizer.tokenize($0, into: &buffer) }
            for index in 0..<buffer.count { tokens.append(words.intern(buffer[index])) }
            if buffer.count == 0 {
                tokens.append(words.intern(UnsafeBufferPointer(start: nil, count: 0)))
            }
            starts.append(tokens.count)
        }
    }

    package var count: Int { starts.count - 1 }

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
