import Evaluation
import Model
import Testing

@testable import Judgement

@Suite struct OutOfScopeProposalTests {
    private func confidence(_ right: [Float], wrong: [Float] = []) -> Confidence {
        var confidence = Confidence()
        for score in right { confidence.append(score: score, isRight: true) }
        for score in wrong { confidence.append(score: score, isRight: false) }
        return confidence
    }

    @Test("the threshold lies between the two kinds where they can be parted")
    func apart() throws {
        let figures = try #require(
            OutOfScopeProposal(
                inScope: confidence([0.9, 0.8, 0.7, 0.95, 0.85, 0.99]),
                outOfScope: [0.1, 0.2, 0.3, 0.25, 0.5]
            ).figures
        )
        #expect(figures.threshold == 0.6)
        #expect(figures.auroc == 1 && figures.aurocBounds == 1...1)
        #expect(figures.isCrossFitted && figures.rows == 5 && figures.rightAnswers == 6)
        #expect(figures.caught >= 4 && figures.lost <= 1)
    }

    @Test("wrong answers below it are no loss, right ones are")
    func losses() throws {
        let figures = try #require(
            OutOfScopeProposal(
                inScope: confidence([0.4, 0.9, 0.9, 0.9], wrong: [0.2, 0.3]),
                outOfScope: [0.5, 0.45, 0.1]
            ).figures
        )
        // Three of three caught for one of four lost.
        #expect(abs(figures.threshold - 0.7) < 1e-6)
        #expect(figures.caught == 3 && figures.lost == 1 && figures.rightAnswers == 4)
        #expect(!figures.isCrossFitted)
    }

    @Test("nothing is proposed where texts of none score higher, or either kind is missing")
    func nothing() throws {
        let worse = try #require(
            OutOfScopeProposal(inScope: confidence([0.1, 0.2]), outOfScope: [0.8, 0.9]).figures
        )
        #expect(worse.threshold == 0 && worse.caught == 0 && worse.lost == 0)
        #expect(worse.auroc == 0)
        #expect(OutOfScopeProposal(inScope: confidence([]), outOfScope: [0.1]).figures == nil)
        #expect(OutOfScopeProposal(inScope: confidence([0.1]), outOfScope: []).figures == nil)
        let wrong = confidence([], wrong: [0.3])
        #expect(OutOfScopeProposal(inScope: wrong, outOfScope: [0.1]).figures == nil)
    }

    @Test("what it catches is counted by thresholds that other texts choose")
    func crossFitted() throws {
        // One odd text moves the threshold only for the others.
        var generator = SplitMix64(seed: 7)
        let right = (0..<200).map { _ in Float(0.5 + 0.5 * generator.unit()) }
        let none = (0..<60).map { _ in Float(0.7 * generator.unit()) }
        let figures = try #require(
            OutOfScopeProposal(inScope: confidence(right), outOfScope: none).figures
        )
        let caught = none.count { $0 < Float(figures.threshold) }
        #expect(figures.isCrossFitted && abs(figures.caught - caught) <= 6)
        #expect((0.45...0.75).contains(figures.threshold))
        #expect(figures.aurocBounds.contains(figures.auroc))
    }
}
