public import Evaluation
public import Examples
internal import Judgement

/// Rows to learn from, and rows that only score what was learnt: what `--holdout` does.
public struct HoldOut: Sendable {
    private let rows: TokenizedRows
    private let split: RowSplit
    /// Texts of none of the labels, which belong to neither side.
    private let outOfScope: [Example]

    /// The rows to learn from, in their given order.
    public var training: [Example] { split.training.map { rows.examples[$0] } }
    /// The rows that are held out, in their given order.
    public var heldOut: [Example] { split.heldOut.map { rows.examples[$0] } }

    /// Splits rows, each label in the same proportion, as `Partition` says: like texts stay on one
    /// side, and every label keeps a text to learn from.
    ///
    /// Equal rows, fraction and seed give equal parts.
    ///
    /// - Parameters:
    ///   - rows: all rows.
    ///   - fraction: the share to hold out, above 0 and below 1.
    ///   - seed: another seed holds out other rows.
    /// - Throws: `TrainingError.cannotHoldOut` if that leaves nothing on one side.
    public init(_ rows: TokenizedRows, fraction: Double, seed: Int) throws(TrainingError) {
        outOfScope = ExampleSet.parted(rows.examples).outOfScope
        let labelled = rows.examples.indices.filter { !rows.examples[$0].isOutOfScope }
        let rows = outOfScope.isEmpty ? rows : rows.selecting(labelled)
        self.rows = rows
        split = Partition(
            texts: rows.texts,
            labels: ExampleSet.strata(of: rows.examples),
            rows: Array(rows.examples.indices),
            salt: UInt64(bitPattern: Int64(seed))
        ).heldOut(fraction)
        if split.heldOut.isEmpty { throw .cannotHoldOut(fraction: fraction) }
    }

    /// The rows of a run that learns from one side and is scored on the other.
    var testRows: TrainingRows {
        TrainingRows(
            training: rows.selecting(split.training),
            development: rows.selecting([]),
            test: rows.selecting(split.heldOut)
        )
    }

    /// The rows of a run that learns from one side and chooses by the other.
    public func trainingRows(test: [Example]) -> TrainingRows {
        let test = ExampleSet.parted(test, hasSets: ExampleSet.hasSets(rows.examples))
        var all = TrainingRows(
            training: rows.selecting(split.training),
            development: rows.selecting(split.heldOut),
            test: TokenizedRows(test.labelled)
        )
        all.outOfScope = outOfScope.map(\.text)
        all.testOutOfScope = test.outOfScope.map(\.text)
        if !outOfScope.isEmpty { all.given = training + outOfScope }
        return all
    }
}
