import Evaluation
import Model
import Report
import Testing

@Suite struct ConfidenceTests {
    private func confidence(_ rows: [(score: Float, isRight: Bool)]) -> Confidence {
        var confidence = Confidence()
        for row in rows { confidence.append(score: row.score, isRight: row.isRight) }
        return confidence
    }

    @Test("the calibration error is the gap of each bin, weighted by its rows")
    func calibrationError() {
        // Two bins of fifteen: 0.9 and 0.92 lie in [13/15, 14/15), of which one of two is right;
        // 0.5 lies in [7/15, 8/15) and is right.
        // Gaps: |0.91 - 0.5| · 2 + |0.5 - 1| · 1 = 1.32, over 3 rows.
        let rows = confidence([(0.9, true), (0.92, false), (0.5, true)])
        #expect(rows.expectedCalibrationError == 0.44)
    }

    @Test("inside a bin, too sure and too unsure make up for each other")
    func oneBin() {
        // 0.75 on the mean, three of four right.
        let rows = confidence([(0.74, true), (0.76, true), (0.74, false), (0.76, true)])
        #expect(rows.expectedCalibrationError < 1e-6)
    }

    @Test(
        "the extremes: sure and right, sure and wrong, no rows",
        arguments: [([(1, true)], 0), ([(1, false)], 1), ([], 0)] as [([(Float, Bool)], Double)]
    )
    func extremes(_ rows: [(Float, Bool)], _ expected: Double) {
        #expect(confidence(rows).expectedCalibrationError == expected)
    }

    /// Rows from the surest down, one in `every` of which is wrong, the first of each such number.
    private func rows(_ count: Int, wrongEvery every: Int) -> Confidence {
        confidence((0..<count).map { (1 - Float($0) / 10_000, $0 % every != every - 1) })
    }

    @Test(
        "a tail of the binomial distribution",
        // From tables: 0.95^59 = 0.0485; 1 - 0.5^10; the sum of three terms.
        arguments: [
            (59, 59, 0.95, 0.048_5), (1, 10, 0.5, 0.999_02), (8, 10, 0.5, 0.054_69), (0, 5, 0.3, 1),
        ]
    )
    func tail(successes: Int, trials: Int, chance: Double, expected: Double) {
        let tail = binomialTail(successes: successes, trials: trials, chance: chance)
        #expect(abs(tail - expected) < 5e-5)
    }

    @Test("59 right answers prove 95 %, 58 do not; one wrong one asks for 93, two for 124")
    func proof() {
        #expect(rows(58, wrongEvery: 1000).threshold(for: 0.95) == nil)
        #expect(rows(59, wrongEvery: 1000).threshold(for: 0.95)?.coverage == 1)
        // The wrong one is the least sure, and those above it prove it without.
        #expect(rows(92, wrongEvery: 92).threshold(for: 0.95)?.coverage ?? 1 < 1)
        #expect(rows(93, wrongEvery: 93).threshold(for: 0.95)?.coverage == 1)
        #expect(rows(124, wrongEvery: 62).threshold(for: 0.95)?.coverage == 1)
        #expect(rows(123, wrongEvery: 60).threshold(for: 0.95)?.coverage ?? 1 < 1)
    }

    @Test("a threshold is where the answers below would leave it in doubt")
    func threshold() throws {
        // 600 surer rows are right in 99 %, the 400 others in 75 %.
        let sure = (0..<600).map { (1 - Float($0) / 1000, $0 % 100 != 99) }
        let unsure = (600..<1000).map { (1 - Float($0) / 1000, $0 % 4 != 0) }
        let line = try #require(confidence(sure + unsure).threshold(for: 0.95))
        #expect(line.coverage >= 0.6 && line.coverage < 0.72)
        #expect(confidence(sure + unsure).threshold(for: 0.995) == nil)
    }

    @Test("rows of one score are accepted together, in whatever order they come")
    func ties() {
        let tied = (0..<200).map { (Float(0.9), $0 >= 30) }
        #expect(confidence(tied).threshold(for: 0.9) == nil)
        #expect(confidence(tied.reversed()).threshold(for: 0.9) == nil)
        #expect(confidence(tied).threshold(for: 0.8)?.coverage == 1)
    }

    @Test(
        "where answers are right in exactly 95 %, a threshold for 95 % is promised in few samples",
        arguments: [150, 700]
    )
    func level(count: Int) {
        var generator = SplitMix64(seed: 7)
        let promised = (0..<400).count { _ in
            let rows = (0..<count).map { row in
                (1 - Float(row) / 1000, Double.random(in: 0..<1, using: &generator) < 0.95)
            }
            return confidence(rows).threshold(for: 0.95) != nil
        }
        // 5 % of 400 are 20, and three standard deviations more are 33.
        #expect(promised <= 33)
    }

    @Test("what no threshold proves is left out of the table")
    func coverage() {
        #expect(confidence([(0.9, false)]).coverage.isEmpty)
        #expect(confidence([]).coverage.isEmpty)
        #expect(rows(40, wrongEvery: 1000).coverage.map(\.accuracy) == [0.9])
        #expect(rows(400, wrongEvery: 1000).coverage.map(\.accuracy) == [0.9, 0.95, 0.99])
    }

    @Test("the table is readable")
    func table() {
        #expect(
            CoverageTable([
                .init(accuracy: 0.9, threshold: 0.41256, coverage: 1),
                .init(accuracy: 0.95, threshold: 0.8, coverage: 0.98123),
            ]).lines == [
                "right  at a score from  rows answered",
                " 90 %           0.4126       100.00 %",
                " 95 %           0.8000        98.12 %",
            ]
        )
        #expect(
            CoverageTable([]).lines == ["never: no score proves that 90 % of the answers are right"]
        )
    }
}

@Suite struct OutOfScopeReportTests {
    @Test("AUROC counts the pairs in which the row in scope scores higher")
    func pairs() throws {
        // 0.9 beats 0.3, 0.6 and 0.1; 0.5 beats 0.3 and 0.1: 5 of 6 pairs.
        let report = try #require(
            OutOfScopeReport(inScope: [0.9, 0.5], outOfScope: [0.3, 0.6, 0.1])
        )
        #expect(report.auroc == 0.833333)
        #expect(report.rows == 3)
        // Of two rows none may be lost, so 0.5 is the threshold, and 0.6 passes it.
        #expect(report.threshold == 0.5)
        #expect(report.acceptedAt95 == 0.333333)
    }

    @Test("ties count half")
    func ties() throws {
        // 0.5 ties with one 0.5 and beats 0.2; 0.8 beats both: 3.5 of 4 pairs.
        let report = try #require(OutOfScopeReport(inScope: [0.5, 0.8], outOfScope: [0.5, 0.2]))
        #expect(report.auroc == 0.875)
        let same = try #require(OutOfScopeReport(inScope: [1, 1, 1], outOfScope: [1, 1]))
        #expect(same.auroc == 0.5)
        #expect(same.acceptedAt95 == 1)
    }

    @Test("the extremes: told apart always, or always the wrong way round")
    func extremes() throws {
        let good = try #require(
            OutOfScopeReport(inScope: [0.9, 0.8], outOfScope: [0.1, 0.2, 0.3])
        )
        #expect(good.auroc == 1)
        #expect(good.acceptedAt95 == 0)
        let bad = try #require(OutOfScopeReport(inScope: [0.1, 0.2], outOfScope: [0.9]))
        #expect(bad.auroc == 0)
        #expect(bad.acceptedAt95 == 1)
        #expect(OutOfScopeReport(inScope: [], outOfScope: [0.5]) == nil)
        #expect(OutOfScopeReport(inScope: [0.5], outOfScope: []) == nil)
    }

    @Test("95 % of the rows in scope are accepted, one in twenty may be lost", arguments: 1...101)
    func accepted(count: Int) throws {
        let scores = (0..<count).map { Float($0) / 128 }
        let report = try #require(OutOfScopeReport(inScope: scores.reversed(), outOfScope: scores))
        let accepted = scores.count { $0 >= report.threshold }
        #expect(accepted == count - count / 20)
    }
}
