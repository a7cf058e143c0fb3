internal import Model

/// A table of parameters whose rows batches touch sparsely, with Adam's moments and the moving
/// average.
///
/// All that belongs to a row lies together, so a row that was last touched long ago costs one visit
/// to memory, not five. Rows are updated only when a batch touches them, with the bias correction
/// of the global step.
package final class AdamTable {
    /// The parameters of a row.
    package let columns: Int
    /// The same, rounded up to what the kernels take at once; what is beyond stays 0.
    package let width: Int
    private let rowCount: Int
    /// Row after row: parameters, gradient, both moments, average, and where steps are scaled
    /// their scales, each `width` scalars.
    private let values: ScalarBuffer<Float>
    private var clock = AdamClock()
    private var touched: TouchedRows
    /// The numbers of rows, counted in parts of `width` scalars.
    private var places: [Int32] = []

    private let kinds: Int
    private enum Kind: Int { case parameters, gradient, first, second, average, scales }

    /// Makes rows of zeros.
    ///
    /// - Parameters:
    ///   - rows: how many.
    ///   - columns: parameters of a row.
    ///   - isScaled: whether each parameter has a scale of its own for its steps; 1 at first.
    package init(rows: Int, columns: Int, isScaled: Bool = false) {
        kinds = isScaled ? 6 : 5
        rowCount = rows
        self.columns = columns
        width = columns > 2 ? (columns + 3) / 4 * 4 : columns
        values = ScalarBuffer(count: rows * width * kinds)
        values.zeros(rows * width * kinds)
        touched = TouchedRows(count: rows)
        guard isScaled else { return }
        for row in 0..<rows {
            (start(.scales) + row * width * kinds).update(repeating: 1, count: width)
        }
    }

    /// Scales the steps of the first parameters, row after row.
    ///
    /// - Precondition: the table has scales.
    package func scaleSteps(_ scales: [Float]) {
        precondition(kinds == 6 && scales.count <= rowCount * columns, "No room for scales")
        for (index, scale) in scales.enumerated() {
            let (row, column) = index.quotientAndRemainder(dividingBy: columns)
            start(.scales)[row * width * kinds + column] = scale
        }
    }

    /// The step at hand, from 1.
    package var step: Int { clock.step }

    /// Copies parameters, (rows × columns), in; their averages begin with them.
    package func fill(_ parameters: UnsafePointer<Float>) {
        for row in 0..<rowCount {
            for kind in [Kind.parameters, .average] {
                let start = row * width * kinds + kind.rawValue * width
                (values.pointer + start).update(from: parameters + row * columns, count: columns)
            }
        }
    }

    /// Begins a step: call before its gradients.
    package func beginStep() { clock.beginStep() }

    /// Updates the touched rows, and ends the step.
    package func endStep(learningRate: Double) {
        touched.catchUp(&clock)
        place(touched.rows)
        Float.adamRows(
            count: places.count,
            ids: places,
            averageSteps: touched.averageSteps,
            columns: width,
            parameters: start(.parameters),
            gradient: start(.gradient),
            first: start(.first),
            second: start(.second),
            average: start(.average),
            scales: kinds == 6 ? start(.scales) : nil,
            rate: clock.rate(learningRate),
            correction: clock.correction,
            clip: AdamClock.clip
        )
        touched.forget()
        clock.endStep()
    }

    /// `out = Σ_j weights[j] · row(rows[j])`, of the parameters or of their averages.
    package func sum(
        _ rows: UnsafeBufferPointer<Int32>,
        weights: UnsafeBufferPointer<Float>,
        ofAverages: Bool,
        into out: UnsafeMutablePointer<Float>
    ) {
        out.update(repeating: 0, count: width)
        guard let weights = weights.baseAddress else { return }
        place(rows)
        Float.gather(
            out,
            table: start(ofAverages ? .average : .parameters),
            ids: places,
            values: weights,
            step: 1,
            count: places.count,
            columns: width
        )
    }

    /// Adds `weights[j] · scale · x` to the gradient of each row `rows[j]`; x has `width`
    /// scalars.
    package func addGradient(
        _ rows: UnsafeBufferPointer<Int32>,
        weights: UnsafeBufferPointer<Float>,
        scale: Float,
        _ x: UnsafePointer<Float>
    ) {
        guard let weights = weights.baseAddress else { return }
        for row in rows { touched.touch(Int(row)) }
        place(rows)
        Float.scatter(
            start(.gradient),
            ids: places,
            values: weights,
            scale: scale,
            count: places.count,
            x,
            columns: width
        )
    }

    /// Brings the averages of all rows up to date; call before they are read.
    package func catchUpAverages() {
        touched.catchUpAll(&clock) { row, step in
            let offset = row * width * kinds
            Float.moveAverage(
                count: width,
                start(.average) + offset,
                toward: start(.parameters) + offset,
                step: step
            )
        }
    }

    /// The averages, (rows × columns).
    package func averages() -> [Float] {
        catchUpAverages()
        return [Float](unsafeUninitializedCapacity: rowCount * columns) { target, count in
            guard let base = target.baseAddress else { return }
            for row in 0..<rowCount {
                let source = start(.average) + row * width * kinds
                (base + row * columns).initialize(from: source, count: columns)
            }
            count = rowCount * columns
        }
    }

    private func start(_ kind: Kind) -> UnsafeMutablePointer<Float> {
        values.pointer + kind.rawValue * width
    }

    private func place(_ rows: some Sequence<Int32>) {
        places.removeAll(keepingCapacity: true)
        for row in rows { places.append(row * Int32(kinds)) }
    }
}
