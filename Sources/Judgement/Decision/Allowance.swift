internal import Evaluation

/// How many rows more a new version may lose than it wins before it counts as worse.
///
/// `A(n, b, c, r) = max(1, 0.005·n, √(b + c) / (1 + r))`, for n rows of which only the new version
/// has b right and only the other one c, after r refusals. The root is one standard deviation of `c
/// − b` between two equal versions; each refusal since the last promotion makes it smaller, so that
/// trying again does not pay.
public struct Allowance: Sendable, Equatable {
    /// The most rows that may be lost.
    public let rows: Double

    /// The share of all rows that is always forgiven.
    private static let share = 0.005

    /// Allows for what two versions say of the same rows.
    init(_ paired: PairedComparison, refusals: Int) {
        rows = Allowance.rows(
            paired.rows,
            differing: paired.differing,
            refusals: refusals
        )
    }

    private static func rows(_ count: Int, differing: Int, refusals: Int) -> Double {
        let deviation = Double(differing).squareRoot()
        return max(1, share * Double(count), deviation / Double(1 + refusals))
    }

    /// Whether a version that loses so many rows and wins so many is within it.
    func permits(_ paired: PairedComparison) -> Bool {
        Double(paired.incumbentOnly - paired.candidateOnly) <= rows
    }

    /// The probability that a version goes live although it is worse, by this rule alone.
    ///
    /// Luck alone lets each version have half of `noise` right that the other has not; the loss
    /// comes on top. It is the exact sum over how many rows differ, and how many of these are lost.
    ///
    /// - Parameters:
    ///   - loss: by how much its accuracy is truly lower, from 0 to 1 - `noise`.
    ///   - count: the number of rows that are compared.
    ///   - noise: the share of rows that differ between equal versions; 5 % is usual for the same
    ///     rows with another seed.
    /// - Returns: From 0 to 1.
    /// - Complexity: O(count²).
    package static func chance(ofLosing loss: Double, rows count: Int, noise: Double = 0.05)
        -> Double
    {
        let differing = noise + loss
        let lost = (noise / 2 + loss) / differing
        return binomial(count, differing).enumerated().reduce(0) { sum, differ in
            let allowed = rows(count, differing: differ.offset, refusals: 0)
            let within = binomial(differ.offset, lost).enumerated().reduce(0) {
                Double(2 * $1.offset - differ.offset) <= allowed ? $0 + $1.element : $0
            }
            return sum + differ.element * within
        }
    }

    /// The probability of each number of successes among independent trials.
    private static func binomial(_ trials: Int, _ chance: Double) -> [Double] {
        var shares = [1.0]
        for _ in 0..<trials {
            var next = [Double](repeating: 0, count: shares.count + 1)
            for (successes, share) in shares.enumerated() {
                next[successes] += share * (1 - chance)
                next[successes + 1] += share * chance
            }
            shares = next
        }
        return shares
    }
}
