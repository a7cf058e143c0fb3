internal import Examples
internal import Model

/// Numbers for texts: texts with the same words in the same order have the same number.
///
/// Texts of the rows that it begins with are not split again.
package struct TextNumbers {
    /// The number of each row that it began with.
    package private(set) var rows: [Int] = []
    private let tokenizer: Tokenizer
    private var words: StringTable
    private var numberOfText: [String: Int] = [:]
    private var numberOfWords: [[Int32]: Int] = [:]

    /// Begins with `rows`.
    package init(_ rows: TokenizedRows) {
        tokenizer = rows.texts.tokenizer
        words = rows.texts.words
        for (row, example) in rows.examples.enumerated() {
            let number = number(ofWords: Array(rows.texts[row]))
            numberOfText[example.text] = number
            self.rows.append(number)
        }
    }

    /// The number of a text.
    package mutating func number(of text: String) -> Int {
        if let known = numberOfText[text] { return known }
        let number = number(ofWords: words.intern(text, tokenizer))
        numberOfText[text] = number
        return number
    }

    private mutating func number(ofWords words: [Int32]) -> Int {
        if let known = numberOfWords[words] { return known }
        numberOfWords[words] = numberOfWords.count
        return numberOfWords.count - 1
    }
}
