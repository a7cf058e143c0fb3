import Evaluation
import Model
import Testing
import Training

/// The article's training, step by step.
@Suite struct ArticleTrainerTests {
    @Test("ten epochs equal NumPy's: every loss, and the weights at the end")
    func numPy() throws {
        // The second run, with large weights, amplifies single precision's rounding a thousandfold
        // per epoch; the next test follows it.
        let run = try #require(try NumPyFixture.load().training.first)
        // NumPy's network has no unknown word, so its words move up by one row.
        let words = run.texts.map { $0.map { $0 + 1 } }
        let texts = EncodedExamples(texts: words, labels: run.labels)
        let trainer = ArticleTrainer(
            from: run.parameters(run.weights, unknownRows: 1),
            on: texts,
            learningRate: run.learningRate
        )
        var losses: [Double] = []
        for _ in 0..<10 { losses += (0..<texts.count).map { trainer.learn($0).loss } }
        for (loss, expected) in zip(losses, run.firstTenLosses) {
            #expect(abs(loss - expected) <= 1e-5)
        }
        for (epoch, expected) in run.epochLosses.enumerated() {
            let epochLosses = losses[epoch * texts.count..<(epoch + 1) * texts.count]
            let mean = epochLosses.reduce(0, +) / Double(texts.count)
            #expect(abs(mean - expected) <= 1e-5)
        }
        for (name, tensor) in trainer.parameters.tensors() {
            let expected = try #require(run.weightsAfter[name])
            for (weight, expected) in zip(tensor.values.suffix(expected.count), expected) {
                #expect(abs(weight - expected) <= 1e-5, "\(name)")
            }
        }
    }

    @Test(
        "in double precision, clipped steps with large weights equal NumPy's too",
        arguments: 0...1
    )
    func doublePrecision(index: Int) throws {
        let run = try NumPyFixture.load().training[index]
        var weights = run.weights.mapValues { $0.map(Double.init) }
        var clipped = 0
        // After five epochs rounding of 1e-16 has grown so far that no two programs agree.
        for epoch in 0..<5 {
            var total = 0.0
            for (words, label) in zip(run.texts, run.labels) {
                let network = ElmanGradients(weights: weights)
                total += network.loss(of: words, label: label)
                for (name, gradient) in network.gradients(of: words, label: label) {
                    for (index, value) in gradient.enumerated() {
                        clipped += abs(value) > 1 ? 1 : 0
                        weights[name]![index] -= run.learningRate * min(max(value, -1), 1)
                    }
                }
            }
            #expect(abs(total / Double(run.texts.count) - run.epochLosses[epoch]) <= 1e-6)
        }
        #expect(clipped > 0 || index == 0)
    }

    @Test("a step is the clipped gradient times the learning rate, to the last digit")
    func clippedStep() throws {
        let run = try NumPyFixture.load().training[1]
        let words = run.texts.map { $0.map { $0 + 1 } }
        let trainer = ArticleTrainer(
            from: run.parameters(run.weights, unknownRows: 1),
            on: EncodedExamples(texts: words, labels: run.labels),
            learningRate: run.learningRate
        )
        var clipped = 0
        for row in run.texts.indices {
            let before = trainer.parameters.tensors()
            let gradients = ElmanParameters(
                vocabularySize: run.vocabularySize + 1,
                hiddenSize: run.hiddenSize,
                classCount: run.classCount
            )
            let loss = trainer.addGradients(of: row, to: gradients)
            #expect(trainer.learn(row).loss == loss)
            let after = trainer.parameters.tensors()
            for (name, gradient) in gradients.tensors() {
                let start = try #require(before[name]).values
                let end = try #require(after[name]).values
                for (index, value) in gradient.values.enumerated() {
                    clipped += abs(value) > 1 ? 1 : 0
                    let cut = min(max(value, -1), 1)
                    // One rounding with fused multiply-add, two without.
                    let expected = start[index].addingProduct(-Float(run.learningRate), cut)
                    #expect(abs(end[index] - expected) <= expected.ulp)
                }
            }
        }
        #expect(clipped > 10)
    }

    @Test("the first ten losses of a seed never change")
    func pinnedLosses() {
        let texts = EncodedExamples(
            texts: [[1, 2, 3], [1, 2, 4, 3], [5, 3], [5, 4, 3, 2, 1]],
            labels: [0, 1, 0, 1]
        )
        let trainer = ArticleTrainer(
            from: .xavierUniform(vocabularySize: 6, hiddenSize: 64, classCount: 2, seed: 1),
            on: texts,
            learningRate: 0.02
        )
        let losses = (0..<10).map { trainer.learn($0 % 4).loss }
        let pinned: [Double] = [
            0.82565034, 0.91084163, 0.75278506, 0.35312303, 0.68768754,
            0.63489898, 0.64187213, 0.28504461, 0.57121584, 0.47397414,
        ]
        // Instruction sets without fused multiply-add differ in the last digits.
        for (loss, expected) in zip(losses, pinned) { #expect(abs(loss - expected) <= 1e-6) }
    }

    @Test("a text without words never gives the unknown word a meaning")
    func unknownWord() {
        let trainer = ArticleTrainer(
            from: .xavierUniform(vocabularySize: 3, hiddenSize: 20, classCount: 2, seed: 1),
            on: EncodedExamples(texts: [[0], [1, 0, 2]], labels: [0, 1]),
            learningRate: 0.1
        )
        for step in 0..<10 { trainer.learn(step % 2) }
        let w1 = trainer.parameters.tensors()["w1"]
        #expect(w1?.values.prefix(20).allSatisfy { $0 == 0 } == true)
        #expect(w1?.values.dropFirst(20).contains { $0 != 0 } == true)
    }

    @Test("the start is uniform within Xavier's limits, and differs by seed")
    func start() throws {
        func tensors(_ seed: Int) -> [String: Tensor] {
            ElmanParameters.xavierUniform(
                vocabularySize: 31,
                hiddenSize: 64,
                classCount: 2,
                seed: seed
            ).tensors()
        }
        for (name, rows, columns) in [("w1", 30, 64), ("w2", 64, 64), ("w3", 64, 2)] {
            let limit = Float((6 / Double(rows + columns)).squareRoot())
            let values = try #require(tensors(1)[name]).values.suffix(rows * columns)
            #expect(values.allSatisfy { abs($0) <= limit })
            let mean = values.reduce(0, +) / Float(values.count)
            let square = values.reduce(0) { $0 + $1 * $1 } / Float(values.count)
            // Four standard deviations of the mean, and of the variance, of the smallest tensor.
            #expect(abs(mean) <= limit * 0.21)
            #expect(abs(square / (limit * limit / 3) - 1) <= 0.32)
        }
        #expect(tensors(1) == tensors(1))
        #expect(tensors(1) != tensors(2))
        #expect(tensors(1)["b2"]?.values.allSatisfy { $0 == 0 } == true)
        #expect(tensors(1)["b3"]?.values.allSatisfy { $0 == 0 } == true)
    }
}
