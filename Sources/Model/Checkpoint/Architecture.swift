/// Which network a checkpoint holds, and how large it is.
public struct Architecture: Sendable, Equatable {
    /// The kinds of network that a checkpoint can hold.
    public enum Network: Sendable, Equatable {
        /// The article's: one-hot words, an Elman cell (1990) in one direction, its last state.
        case article(hiddenSize: Int)
        /// A recurrent and a linear path over the same tokens, mixed; either may be missing.
        case mixed(MixedShape)
    }

    /// Hidden sizes that are accepted.
    public static let allowedHiddenSizes = 1...1024
    /// More parameters than this are refused.
    public static let maximumParameters = 20_000_000
    /// More labels than this are refused.
    public static let maximumLabels = 10_000

    /// The network.
    public var network: Network
    /// What its outputs mean; a file says it where texts may have several labels.
    public var output: OutputKind

    /// Creates the description of any network.
    public init(network: Network, output: OutputKind = .oneLabel) {
        self.network = network
        self.output = output
    }

    /// Describes the article's network.
    public init(hiddenSize: Int) { self.init(network: .article(hiddenSize: hiddenSize)) }

    /// The length of a hidden state; 0 without one.
    public var hiddenSize: Int {
        switch network {
        case .article(let hiddenSize): hiddenSize
        case .mixed(let shape): shape.recurrent?.hiddenSize ?? 0
        }
    }

    /// The tensors of this network with their shapes, in the order in which a file lists them.
    public func tensorShapes(
        vocabularySize: Int,
        classCount: Int
    ) -> [(name: String, shape: [Int])] {
        switch network {
        case .article(let hiddenSize):
            return [
                ("w1", [vocabularySize, hiddenSize]),
                ("w2", [hiddenSize, hiddenSize]),
                ("b2", [hiddenSize]),
                ("w3", [hiddenSize, classCount]),
                ("b3", [classCount]),
            ]
        case .mixed(let shape):
            var shapes: [(name: String, shape: [Int])] = []
            if var recurrent = shape.recurrent {
                recurrent.classCount = classCount
                shapes = RecurrentLayout(recurrent).slots.map { ($0.name, [$0.rows, $0.columns]) }
            }
            if shape.featureCount > 0 {
                shapes.append(("linear", [shape.featureCount, classCount]))
                if shape.vectorSize > 0 {
                    shapes.append(("linear.vectors", [shape.vectorSize, classCount]))
                }
            }
            return shapes
        }
    }

    /// The number of parameters, or nil if it does not even fit an integer.
    public func parameterCount(vocabularySize: Int, classCount: Int) -> Int? {
        var total = 0
        for (_, shape) in tensorShapes(vocabularySize: vocabularySize, classCount: classCount) {
            var product = 1
            for extent in shape {
                let (result, overflow) = product.multipliedReportingOverflow(by: extent)
                guard !overflow else { return nil }
                product = result
            }
            let (sum, overflow) = total.addingReportingOverflow(product)
            guard !overflow else { return nil }
            total = sum
        }
        return total
    }
}

extension Architecture: CustomStringConvertible {
    /// The network in a few words.
    public var description: String {
        switch network {
        case .article(let hiddenSize):
            return "the article's Elman network, hidden size \(hiddenSize)"
        case .mixed(let shape):
            let recurrent = shape.recurrent.map { recurrent in
                guard let cell = recurrent.cell else {
                    return "a multilayer perceptron, hidden size \(recurrent.outputHiddenSize)"
                }
                return "\(cell.rawValue) in \(recurrent.directions) directions, "
                    + "hidden size \(recurrent.hiddenSize)"
            }
            let linear =
                shape.featureCount > 0 ? "a perceptron on \(shape.featureCount) features" : nil
            let vectors =
                shape.vectorSize > 0
                ? ", reading word vectors of \(shape.vectorSize) dimensions" : ""
            return [recurrent, linear].compactMap(\.self).joined(separator: " + ") + vectors
                + (output == .multi ? ", several labels a text" : "")
        }
    }
}

/// The sizes of a network of two paths.
public struct MixedShape: Sendable, Equatable {
    /// The recurrent path, or nil without one.
    public var recurrent: RecurrentShape?
    /// Rows of the linear path; 0 without one.
    public var featureCount: Int
    /// Width of the word vectors that both paths read; 0 without them.
    public var vectorSize: Int

    /// Creates sizes.
    public init(recurrent: RecurrentShape?, featureCount: Int, vectorSize: Int = 0) {
        self.recurrent = recurrent
        self.featureCount = featureCount
        self.vectorSize = vectorSize
    }
}
