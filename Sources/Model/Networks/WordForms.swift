/// The distinct words of a set of texts, as a network reads them.
///
/// A text is a list of form numbers, so that everything that depends on a word's spelling is done
/// once per word, not once per occurrence.
package struct WordForms: Sendable {
    /// The row of each form in the word table; 0 is `<unk>`.
    package var wordRows: [Int32] = []
    /// The sub-word rows of form f: `subwords[subwordStarts[f]..<subwordStarts[f + 1]]`.
    package var subwordStarts: [Int32] = [0]
    package var subwords: [Int32] = []
    /// The row of each form among the word vectors; -1 without one.
    package private(set) var vectorRows: [Int32] = []

    package init() {}

    package var count: Int { wordRows.count }

    /// Adds a form and returns its number.
    @discardableResult
    package mutating func append(
        wordRow: Int32,
        subwords rows: some Sequence<Int32>,
        vectorRow: Int32 = -1
    ) -> Int32 {
        wordRows.append(wordRow)
        vectorRows.append(vectorRow)
        subwords.append(contentsOf: rows)
        subwordStarts.append(Int32(subwords.count))
        return Int32(wordRows.count - 1)
    }

    /// Whether a form is told from `<unk>`: by a row of its own, sub-words or a vector.
    package func isRead(_ form: Int32) -> Bool {
        wordRows[Int(form)] != 0 || !subwordRange(form).isEmpty || vectorRows[Int(form)] >= 0
    }

    /// The sub-word rows of a form.
    func subwordRange(_ form: Int32) -> Range<Int> {
        Int(subwordStarts[Int(form)])..<Int(subwordStarts[Int(form) + 1])
    }
}
