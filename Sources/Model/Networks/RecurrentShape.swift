/// The sizes of a recurrent network, and where each tensor stands in its flat parameter buffer.
public struct RecurrentShape: Sendable, Equatable {
    /// The cell, or nil for a network without recurrence (mean of inputs, the perceptrons).
    public var cell: CellKind?
    /// 1: forward only; 2: forward and backward.
    public var directions: Int
    /// Width E of an input x_t.
    public var inputSize: Int
    /// Width H of a state, per direction.
    public var hiddenSize: Int
    /// What is concatenated into the text's vector, in this order.
    public var pooling: [Pooling]
    /// Units of a tanh layer between the text's vector and the output; 0 for none.
    public var outputHiddenSize: Int
    /// The number of labels.
    public var classCount: Int
    /// Rows of the word table; row 0 is `<unk>`.
    public var wordCount: Int
    /// Rows of the sub-word table.
    public var subwordCount: Int
    /// Width of the word vectors that are added to the inputs; 0 without them.
    public var vectorSize: Int

    /// Creates a shape.
    public init(
        cell: CellKind?,
        directions: Int,
        inputSize: Int,
        hiddenSize: Int,
        pooling: [Pooling],
        outputHiddenSize: Int = 0,
        classCount: Int,
        wordCount: Int,
        subwordCount: Int,
        vectorSize: Int = 0
    ) {
        self.cell = cell
        self.directions = directions
        self.inputSize = inputSize
        self.hiddenSize = hiddenSize
        self.pooling = pooling
        self.outputHiddenSize = outputHiddenSize
        self.classCount = classCount
        self.wordCount = wordCount
        self.subwordCount = subwordCount
        self.vectorSize = vectorSize
    }

    /// What stands for a recurrent path that is not there.
    static func none(classCount: Int) -> RecurrentShape {
        RecurrentShape(
            cell: nil,
            directions: 1,
            inputSize: 1,
            hiddenSize: 1,
            pooling: [.inputs],
            classCount: classCount,
            wordCount: 1,
            subwordCount: 0
        )
    }

    /// Width of the states of all directions.
    var stateWidth: Int { cell == nil ? 0 : directions * hiddenSize }

    /// Width of the text's vector.
    var pooledWidth: Int {
        pooling.reduce(0) { $0 + ($1 == .inputs ? inputSize : stateWidth) }
    }

    /// Width of what the output layer reads.
    var outputWidth: Int { outputHiddenSize > 0 ? outputHiddenSize : pooledWidth }

    /// Gates of the cell: U is this many times `hiddenSize` wide.
    var gateCount: Int { cell?.cell(Float.self).gateCount ?? 0 }
    /// Values that a step reads of a token.
    var stepInputSize: Int { (cell?.cell(Float.self).inputCount ?? 0) * hiddenSize }
}

/// One named tensor in a flat parameter buffer, row-major.
public struct ParameterSlot: Sendable, Equatable {
    /// The name in a checkpoint, such as `forward.wx`.
    public var name: String
    /// The number of rows.
    public var rows: Int
    /// The number of columns.
    public var columns: Int
    /// Where the first scalar stands in the buffer.
    public var offset: Int

    /// Scalars of the tensor.
    public var count: Int { rows * columns }
}

/// The tensors of a recurrent network: first the two tables, whose gradients are sparse, then the
/// dense ones.
package struct RecurrentLayout: Sendable {
    package private(set) var slots: [ParameterSlot] = []
    package let words: ParameterSlot
    package let subwords: ParameterSlot
    /// From word vectors to inputs.
    let vectors: ParameterSlot
    struct Direction: Sendable {
        var wx, u, v, b, c: ParameterSlot
    }
    let directions: [Direction]
    let attention: ParameterSlot
    let hiddenWeights: ParameterSlot
    let hiddenBias: ParameterSlot
    let outputWeights: ParameterSlot
    package let outputBias: ParameterSlot

    package init(_ shape: RecurrentShape) {
        var slots: [ParameterSlot] = []
        var offset = 0
        func add(_ name: String, _ rows: Int, _ columns: Int) -> ParameterSlot {
            let slot = ParameterSlot(name: name, rows: rows, columns: columns, offset: offset)
            if slot.count > 0 { slots.append(slot) }
            offset += slot.count
            return slot
        }
        words = add("words", shape.wordCount, shape.inputSize)
        subwords = add("subwords", shape.subwordCount, shape.inputSize)
        vectors = add("vectors.w", shape.vectorSize, shape.inputSize)
        let width = shape.gateCount * shape.hiddenSize
        let cell = shape.cell?.cell(Float.self)
        let hasRecurrentBias = cell?.hasRecurrentBias ?? false
        let projectedWidth = (cell?.projectedCount ?? 0) * shape.hiddenSize
        directions = (0..<(shape.cell == nil ? 0 : shape.directions)).map { direction in
            let name = direction == 0 ? "forward" : "backward"
            return Direction(
                wx: add("\(name).wx", shape.inputSize, projectedWidth),
                u: add("\(name).u", shape.hiddenSize, width),
                v: add("\(name).v", shape.hiddenSize, cell?.hasCandidate == true ? width : 0),
                b: add("\(name).b", 1, width),
                c: add("\(name).c", 1, hasRecurrentBias ? shape.hiddenSize : 0)
            )
        }
        attention = add(
            "attention",
            1,
            shape.pooling.contains(.attention) ? shape.stateWidth : 0
        )
        hiddenWeights = add("hidden.w", shape.pooledWidth, shape.outputHiddenSize)
        hiddenBias = add("hidden.b", 1, shape.outputHiddenSize)
        outputWeights = add("output.w", shape.outputWidth, shape.classCount)
        outputBias = add("output.b", 1, shape.classCount)
        self.slots = slots
        count = offset
    }

    /// Scalars of all tensors.
    package let count: Int
    /// Where the dense tensors begin: everything before is a row of a table.
    package var denseOffset: Int { words.count + subwords.count }
    package var denseCount: Int { count - denseOffset }
}
