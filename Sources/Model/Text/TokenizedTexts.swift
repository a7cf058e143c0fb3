/// Texts as numbers: each distinct token once, and every text as a list of token numbers.
package struct TokenizedTexts: Sendable {
    /// The distinct tokens; the empty string stands for a text without tokens.
    package private(set) var words = StringTable()
    private var tokens: [Int32] = []
    private var starts: [Int] = [0]
    /// How many texts had more tokens than the tokenizer reads.
    package private(set) var truncatedCount = 0

    package init(_ texts: some Sequence<String>, tokenizer: Tokenizer) {
        var buffer = TokenBuffer()
        for text in texts {
            var text = text
            text.withUTF8 { tokenizer.tokenize($0, into: &buffer) }
            if buffer.isTruncated { truncatedCount += 1 }
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

    /// The largest number of tokens in one text.
    package var greatestLength: Int { (0..<count).map { starts[$0 + 1] - starts[$0] }.max() ?? 0 }

    /// Calls `body` with all tokens, so that a text is `all[range(of: text)]`.
    package func withTokens<R>(_ body: (UnsafeBufferPointer<Int32>) -> R) -> R {
        tokens.withUnsafeBufferPointer(body)
    }

    /// Where the tokens of `text` stand among all.
    package func range(of text: Int) -> Range<Int> { starts[text]..<starts[text + 1] }
}
