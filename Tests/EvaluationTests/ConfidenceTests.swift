import Evaluation
import Model
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

    @Test("a threshold accepts the most rows that are right often enough")
    func threshold() throws {
        // From the surest down, the share that is right: 1, 1, 2/3, 3/4, 4/5, 4/6.
        let rows = confidence([
            (0.5, false), (0.9, true), (0.8, true), (0.7, false), (0.65, true), (0.6, true),
        ])
        let sure = try #require(rows.threshold(for: 0.9))
        #expect(sure.threshold == 0.8)
        #expect(sure.coverage == 2.0 / 6)
        let loose = try #require(rows.threshold(for: 0.75))
        #expect(loose.threshold == 0.6)
        #expect(loose.coverage == 5.0 / 6)
        let all = try #require(rows.threshold(for: 0.6))
        #expect(all.coverage == 1)
    }

    @Test("rows of one score are accepted together, in whatever order they come")
    func ties() throws {
        for rows in [[(0.9, true), (0.9, false)], [(0.9, false), (0.9, true)]] {
            let tied = confidence(rows.map { (Float($0.0), $0.1) })
            #expect(tied.threshold(for: 0.9) == nil)
            #expect(try #require(tied.threshold(for: 0.5)).coverage == 1)
        }
    }

    @Test("what no threshold reaches is left out of the table")
    func coverage() {
        #expect(confidence([(0.9, false)]).coverage.isEmpty)
        #expect(confidence([]).coverage.isEmpty)
        // 10 rows, of which the least sure is wrong: all of them are right in 90 % of cases.
        let rows = (0..<10).map { (Float(18 - $0) / 20, $0 < 9) }
        let table = confidence(rows).coverage
        #expect(table.map(\.accuracy) == [0.9, 0.95, 0.99])
        #expect(table.map(\.coverage) == [1, 0.9, 0.9])
        #expect(table.map { Float($0.threshold) } == [0.45, 0.5, 0.5])
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
        #expect(CoverageTable([]).lines == ["no threshold makes 90 % of the answers right"])
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
