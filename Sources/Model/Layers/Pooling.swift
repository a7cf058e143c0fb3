/// How the states of all steps become one vector.
public enum Pooling: String, CaseIterable, Sendable {
    /// The state after the last step of each direction (the article's choice).
    case last
    /// The mean over the steps.
    case mean
    /// The greatest value of each unit over the steps.
    case max
    /// The mean weighted by a softmax over `h_t · v`, `v` learned.
    case attention
    /// The mean of the inputs x_t, past the recurrence.
    case inputs
}

/// Pools the states of one direction and spreads gradients back.
///
/// Attention looks at both directions at once and stands in `AttentionPooling`.
struct StatePooling<Scalar: KernelScalar> {
    let batch: PackedBatch
    let hiddenSize: Int

    /// Writes `kind` of `states` (rows × hidden) to `out`, one row of `stride` scalars a text.
    ///
    /// For `.max`, `maximumRows` (texts × hidden) keeps the row that each maximum came from.
    func forward(
        _ kind: Pooling,
        states: UnsafePointer<Scalar>,
        out: UnsafeMutablePointer<Scalar>,
        stride: Int,
        maximumRows: UnsafeMutablePointer<Int32>
    ) {
        for text in 0..<batch.textCount {
            let target = out + text * stride
            let length = batch.lengths[text]
            switch kind {
            case .last:
                target.update(from: row(states, text, length - 1), count: hiddenSize)
            case .mean:
                target.zero(count: hiddenSize)
                let share = 1 / Scalar(length)
                for step in 0..<length {
                    Scalar.addScaled(
                        count: hiddenSize,
                        target,
                        row(states, text, step),
                        scale: share
                    )
                }
            case .max:
                target.update(from: row(states, text, 0), count: hiddenSize)
                let rows = maximumRows + text * hiddenSize
                rows.update(repeating: Int32(batch.row(text: text, step: 0)), count: hiddenSize)
                for step in 1..<max(length, 1) {
                    Scalar.keepMaximum(
                        count: hiddenSize,
                        target,
                        rows: rows,
                        row(states, text, step),
                        row: Int32(batch.row(text: text, step: step))
                    )
                }
            case .attention, .inputs:
                preconditionFailure("\(kind) does not pool the states of one direction")
            }
        }
    }

    /// Adds to `dStates` (rows × hidden) what `gradient` (one row of `stride` scalars a text)
    /// asks.
    func backward(
        _ kind: Pooling,
        gradient: UnsafePointer<Scalar>,
        stride: Int,
        dStates: UnsafeMutablePointer<Scalar>,
        maximumRows: UnsafePointer<Int32>
    ) {
        for text in 0..<batch.textCount {
            let source = gradient + text * stride
            let length = batch.lengths[text]
            switch kind {
            case .last:
                Scalar.addScaled(
                    count: hiddenSize,
                    row(dStates, text, length - 1),
                    source,
                    scale: 1
                )
            case .mean:
                let share = 1 / Scalar(length)
                for step in 0..<length {
                    Scalar.addScaled(
                        count: hiddenSize,
                        row(dStates, text, step),
                        source,
                        scale: share
                    )
                }
            case .max:
                let rows = maximumRows + text * hiddenSize
                for unit in 0..<hiddenSize {
                    dStates[Int(rows[unit]) * hiddenSize + unit] += source[unit]
                }
            case .attention, .inputs:
                preconditionFailure("\(kind) does not pool the states of one direction")
            }
        }
    }

    private func row(_ base: UnsafePointer<Scalar>, _ text: Int, _ step: Int)
        -> UnsafePointer<Scalar>
    {
        base + batch.row(text: text, step: step) * hiddenSize
    }

    private func row(_ base: UnsafeMutablePointer<Scalar>, _ text: Int, _ step: Int)
        -> UnsafeMutablePointer<Scalar>
    {
        base + batch.row(text: text, step: step) * hiddenSize
    }
}
