import Evaluation
import Examples
import Model
import TestClassifiers
import Testing
import Training

@Suite struct RefitTests {
    private static let rows = SyntheticTexts(2400, labels: 3).examples

    private func result(
        _ warmStart: WarmStart.Request = .notAsked,
        given: Int = 0
    ) throws -> TrainingResult {
        var options = TrainingOptions(recipe: .linear)
        (options.epochs, options.threads) = (3, 2)
        var plan = TrainingPlan(
            model: "topics",
            examples: Array(Self.rows.dropLast(given)),
            options: options
        )
        plan.development = Array(Self.rows.suffix(given))
        plan.warmStart = warmStart
        return try plan.run()
    }

    @Test("held-out rows are learnt once they have chosen, and the figures are those from before")
    func refit() throws {
        let (apart, learnt) = (try result(.impossible(reason: "none is live")), try result())
        #expect(apart.checkpoint.training.train?.rows == 2400 - apart.answers.count)
        #expect(learnt.checkpoint.training.train?.rows == 2400)
        #expect(learnt.answers.count >= 200 && learnt.answers == apart.answers)
        #expect(learnt.heldOut == apart.heldOut)
        #expect(learnt.checkpoint.tensors != apart.checkpoint.tensors)
        #expect(learnt.checkpoint.calibration == apart.checkpoint.calibration)
        #expect(learnt.checkpoint.training.choice?.hasSuffix("which were then learnt too") == true)
        #expect(apart.checkpoint.training.choice?.contains("then learnt") == false)
    }

    @Test("rows that were given to choose by are never learnt")
    func given() throws {
        let result = try result(given: 300)
        #expect(result.checkpoint.training.train?.rows == 2100)
        #expect(result.checkpoint.training.choice?.hasSuffix("300 development rows") == true)
    }
}
