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
    package private(set) var step = 0

    /// The average moves after every so many steps, by a decay of 0.99 per step.
    private static let stepsPerAverage = 4
    private static let decay = 0.99 * 0.99 * 0.99 * 0.99
    /// Element-wise limit of a gradient.
    private static let clip: Float = 5
    /// How often the average has moved, and the sum of ln(decay) up to each time.
    private var logarithms: [Double] = [0]

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

    /// Makes the average equal to the parameters, once they have their first values.
    package func startAverage() {
        average.pointer.update(from: parameters.pointer, count: count)
    }

    /// Moves of the average so far.
    package var averageMoves: Int { logarithms.count - 1 }

    /// 1 - β1^t and 1 - β2^t of the step at hand.
    private var corrections = (first: 1.0, second: 1.0)

    /// Begins a step: call before its updates.
    package func beginStep() {
        step += 1
        corrections = (1 - power(0.9, step), 1 - power(0.999, step))
    }

    /// Updates `range` from its gradient, which is zeroed.
    package func update(_ range: Range<Int>, learningRate: Double) {
        let start = range.lowerBound
        Float.adam(
            count: range.count,
            parameters: parameters.pointer + start,
            gradient: gradient.pointer + start,
            first: first.pointer + start,
            second: second.pointer + start,
            rate: Float(learningRate / corrections.first),
            correction: Float(1 / corrections.second),
            clip: AdamState.clip
        )
    }

    /// The decay of the average at the end of this step, if it moves then.
    private var averageDecay: Double? {
        guard step % AdamState.stepsPerAverage == 0 else { return nil }
        let moves = Double(averageMoves + 1)
        return min(AdamState.decay, (1 + moves) / (10 + moves))
    }

    /// The weight of the new parameters in the average, if it moves at the end of this step.
    package var averageStep: Float? { averageDecay.map { Float(1 - $0) } }

    /// Ends a step: call after its updates.
    package func endStep() {
        guard let averageDecay else { return }
        logarithms.append(logarithms[averageMoves] + averageDecay.naturalLogarithm)
    }

    /// Moves the average of `range`, which has missed no move.
    package func moveAverage(_ range: Range<Int>, step: Float) {
        Float.moveAverage(
            count: range.count,
            average.pointer + range.lowerBound,
            toward: parameters.pointer + range.lowerBound,
            step: step
        )
    }

    /// Makes up for the moves since `moves`, during which the parameters of `range` stood still.
    package func catchUpAverage(_ range: Range<Int>, since moves: Int) {
        guard moves < averageMoves else { return }
        let kept = (logarithms[averageMoves] - logarithms[moves]).exponential
        moveAverage(range, step: Float(1 - kept))
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        (base.naturalLogarithm * Double(exponent)).exponential
    }
}

/// A table of rows that batches touch sparsely: remembers which, and keeps their averages.
package struct SparseRows {
    private(set) var touched: [Int32] = []
    private var isTouched: [Bool]
    private var averagedAt: [Int32]
    private let offset: Int
    private let width: Int

    package init(rows: Int, width: Int, offset: Int) {
        isTouched = Array(repeating: false, count: rows)
        averagedAt = Array(repeating: 0, count: rows)
        self.offset = offset
        self.width = width
    }

    /// Marks a row as touched by this batch.
    package mutating func touch(_ row: Int) {
        guard !isTouched[row] else { return }
        isTouched[row] = true
        touched.append(Int32(row))
    }

    /// Updates the touched rows and forgets them.
    package mutating func update(_ state: AdamState, learningRate: Double) {
        for row in touched {
            let range = range(Int(row))
            state.catchUpAverage(range, since: Int(averagedAt[Int(row)]))
            averagedAt[Int(row)] = Int32(state.averageMoves)
            state.update(range, learningRate: learningRate)
            isTouched[Int(row)] = false
        }
        touched.removeAll(keepingCapacity: true)
    }

    /// Brings the averages of all rows up to date.
    package mutating func catchUpAverages(_ state: AdamState) {
        for row in averagedAt.indices {
            state.catchUpAverage(range(row), since: Int(averagedAt[row]))
            averagedAt[row] = Int32(state.averageMoves)
        }
    }

    private func range(_ row: Int) -> Range<Int> {
        (offset + row * width)..<(offset + (row + 1) * width)
    }
}
