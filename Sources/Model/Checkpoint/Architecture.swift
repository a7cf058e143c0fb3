/// Which network a checkpoint holds, and how large it is.
public struct Architecture: Sendable, Equatable {
    /// The recurrent cell.
    public enum Cell: String, CaseIterable, Sendable {
        /// The vanilla cell of Elman (1990), one direction; the last state is read.
        case elman
    }

    /// Hidden sizes that are accepted.
    public static let allowedHiddenSizes = 1...1024
    /// More parameters than this are refused.
    public static let maximumParameters = 20_000_000
    /// More labels than this are refused.
    public static let maximumLabels = 10_000

    /// The recurrent cell.
    public var cell: Cell
    /// The length of the hidden state.
    public var hiddenSize: Int

    /// Creates a description.
    public init(cell: Cell = .elman, hiddenSize: Int) {
        self.cell = cell
        self.hiddenSize = hiddenSize
    }

    /// The tensors of this network with their shapes, in the order in which a file lists them.
    public func tensorShapes(
        vocabularySize: Int,
        classCount: Int
    ) -> [(name: String, shape: [Int])] {
        switch cell {
        case .elman:
            [
                ("w1", [vocabularySize, hiddenSize]),
                ("w2", [hiddenSize, hiddenSize]),
                ("b2", [hiddenSize]),
                ("w3", [hiddenSize, classCount]),
                ("b3", [classCount]),
            ]
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
