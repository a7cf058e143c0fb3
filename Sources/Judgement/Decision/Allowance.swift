internal import Evaluation

/// How many rows more a new version may lose than it wins before it counts as worse.
///
/// `A(n, b, c, r) = max(1, 0.005·n, s) + min(t, s)` with `s = √(b + c) / (1 + r)`, for n rows of
/// which only the new version has b right and only the other one c, after r refusals. The root is
/// one standard deviation of `c − b` between two equal versions; each refusal since the last
/// promotion makes it smaller, so that trying again does not pay.
///
/// What was taught counts by t, the corrections and rows of new labels that the new version has
/// right without having learnt them. Corrections are texts that the live version has wrong because
/// of the very rows that are compared, and a new label takes texts from old ones, so these rows
/// speak against both. Wrong labels win no such row.
public struct Allowance: Sendable, Equatable {
    /// The most rows that may be lost.
    public let rows: Double
    /// How many of them what was taught has earned.
    public let earned: Double
    /// Where texts may have several labels: how much F1 may be lost; else 0.
    public private(set) var f1 = 0.0

    /// The share of all rows that is always forgiven.
    private static let share = 0.005

    /// Allows for what two versions say of the same rows.
    ///
    /// - Parameters:
    ///   - paired: what they say.
    ///   - refusals: how often evidence refused a version since the last promotion.
    ///   - taught: the corrections and rows of new labels that the new version has right without
    ///     having learnt them.
    init(_ paired: PairedAnswers, refusals: Int, taught: Int = 0) {
        let deviation = Double(paired.differing).squareRoot() / Double(1 + refusals)
        earned = min(Double(taught), deviation)
        rows = Allowance.rows(paired.rows, deviation: deviation) + earned
        f1 = 0
    }

    /// The same for texts that may have several labels: it counts wrong decisions, one a row and
    /// label, and their deviation is that of answers that are swapped at random.
    init(_ sets: PairedSets.Figures, refusals: Int, taught: Int = 0) {
        let deviation = sets.errorDeviation / Double(1 + refusals)
        earned = min(Double(taught), deviation)
        rows = Allowance.rows(sets.rows, deviation: deviation) + earned
        f1 =
            max(Allowance.share, sets.f1Deviation / Double(1 + refusals))
            + min(Double(taught) / Double(max(sets.rows, 1)), sets.f1Deviation)
    }

    /// The allowance for one comparison.
    init(_ comparison: VersionComparison, refusals: Int, taught: Int = 0) {
        if let sets = comparison.sets {
            self.init(sets, refusals: refusals, taught: taught)
        } else {
            self.init(comparison.paired, refusals: refusals, taught: taught)
        }
    }

    /// Whether a comparison is within it.
    ///
    /// Of several labels F1 decides: a greater loss refuses, and a gain beyond luck outweighs more
    /// wrong decisions. Between both, the wrong decisions count.
    func permits(_ comparison: VersionComparison) -> Bool {
        guard let sets = comparison.sets else { return permits(comparison.paired) }
        let gain = sets.f1.candidate - sets.f1.incumbent
        guard gain >= -f1 else { return false }
        return gain > sets.f1Deviation
            || Double(sets.errors.candidate - sets.errors.incumbent) <= rows
    }

    private static func rows(_ count: Int, deviation: Double) -> Double {
        max(1, share * Double(count), deviation)
    }

    /// Whether a version that loses so many rows and wins so many is within it.
    func permits(_ paired: PairedAnswers) -> Bool {
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
            let allowed = rows(count, deviation: Double(differ.offset).squareRoot())
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
