import Judgement
import Testing

@Suite struct AllowanceTests {
    /// The documented table: how often a version that is worse by so many points goes live, in
    /// percent.
    static let table: [(rows: Int, five: Double, three: Double, two: Double, one: Double)] = [
        (10, 86, 92, 94, 96), (30, 61, 73, 79, 86), (50, 48, 64, 72, 81), (100, 28, 49, 62, 74),
        (200, 10, 31, 48, 68), (500, 0, 8, 24, 54),
    ]

    @Test("how often a worse version goes live is what docs/promotion.md says", arguments: table)
    func chances(
        _ line: (rows: Int, five: Double, three: Double, two: Double, one: Double)
    ) {
        for (loss, expected) in [
            (0.05, line.five), (0.03, line.three), (0.02, line.two), (0.01, line.one),
        ] {
            let chance = 100 * Allowance.chance(ofLosing: loss, rows: line.rows)
            #expect(abs(chance - expected) <= 1, "\(line.rows) rows, \(loss): \(chance)")
        }
    }
}
