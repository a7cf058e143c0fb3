import Evaluation
import Model
import Testing
import Training

/// The kernels' gradients, held against double precision, finite differences and NumPy.
@Suite struct GradientTests {
    static let names = ["w1", "w2", "b2", "w3", "b3"]

    /// Vocabulary, hidden units, classes, words of the text: odd sizes, one word, repeated words.
    struct Network: CustomTestStringConvertible {
        let vocabulary: Int
        let hidden: Int
        let classes: Int
        let words: [UInt32]
        var testDescription: String { "\(vocabulary)×\(hidden)×\(classes), \(words.count) words" }

        static let all = [
            Network(vocabulary: 5, hidden: 4, classes: 2, words: [1]),
            Network(vocabulary: 7, hidden: 5, classes: 3, words: [3, 1, 6, 3, 2]),
            Network(vocabulary: 9, hidden: 17, classes: 5, words: [8, 8, 8, 2, 0, 5, 1, 4]),
            Network(vocabulary: 20, hidden: 64, classes: 2, words: Array(1..<14)),
        ]

        /// Weights three times as wide as the article's start, so that tanh bends.
        func parameters() -> ElmanParameters {
            let parameters = ElmanParameters.xavierUniform(
                vocabularySize: vocabulary,
                hiddenSize: hidden,
                classCount: classes,
                seed: 7
            )
            var tensors = parameters.tensors()
            for (name, tensor) in tensors {
                let values = tensor.values.enumerated().map { index, value in
                    name.hasPrefix("b") ? Float(index % 5) * 0.1 - 0.2 : value * 3
                }
                tensors[name] = Tensor(shape: tensor.shape, values: values)
            }
            return ElmanParameters(
                tensors: tensors,
                vocabularySize: vocabulary,
                hiddenSize: hidden,
                classCount: classes
            )
        }

        var zeros: ElmanParameters {
            ElmanParameters(vocabularySize: vocabulary, hiddenSize: hidden, classCount: classes)
        }
    }

    @Test(
        "double precision equals central finite differences",
        arguments: Network.all.dropLast()
    )
    func finiteDifferences(_ network: Network) throws {
        let weights = doubles(network.parameters().tensors())
        let label = network.classes - 1
        let gradients = ElmanGradients(weights: weights).gradients(of: network.words, label: label)
        for name in GradientTests.names {
            var numeric: [Double] = []
            for index in try #require(weights[name]).indices {
                func loss(_ step: Double) -> Double {
                    var moved = weights
                    moved[name]![index] += step
                    return ElmanGradients(weights: moved).loss(of: network.words, label: label)
                }
                // Rounding and the third derivative cost about the same here: 1e-10 each.
                numeric.append((loss(1e-5) - loss(-1e-5)) / 2e-5)
            }
            let error = relativeError(try #require(gradients[name]), numeric)
            #expect(error <= 1e-7, "\(name)")
        }
    }

    @Test("single precision equals double precision", arguments: Network.all)
    func kernels(_ network: Network) throws {
        let label = network.classes - 1
        let weights = doubles(network.parameters().tensors())
        let trainer = ArticleTrainer(
            from: network.parameters(),
            on: EncodedExamples(texts: [network.words], labels: [label]),
            learningRate: 0.02
        )
        let sums = network.zeros
        let loss = trainer.addGradients(of: 0, to: sums)
        let reference = ElmanGradients(weights: weights)
        #expect(abs(loss - reference.loss(of: network.words, label: label)) <= 1e-5)
        let gradients = reference.gradients(of: network.words, label: label)
        let single = doubles(sums.tensors())
        for name in GradientTests.names {
            // The bar of the project; float32 gives about 1e-6.
            let error = relativeError(try #require(single[name]), try #require(gradients[name]))
            #expect(error <= 1e-4, "\(name)")
        }
    }

    @Test("single and double precision equal NumPy")
    func numPy() throws {
        for network in try NumPyFixture.load().gradients {
            let weights = doubles(network.parameters(network.weights).tensors())
            for row in network.cases {
                let trainer = ArticleTrainer(
                    from: network.parameters(network.weights),
                    on: EncodedExamples(texts: [row.tokens], labels: [row.label]),
                    learningRate: 0.02
                )
                let sums = ElmanParameters(
                    vocabularySize: network.vocabularySize,
                    hiddenSize: network.hiddenSize,
                    classCount: network.classCount
                )
                #expect(abs(trainer.addGradients(of: 0, to: sums) - row.loss) <= 1e-5)
                let single = doubles(sums.tensors())
                let double = ElmanGradients(weights: weights)
                    .gradients(of: row.tokens, label: row.label)
                for name in GradientTests.names {
                    let expected = try #require(row.gradients[name])
                    #expect(relativeError(try #require(single[name]), expected) <= 1e-4, "\(name)")
                    // The fixture has nine digits.
                    #expect(relativeError(try #require(double[name]), expected) <= 1e-7, "\(name)")
                }
            }
        }
    }

    @Test("the check tells W2 from its transpose")
    func transpose() throws {
        let network = Network.all[1]
        var weights = doubles(network.parameters().tensors())
        let right = ElmanGradients(weights: weights).gradients(of: network.words, label: 0)
        let w2 = try #require(weights["w2"])
        let size = network.hidden
        weights["w2"] = w2.indices.map { w2[$0 % size * size + $0 / size] }
        let wrong = ElmanGradients(weights: weights).gradients(of: network.words, label: 0)
        #expect(relativeError(try #require(right["w1"]), try #require(wrong["w1"])) > 0.05)
    }

    /// `‖a - b‖ / (‖a‖ + ‖b‖)`.
    private func relativeError(_ left: [Double], _ right: [Double]) -> Double {
        #expect(left.count == right.count)
        func norm(_ values: [Double]) -> Double {
            values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        let scale = norm(left) + norm(right)
        return scale == 0 ? 0 : norm(zip(left, right).map { $0 - $1 }) / scale
    }

    private func doubles(_ tensors: [String: Tensor]) -> ElmanGradients.Tensors {
        tensors.mapValues { $0.values.map(Double.init) }
    }
}
