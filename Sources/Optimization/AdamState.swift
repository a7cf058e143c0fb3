package import Model

/// Flat parameters with Adam's moments, and the exponential moving average that is kept of them.
///
/// Rows of the sparse part are updated only when a batch touches them, with the bias correction of
/// the global step; their average is caught up when they are touched or read.
package final class AdamState {
    package let count: Int
    package let parameters: ScalarBuffer<Float>
    package let gradient: ScalarBuffer<Float>
    package let average: ScalarBuffer<Float>
    private let first: ScalarBuffer<Float>
    private let second: ScalarBuffer<Float>
    fileprivate var clock = AdamClock()

    package init(count: Int) {
        self.count = count
        parameters = ScalarBuffer(count: count)
        gradient = ScalarBuffer(count: count)
        average = ScalarBuffer(count: count)
        first = ScalarBuffer(count: count)
        second = ScalarBuffer(count: count)
        for buffer in [parameters, gradient, average, first, second] {
            buffer.zeros(count)
        }
    }

    /// The step at hand, from 1.
    package var step: Int { clock.step }

    /// Makes the average equal to the parameters, once they have their first values.
    package func startAverage() {
        average.pointer.update(from: parameters.pointer, count: count)
    }

    /// Begins a step: call before its updates.
    package func beginStep() { clock.beginStep() }

    /// Ends a step: call after its updates.
    package func endStep() { clock.endStep() }

    /// Updates `range` from its gradient, which is zeroed.
    package func update(_ range: Range<Int>, learningRate: Double) {
        let start = range.lowerBound
        Float.adam(
            count: range.count,
            parameters: parameters.pointer + start,
            gradient: gradient.pointer + start,
            first: first.pointer + start,
            second: second.pointer + start,
            rate: clock.rate(learningRate),
            correction: clock.correction,
            clip: AdamClock.clip
        )
    }

    /// The weight of the new parameters in the average, if it moves at the end of this step.
    package var averageStep: Float? { clock.averageStep }

    /// Moves the average of `range`, which has missed no move.
    package func moveAverage(_ range: Range<Int>, step: Float) {
        Float.moveAverage(
            count: range.count,
            average.pointer + range.lowerBound,
            toward: parameters.pointer + range.lowerBound,
            step: step
        )
    }

    /// Updates the touched rows of `width` scalars from their gradients, which are zeroed; row 0
    /// begins at `offset`.
    fileprivate func update(
        _ touched: TouchedRows,
        offset: Int,
        width: Int,
        learningRate: Double
    ) {
        Float.adamRows(
            count: touched.rows.count,
            ids: touched.rows,
            averageSteps: touched.averageSteps,
            columns: width,
            parameters: parameters.pointer + offset,
            gradient: gradient.pointer + offset,
            first: first.pointer + offset,
            second: second.pointer + offset,
            average: average.pointer + offset,
            rate: clock.rate(learningRate),
            correction: clock.correction,
            clip: AdamClock.clip
        )
    }
}

/// A table of rows among flat parameters that batches touch sparsely: remembers which, and keeps
/// their averages.
package struct SparseRows {
    private var touched: TouchedRows
    private let offset: Int
    private let width: Int

    package init(rows: Int, width: Int, offset: Int) {
        touched = TouchedRows(count: rows)
        self.offset = offset
        self.width = width
    }

    /// Marks a row as touched by this batch.
    package mutating func touch(_ row: Int) { touched.touch(row) }

    /// Updates the touched rows and forgets them.
    package mutating func update(_ state: AdamState, learningRate: Double) {
        touched.catchUp(&state.clock)
        state.update(touched, offset: offset, width: width, learningRate: learningRate)
        touched.forget()
    }

    /// Brings the averages of all rows up to date.
    package mutating func catchUpAverages(_ state: AdamState) {
        touched.catchUpAll(&state.clock) { row, step in
            let start = offset + row * width
            state.moveAverage(start..<(start + width), step: step)
        }
    }
}
