import Evaluation
import JSON
import Testing

@Suite struct PairedAnswersTests {
    private func comparison(candidateOnly: Int, incumbentOnly: Int) -> PairedAnswers {
        var comparison = PairedAnswers()
        for _ in 0..<candidateOnly { comparison.append(candidate: true, incumbent: false) }
        for _ in 0..<incumbentOnly { comparison.append(candidate: false, incumbent: true) }
        return comparison
    }

    @Test(
        "p is that of the exact sign test",
        // scipy.stats.binomtest(candidateOnly, n, alternative="greater").pvalue, and by hand:
        // (C(12,7) + … + C(12,12)) / 2^12 = 1586 / 4096.
        arguments: [
            (7, 5, 0.387207), (5, 0, 0.03125), (4, 0, 0.0625), (0, 3, 1), (0, 0, 1),
            (9, 1, 0.010742), (60, 40, 0.028444), (1030, 970, 0.093531),
        ]
    )
    func exact(_ candidateOnly: Int, _ incumbentOnly: Int, _ p: Double) {
        let better = comparison(candidateOnly: candidateOnly, incumbentOnly: incumbentOnly)
        #expect(abs(better.pBetter - p) < 2e-6)
        let worse = comparison(candidateOnly: incumbentOnly, incumbentOnly: candidateOnly)
        #expect(worse.pWorse == better.pBetter)
    }

    @Test("many rows neither overflow nor vanish")
    func manyRows() {
        #expect(comparison(candidateOnly: 50_000, incumbentOnly: 50_000).pBetter > 0.5)
        #expect(comparison(candidateOnly: 51_000, incumbentOnly: 49_000).pBetter < 0.001)
        #expect(comparison(candidateOnly: 20_000, incumbentOnly: 0).pBetter == 0)
        #expect(comparison(candidateOnly: 20_000, incumbentOnly: 0).pWorse == 1)
    }

    @Test("rows that both have right, or wrong, count for the accuracies alone")
    func agreement() {
        var comparison = comparison(candidateOnly: 3, incumbentOnly: 1)
        let p = comparison.pBetter
        for _ in 0..<4 { comparison.append(candidate: true, incumbent: true) }
        for _ in 0..<2 { comparison.append(candidate: false, incumbent: false) }
        #expect(comparison.pBetter == p)
        #expect(comparison.rows == 10 && comparison.differing == 4)
        #expect(comparison.candidateAccuracy == 0.7 && comparison.incumbentAccuracy == 0.5)
        #expect(PairedAnswers().candidateAccuracy == 0)
    }

    @Test("writes counts, accuracies and both p")
    func json() {
        var writer = JSONWriter()
        comparison(candidateOnly: 3, incumbentOnly: 1).encode(to: &writer)
        #expect(
            String(decoding: writer.finish(), as: UTF8.self)
                == #"{"rows":4,"accuracy":0.75,"incumbent_accuracy":0.25,"candidate_only":3,"#
                + #""incumbent_only":1,"p_better":0.3125,"p_worse":0.9375}"#
        )
    }
}
