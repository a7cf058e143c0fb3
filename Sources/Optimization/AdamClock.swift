internal import Model

/// The steps of Adam, and how the exponential moving average of the parameters moves with them.
struct AdamClock {
    private(set) var step = 0
    /// 1 - β1^t and 1 - β2^t of the step at hand.
    private var corrections = (first: 1.0, second: 1.0)
    /// How often the average has moved, and the sum of ln(decay) up to each time.
    private var logarithms: [Double] = [0]
    /// What `averageStep(since:)` found last for each argument, and after how many moves.
    private var stepsSince: [(moves: Int, step: Float)] = [(0, 0)]

    /// The average moves after every so many steps, by a decay of 0.99 per step.
    private static let stepsPerAverage = 4
    private static let decay = 0.99 * 0.99 * 0.99 * 0.99
    /// Element-wise limit of a gradient.
    static let clip: Float = 5

    /// Moves of the average so far.
    var averageMoves: Int { logarithms.count - 1 }

    /// Begins a step: call before its updates.
    mutating func beginStep() {
        step += 1
        corrections = (1 - power(0.9, step), 1 - power(0.999, step))
    }

    /// What the first moments are multiplied by in this step.
    func rate(_ learningRate: Double) -> Float { Float(learningRate / corrections.first) }

    /// What the second moments are multiplied by in this step.
    var correction: Float { Float(1 / corrections.second) }

    /// The decay of the average at the end of this step, if it moves then.
    private var averageDecay: Double? {
        guard step % AdamClock.stepsPerAverage == 0 else { return nil }
        let moves = Double(averageMoves + 1)
        return min(AdamClock.decay, (1 + moves) / (10 + moves))
    }

    /// The weight of the new parameters in the average, if it moves at the end of this step.
    var averageStep: Float? { averageDecay.map { Float(1 - $0) } }

    /// Ends a step: call after its updates.
    mutating func endStep() {
        guard let averageDecay else { return }
        logarithms.append(logarithms[averageMoves] + averageDecay.naturalLogarithm)
        stepsSince.append((averageMoves, 0))
    }

    /// The weight of parameters that have stood still since the average had moved so often; 0 if it
    /// has not moved since.
    ///
    /// Many rows of a batch were last touched by the same few batches, so it is kept until the next
    /// move.
    mutating func averageStep(since moves: Int) -> Float {
        if stepsSince[moves].moves == averageMoves { return stepsSince[moves].step }
        let kept = (logarithms[averageMoves] - logarithms[moves]).exponential
        stepsSince[moves] = (averageMoves, Float(1 - kept))
        return stepsSince[moves].step
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        (base.naturalLogarithm * Double(exponent)).exponential
    }
}

/// Which rows of a table a batch has touched, and up to which move the average of each has come.
struct TouchedRows {
    private(set) var rows: [Int32] = []
    /// For each of `rows`, how far its average is behind.
    private(set) var averageSteps: [Float] = []
    private var isTouched: [Bool]
    private var averagedAt: [Int32]

    init(count: Int) {
        isTouched = Array(repeating: false, count: count)
        averagedAt = Array(repeating: 0, count: count)
    }

    /// Marks a row as touched by this batch.
    mutating func touch(_ row: Int) {
        guard !isTouched[row] else { return }
        isTouched[row] = true
        rows.append(Int32(row))
    }

    /// Tells how far the averages of the touched rows are behind, and takes them for caught up.
    mutating func catchUp(_ clock: inout AdamClock) {
        for row in rows {
            averageSteps.append(clock.averageStep(since: Int(averagedAt[Int(row)])))
            averagedAt[Int(row)] = Int32(clock.averageMoves)
        }
    }

    /// Forgets the touched rows.
    mutating func forget() {
        for row in rows { isTouched[Int(row)] = false }
        rows.removeAll(keepingCapacity: true)
        averageSteps.removeAll(keepingCapacity: true)
    }

    /// Calls `move` with each row of the table whose average is behind, and how far.
    mutating func catchUpAll(_ clock: inout AdamClock, _ move: (Int, Float) -> Void) {
        for row in averagedAt.indices {
            let step = clock.averageStep(since: Int(averagedAt[row]))
            averagedAt[row] = Int32(clock.averageMoves)
            if step > 0 { move(row, step) }
        }
    }
}
