import Foundation
import Model

/// What `Fixtures/reference_rnn.py` wrote: numbers of an independent implementation.
struct ReferenceFixture: Decodable {
    struct Weights: Decodable {
        let w1, w2, b2, w3, b3: [Float]
    }
    struct Forward: Decodable {
        let vocabularySize, hiddenSize, classCount: Int
        let weights: Weights
        let texts: [[UInt32]]
        let probabilities: [[Double]]
    }
    struct Gradients: Decodable {
        struct Case: Decodable {
            let tokens: [UInt32]
            let label: Int
            let loss: Double
            let gradients: [String: [Double]]
        }
        let vocabularySize, hiddenSize, classCount: Int
        let weights: Weights
        let cases: [Case]
    }

    let forward: [Forward]
    let gradients: [Gradients]

    static func load() throws -> ReferenceFixture {
        let url = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().appending(path: "Fixtures/reference_rnn.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(ReferenceFixture.self, from: Data(contentsOf: url))
    }
}

extension ReferenceFixture.Weights {
    func tensors(_ vocabulary: Int, _ hidden: Int, _ classes: Int) -> [String: Tensor] {
        [
            "w1": Tensor(shape: [vocabulary, hidden], values: w1),
            "w2": Tensor(shape: [hidden, hidden], values: w2),
            "b2": Tensor(shape: [hidden], values: b2),
            "w3": Tensor(shape: [hidden, classes], values: w3),
            "b3": Tensor(shape: [classes], values: b3),
        ]
    }
}
