internal import Model

/// What a recurrent path begins with after it has learnt to predict words: rows of words and
/// sub-words, and the cells of both directions.
struct LanguageModelStart {
    /// Whose words and sub-words the rows are.
    let lookup: FeatureLookup
    /// Where the tensors stand; no pooling and no output.
    let layout: RecurrentLayout
    /// (layout.count) scalars.
    let parameters: [Float]

    /// Overwrites the parameters of a recurrent path of this shape, word by word and sub-word by
    /// sub-word; what no text had that was read starts as it would without.
    func fill(
        _ target: UnsafeMutablePointer<Float>,
        shape: RecurrentShape,
        lookup other: FeatureLookup
    ) {
        let slots = Dictionary(
            uniqueKeysWithValues: RecurrentLayout(shape).slots.map { ($0.name, $0) }
        )
        for slot in layout.slots {
            guard let place = slots[slot.name], place.columns == slot.columns else { continue }
            func copy(row: Int, to other: Int) {
                let source = slot.offset + row * slot.columns
                for column in 0..<slot.columns {
                    target[place.offset + other * slot.columns + column] =
                        parameters[source + column]
                }
            }
            switch slot.name {
            case layout.words.name:
                for row in 0..<place.rows {
                    let word = row == 0 ? 0 : lookup.vocabulary.index(of: other.vocabulary[row])
                    guard row == 0 || word > 0, Int(word) < slot.rows else { continue }
                    copy(row: Int(word), to: row)
                }
            case layout.subwords.name:
                let rows = Dictionary(
                    uniqueKeysWithValues: zip(lookup.lists.subwords, 0..<slot.rows)
                )
                for row in 0..<place.rows {
                    if let own = rows[other.lists.subwords[row]] { copy(row: own, to: row) }
                }
            default:
                guard place.rows == slot.rows else { continue }
                for row in 0..<slot.rows { copy(row: row, to: row) }
            }
        }
    }
}
