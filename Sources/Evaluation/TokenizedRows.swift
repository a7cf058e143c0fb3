public import Examples
public import Model

/// Labelled rows whose texts are split into tokens once, for all that read them.
public struct TokenizedRows: Sendable {
    /// The rows.
    public let examples: [Example]
    /// Their texts as token numbers, in the same order.
    package let texts: TokenizedTexts

    /// Splits the texts of `examples`.
    public init(_ examples: [Example], tokenizer: Tokenizer = Tokenizer()) {
        self.examples = examples
        texts = TokenizedTexts(examples.map(\.text), tokenizer: tokenizer)
    }

    /// Takes rows from others, one part after the other; splits no text again.
    ///
    /// - Precondition: all parts have the same tokenizer, and there is one at least.
    package init(joining parts: [(rows: TokenizedRows, numbers: [Int])]) {
        examples = parts.flatMap { part in part.numbers.map { part.rows.examples[$0] } }
        texts = TokenizedTexts(joining: parts.map { ($0.rows.texts, $0.numbers) })
    }

    /// The rows with these numbers, in this order; splits no text again.
    package func selecting(_ numbers: [Int]) -> TokenizedRows {
        TokenizedRows(joining: [(self, numbers)])
    }
}
