internal import Model

/// Texts as their different words, each with the number of times that it stands there.
struct WordCounts {
    /// The words of all texts, each a row of weights, one text after the other; the bias counts as
    /// a word of every text, the last of it.
    private(set) var words: [Int32] = []
    private(set) var counts: [Float] = []
    private var starts: [Int] = [0]
    /// How many different words there are, without the bias.
    let wordCount: Int

    /// Counts the words of some texts.
    ///
    /// - Parameters:
    ///   - texts: all texts.
    ///   - rows: the numbers of the texts to count.
    ///   - wordRows: the row of each token; -1 for one that is left out.
    ///   - wordCount: the number of rows.
    init(_ texts: TokenizedTexts, rows: [Int], wordRows: [Int32], wordCount: Int) {
        self.wordCount = wordCount
        // By row: where the word stands among those of the text at hand.
        var places = [Int](repeating: -1, count: wordCount)
        for row in rows {
            let start = words.count
            for token in texts[row] where wordRows[Int(token)] >= 0 {
                let word = wordRows[Int(token)]
                if places[Int(word)] >= start {
                    counts[places[Int(word)]] += 1
                } else {
                    places[Int(word)] = words.count
                    words.append(word)
                    counts.append(1)
                }
            }
            words.append(Int32(wordCount))
            counts.append(1)
            starts.append(words.count)
        }
    }

    /// How many texts there are.
    var textCount: Int { starts.count - 1 }

    /// Where the words of a text are among all.
    func range(of text: Int) -> Range<Int> { starts[text]..<starts[text + 1] }

    /// The row of each token, the words in most texts first, and how many rows there are.
    static func frequent(
        _ texts: TokenizedTexts,
        rows: [Int],
        most: Int
    ) -> (rows: [Int32], count: Int) {
        var frequencies = [Int](repeating: 0, count: texts.words.count)
        var lastRow = [Int](repeating: -1, count: texts.words.count)
        for row in rows {
            for token in texts[row] where lastRow[Int(token)] != row {
                lastRow[Int(token)] = row
                frequencies[Int(token)] += 1
            }
        }
        let kept = frequencies.indices.filter { frequencies[$0] > 0 }
            .sorted { (frequencies[$0], $1) > (frequencies[$1], $0) }
            .prefix(most)
        var wordRows = [Int32](repeating: -1, count: frequencies.count)
        for (row, token) in kept.enumerated() { wordRows[token] = Int32(row) }
        return (wordRows, kept.count)
    }
}
