internal import Model

/// Minimises a smooth convex function of many variables by its gradient: L-BFGS (Liu and Nocedal
/// 1989), steps halved until the function falls enough (Armijo).
///
/// Every sum has a fixed order, so equal functions give equal minima, bit for bit.
package final class LimitedMemoryBFGS {
    /// The value at a point; writes its gradient.
    package typealias Function = (
        _ point: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
    ) -> Double

    private let count: Int
    private let function: Function
    private var point: ScalarBuffer<Float>
    private var gradient: ScalarBuffer<Float>
    private var nextPoint: ScalarBuffer<Float>
    private var nextGradient: ScalarBuffer<Float>
    private let direction: ScalarBuffer<Float>
    private var value = 0.0
    /// The last moves, the oldest first.
    private var moves: [Move] = []

    /// A move of the point, and what became of the gradient.
    private struct Move {
        let step: ScalarBuffer<Float>
        let change: ScalarBuffer<Float>
        /// step · change.
        var product: Double
    }

    /// How many moves the curvature is told from.
    private static let memory = 5
    /// The share of what a line would fall by that a step must fall by.
    private static let sufficientDecrease = 1e-4
    private static let halvings = 30

    /// Starts at 0.
    private init(count: Int, _ function: @escaping Function) {
        self.count = count
        self.function = function
        func zeros() -> ScalarBuffer<Float> {
            let buffer = ScalarBuffer<Float>(count: count)
            buffer.zeros(count)
            return buffer
        }
        (point, gradient, direction) = (zeros(), zeros(), zeros())
        (nextPoint, nextGradient) = (zeros(), zeros())
    }

    /// The point with the least value that is found from 0 on.
    ///
    /// - Parameters:
    ///   - count: the number of variables.
    ///   - iterations: moves at most.
    ///   - tolerance: it is found where the gradient is no longer than this.
    ///   - function: what to minimise.
    /// - Returns: The point.
    /// - Complexity: O(iterations) calls of `function`, and O(count) for each.
    package static func minimum(
        count: Int,
        iterations: Int,
        tolerance: Double,
        _ function: @escaping Function
    ) -> [Float] {
        let search = LimitedMemoryBFGS(count: count, function)
        search.run(iterations: iterations, tolerance: tolerance)
        return Array(UnsafeBufferPointer(start: search.point.pointer, count: count))
    }

    private func run(iterations: Int, tolerance: Double) {
        value = function(point.pointer, gradient.pointer)
        for _ in 0..<iterations {
            let norm = dot(gradient, gradient).squareRoot()
            guard norm > tolerance else { return }
            aim()
            var slope = dot(direction, gradient)
            if slope >= 0 {
                // Rounding has spoilt what was remembered.
                moves.removeAll()
                aim()
                slope = dot(direction, gradient)
            }
            guard step(from: moves.isEmpty ? min(1, 1 / norm) : 1, slope: slope) else { return }
        }
    }

    /// Makes `direction` minus the gradient times the inverse curvature that the moves tell.
    private func aim() {
        direction.pointer.update(from: gradient.pointer, count: count)
        var shares: [Double] = []
        for move in moves.reversed() {
            let share = dot(move.step, direction) / move.product
            shares.append(share)
            add(direction, move.change, -share)
        }
        var scale = -1.0
        if let last = moves.last { scale = -last.product / dot(last.change, last.change) }
        add(direction, direction, scale - 1)
        for (move, share) in zip(moves, shares.reversed()) {
            // The direction is negative already, so the signs of both terms turn.
            let other = dot(move.change, direction) / move.product
            add(direction, move.step, -share - other)
        }
    }

    /// Moves along `direction`; false if the value falls nowhere.
    private func step(from first: Double, slope: Double) -> Bool {
        var length = first
        for _ in 0..<LimitedMemoryBFGS.halvings {
            nextPoint.pointer.update(from: point.pointer, count: count)
            add(nextPoint, direction, length)
            let next = function(nextPoint.pointer, nextGradient.pointer)
            if next <= value + LimitedMemoryBFGS.sufficientDecrease * length * slope {
                remember(length)
                swap(&point, &nextPoint)
                swap(&gradient, &nextGradient)
                value = next
                return true
            }
            length /= 2
        }
        return false
    }

    /// Keeps the move along `direction` by `length`, from `gradient` to `nextGradient`.
    private func remember(_ length: Double) {
        let isFull = moves.count == LimitedMemoryBFGS.memory
        let oldest = isFull ? moves.removeFirst() : nil
        let step = oldest?.step ?? ScalarBuffer<Float>(count: count)
        let change = oldest?.change ?? ScalarBuffer<Float>(count: count)
        step.zeros(count)
        add(step, direction, length)
        change.pointer.update(from: nextGradient.pointer, count: count)
        add(change, gradient, -1)
        let product = dot(step, change)
        // Convex functions have none below 0; one that rounding leaves at 0 tells nothing.
        guard product > 1e-12 * dot(change, change) else { return }
        moves.append(Move(step: step, change: change, product: product))
    }

    private func dot(_ left: ScalarBuffer<Float>, _ right: ScalarBuffer<Float>) -> Double {
        Float.dot(count: count, left.pointer, right.pointer)
    }

    /// `target += scale · other`.
    private func add(_ target: ScalarBuffer<Float>, _ other: ScalarBuffer<Float>, _ scale: Double) {
        Float.addScaled(count: count, target.pointer, other.pointer, scale: Float(scale))
    }
}
