public import Examples
internal import Judgement
public import Model

/// Rows to learn from, and rows that only score what was learnt: what `--holdout` does.
public struct HoldOut: Sendable, Equatable {
    /// The rows to learn from, in their given order.
    public var training: [Example]
    /// The rows that are held out, in their given order.
    public var heldOut: [Example]

    /// Splits rows, each label in the same proportion, as `Partition` says: like texts stay on one
    /// side, and every label keeps a text to learn from.
    ///
    /// Equal rows, fraction and seed give equal parts.
    ///
    /// - Parameters:
    ///   - examples: all rows.
    ///   - fraction: the share to hold out, above 0 and below 1.
    ///   - seed: another seed holds out other rows.
    ///   - tokenizer: decides which texts are the same.
    /// - Throws: `TrainingError.cannotHoldOut` if that leaves nothing on one side.
    public init(
        _ examples: [Example],
        fraction: Double,
        seed: Int,
        tokenizer: Tokenizer = Tokenizer()
    ) throws(TrainingError) {
        let names = Set(examples.map(\.label)).sorted()
        let indices = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
        let split = Partition(
            texts: TokenizedTexts(examples.map(\.text), tokenizer: tokenizer),
            labels: examples.map { indices[$0.label, default: 0] },
            rows: Array(examples.indices),
            salt: UInt64(bitPattern: Int64(seed))
        ).heldOut(fraction)
        if split.scored.isEmpty { throw .cannotHoldOut(fraction: fraction) }
        training = split.training.map { examples[$0] }
        heldOut = split.scored.map { examples[$0] }
    }
}
