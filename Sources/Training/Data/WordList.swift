internal import Model

/// The different words of texts in the order in which they first appear.
enum WordList {
    /// `<unk>`, then every word that a network reads of some texts which takes them one by one.
    static func vocabulary(of texts: TokenizedTexts, rows: Range<Int>) -> Vocabulary {
        var words = [Vocabulary.unknownWord]
        var isListed = [Bool](repeating: false, count: texts.words.count)
        for row in rows {
            for token in texts.sequence(of: row) where !isListed[Int(token)] {
                isListed[Int(token)] = true
                let word = texts.words[Int(token)]
                // The empty word stands for a text without words.
                if !word.isEmpty { words.append(word) }
            }
        }
        do {
            return try Vocabulary(words: words)
        } catch {
            preconditionFailure("A token is empty, repeated or <unk>: \(error)")
        }
    }
}
