import Evaluation
import Examples
import Model
import TestClassifiers
import Testing
import Training

@Suite struct RecipeBenchmarkTests {
    private func benchmark(_ examples: [Example], test: [Example] = []) throws -> RecipeBenchmark {
        try RecipeBenchmark(examples: examples, development: [], test: test, seed: 1, threads: 2)
    }

    @Test("the majority baseline has the shares of the labels as probabilities")
    func majority() throws {
        let training = ["a", "a", "a", "b"].enumerated().map {
            Example(label: $0.element, text: "text \($0.offset)")
        }
        let test = [Example(label: "a", text: "x"), Example(label: "b", text: "y")]
        let entry = try benchmark(training, test: test).baselines()[0]
        let evaluation = try #require(entry.evaluation)
        #expect(entry.name == "majority")
        #expect(evaluation.accuracy == 0.5)
        #expect(evaluation.macroF1 == 0.333333)
        // -(ln 0.75 + ln 0.25) / 2, and |0.75 - 0.5|.
        #expect(evaluation.loss == 0.836988)
        #expect(evaluation.confidence.expectedCalibrationError == 0.25)
        #expect(entry.parameters == 2)
    }

    @Test("the bag of words learns what words tell, and its penalty keeps it from being too sure")
    func bagOfWords() throws {
        let training = SyntheticTexts(400).examples
        let test = SyntheticTexts(200, seed: 5).examples
        let entry = try benchmark(training, test: test).baselines()[1]
        let evaluation = try #require(entry.evaluation)
        #expect(entry.name == "bag-of-words")
        #expect(evaluation.accuracy > 0.98)
        // One word of each text tells; scikit-learn's LogisticRegression(C=1) is at 0.13 here. A
        // tenth of its penalty is chosen, and the minimum with that is what is found.
        #expect(abs(evaluation.loss - 0.0183) < 0.001)
    }

    @Test("the bag of words finds the minimum of its objective, known here from an equation")
    func objective() throws {
        // 50 rows "w" of label a, 50 rows "u" of label b: by symmetry the bias is 0 and the weights
        // are ±v, so the objective is 100·ln(1 + e^(-2v)) + 2·v², with its minimum where
        // v = 50·σ(-2v): v = 1.679, and each answer has the probability σ(2v) = 0.9664.
        let training = (0..<100).map {
            Example(label: $0 % 2 == 0 ? "a" : "b", text: $0 % 2 == 0 ? "w" : "u")
        }
        let entry = try benchmark(training, test: Array(training.prefix(2))).baselines()[1]
        // What 100 passes of stochastic steps leave.
        for score in try #require(entry.evaluation).confidence.scores {
            #expect(abs(score - 0.9664) < 0.005)
        }
    }

    @Test("holds out a fifth, trains what is asked for, and tells what it costs")
    func entries() throws {
        let benchmark = try benchmark(SyntheticTexts(100).examples)
        #expect(benchmark.trainingRows + benchmark.heldOutRows == 100)
        #expect((18...22).contains(benchmark.heldOutRows))
        let entry = try benchmark.score(.linear)
        #expect(entry.name == "linear")
        #expect(entry.evaluation?.rows == benchmark.heldOutRows)
        #expect((entry.parameters ?? 0) > 0)
        #expect((entry.timePerText ?? .zero) > .zero)
        #expect(entry.training > .zero)
        #expect(entry.remark?.contains("linear of") == true)
    }

    @Test("the article's network is compared on data of its kind alone")
    func recipes() throws {
        let rows = TrainingPlanTests.rows
        let tiny = try benchmark(rows, test: rows)
        #expect(tiny.recipes == [.article, .linear, .mlp, .elman, .gru, .lstm, .minimalRNN, .auto])
        let large = try benchmark(SyntheticTexts(100).examples)
        #expect(!large.recipes.contains(.article))
    }
}
