import Foundation
import Model

/// Numbers from the independent implementation, `Tests/ModelTests/Fixtures/reference_rnn.py`.
struct NumPyFixture: Decodable {
    struct Gradients: Decodable, Sizes {
        struct Case: Decodable {
            let tokens: [UInt32]
            let label: Int
            let loss: Double
            let gradients: [String: [Double]]
        }
        let vocabularySize: Int
        let hiddenSize: Int
        let classCount: Int
        let weights: [String: [Float]]
        let cases: [Case]
    }

    struct Training: Decodable, Sizes {
        let vocabularySize: Int
        let hiddenSize: Int
        let classCount: Int
        let learningRate: Double
        let weights: [String: [Float]]
        let texts: [[UInt32]]
        let labels: [Int]
        let firstTenLosses: [Double]
        let epochLosses: [Double]
        let clippedElements: Int
        let weightsAfter: [String: [Float]]
    }

    let gradients: [Gradients]
    let training: [Training]

    static func load() throws -> NumPyFixture {
        let path = "Tests/ModelTests/Fixtures/reference_rnn.json"
        let data = try Data(contentsOf: repositoryRoot.appending(path: path))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(NumPyFixture.self, from: data)
    }
}

/// The sizes of a network in the fixture.
protocol Sizes {
    var vocabularySize: Int { get }
    var hiddenSize: Int { get }
    var classCount: Int { get }
}

extension Sizes {
    /// Weights in the kernels' layout, with rows of zeros before those of the words.
    func parameters(_ weights: [String: [Float]], unknownRows: Int = 0) -> ElmanParameters {
        let wordCount = vocabularySize + unknownRows
        let zeros = [Float](repeating: 0, count: unknownRows * hiddenSize)
        let architecture = Architecture(hiddenSize: hiddenSize)
        let shapes = architecture.tensorShapes(
            vocabularySize: wordCount,
            classCount: classCount
        )
        let tensors = shapes.map { name, shape in
            (
                name,
                Tensor(shape: shape, values: (name == "w1" ? zeros : []) + (weights[name] ?? []))
            )
        }
        return ElmanParameters(
            tensors: Dictionary(uniqueKeysWithValues: tensors),
            vocabularySize: wordCount,
            hiddenSize: hiddenSize,
            classCount: classCount
        )
    }
}

let repositoryRoot = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
