public import Examples
public import Model

/// Rows to learn from, and rows that only score what was learnt.
public struct HoldOut: Sendable, Equatable {
    /// The rows to learn from, in their given order.
    public var training: [Example]
    /// The rows that are held out, in their given order.
    public var heldOut: [Example]
    /// The numbers of the rows to learn from, ascending.
    var trainingRows: [Int]
    /// The numbers of the rows that are held out, ascending.
    var heldOutRows: [Int]

    /// Splits rows at random, each label in the same proportion.
    ///
    /// Rows whose texts have the same tokens always stay together, so that nothing that is scored
    /// was learnt by heart; every label keeps at least one text to learn from, and so a text that has
    /// several labels is never held out. Equal rows, fraction and seed give equal parts.
    ///
    /// - Parameters:
    ///   - examples: all rows.
    ///   - fraction: the share to hold out, above 0 and below 1.
    ///   - seed: where the random numbers start.
    ///   - tokenizer: decides which texts are the same.
    /// - Throws: `TrainingError.cannotHoldOut` if that leaves nothing on one side.
    public init(
        _ examples: [Example],
        fraction: Double,
        seed: Int,
        tokenizer: Tokenizer = Tokenizer()
    ) throws(TrainingError) {
        precondition(fraction > 0 && fraction < 1, "A fraction is above 0 and below 1")
        // A text with several labels may be the only one that some label has.
        func isClear(_ rows: [Int]) -> Bool {
            rows.allSatisfy { examples[$0].label == examples[rows[0]].label }
        }
        var generator = SplitMix64(seed: UInt64(seed))
        var isHeldOut = [Bool](repeating: false, count: examples.count)
        for var texts in HoldOut.textsByLabel(examples, tokenizer: tokenizer) {
            let rows = texts.reduce(0) { $0 + $1.count }
            let wanted = Int((Double(rows) * fraction).rounded())
            texts.shuffle(using: &generator)
            var taken = 0
            // The last text stays, so that the label can be learnt.
            for text in texts.dropLast() {
                guard taken + text.count <= wanted, isClear(text) else { continue }
                for row in text { isHeldOut[row] = true }
                taken += text.count
            }
        }
        trainingRows = examples.indices.filter { !isHeldOut[$0] }
        heldOutRows = examples.indices.filter { isHeldOut[$0] }
        training = trainingRows.map { examples[$0] }
        heldOut = heldOutRows.map { examples[$0] }
        if heldOut.isEmpty { throw .cannotHoldOut(fraction: fraction) }
    }

    /// For each label, in order of first appearance, its different texts, each as the rows that
    /// have it.
    ///
    /// A text that occurs with several labels counts for the label of its first row.
    private static func textsByLabel(_ examples: [Example], tokenizer: Tokenizer) -> [[[Int]]] {
        var labels: [String: Int] = [:]
        var places: [[String]: (label: Int, text: Int)] = [:]
        var result: [[[Int]]] = []
        for (row, example) in examples.enumerated() {
            let tokens = tokenizer.tokens(in: example.text)
            if let place = places[tokens] {
                result[place.label][place.text].append(row)
                continue
            }
            let label = labels[example.label] ?? result.count
            if label == result.count {
                labels[example.label] = label
                result.append([])
            }
            places[tokens] = (label, result[label].count)
            result[label].append([row])
        }
        return result
    }
}
