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

    /// Splits rows, each label in the same proportion: the texts with the least seeded hashes are held
    /// out.
    ///
    /// What is held out depends on the text, not on its place, so when rows come or go nearly every
    /// text stays on its side: a model that is trained again is scored on rows that its predecessor
    /// has not learnt either.
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
        var isHeldOut = [Bool](repeating: false, count: examples.count)
        for texts in HoldOut.textsByLabel(examples, seed: seed, tokenizer: tokenizer) {
            let rows = texts.reduce(0) { $0 + $1.rows.count }
            let wanted = Int((Double(rows) * fraction).rounded())
            var taken = 0
            // The last text stays, so that the label can be learnt.
            for text in texts.sorted(by: { ($0.hash, $0.rows[0]) < ($1.hash, $1.rows[0]) })
                .dropLast()
            {
                guard taken + text.rows.count <= wanted, isClear(text.rows) else { continue }
                for row in text.rows { isHeldOut[row] = true }
                taken += text.rows.count
            }
        }
        trainingRows = examples.indices.filter { !isHeldOut[$0] }
        heldOutRows = examples.indices.filter { isHeldOut[$0] }
        training = trainingRows.map { examples[$0] }
        heldOut = heldOutRows.map { examples[$0] }
        if heldOut.isEmpty { throw .cannotHoldOut(fraction: fraction) }
    }

    /// A text, as the rows that have it.
    private struct Text {
        let hash: UInt64
        var rows: [Int]
    }

    /// For each label, in order of first appearance, its different texts.
    ///
    /// A text that occurs with several labels counts for the label of its first row.
    private static func textsByLabel(
        _ examples: [Example],
        seed: Int,
        tokenizer: Tokenizer
    ) -> [[Text]] {
        var labels: [String: Int] = [:]
        var places: [[String]: (label: Int, text: Int)] = [:]
        var result: [[Text]] = []
        for (row, example) in examples.enumerated() {
            let tokens = tokenizer.tokens(in: example.text)
            if let place = places[tokens] {
                result[place.label][place.text].rows.append(row)
                continue
            }
            let label = labels[example.label] ?? result.count
            if label == result.count {
                labels[example.label] = label
                result.append([])
            }
            places[tokens] = (label, result[label].count)
            result[label].append(Text(hash: hash(tokens, seed: seed), rows: [row]))
        }
        return result
    }

    /// A number that looks random, from the seed and the tokens' bytes.
    private static func hash(_ tokens: [String], seed: Int) -> UInt64 {
        var hash = SplitMix64(seed: UInt64(seed)).first
        for token in tokens {
            for byte in token.utf8 { hash = SplitMix64(seed: hash ^ UInt64(byte)).first }
            // No byte of UTF-8 is 0xFF: it parts the tokens.
            hash = SplitMix64(seed: hash ^ 0xFF).first
        }
        return hash
    }
}

extension SplitMix64 {
    /// The first number of the sequence.
    fileprivate var first: UInt64 {
        var generator = self
        return generator.next()
    }
}
