/// Where each tensor of a language model stands in its flat parameter buffer: first those of the
/// recurrent network, then those that only predicting needs.
package struct LanguageModelLayout: Sendable {
    /// The recurrent network, without pooling and output: what a classifier begins with.
    package let network: RecurrentLayout
    /// For each direction A (hidden × inputs), from a state to the rows of words.
    let contexts: [ParameterSlot]
    /// The rows of the end of a text and of an unknown word.
    let marks: ParameterSlot
    /// For each direction b, one for each word class.
    let biases: [ParameterSlot]
    /// Scalars of all tensors.
    package let count: Int

    init(_ shape: RecurrentShape, classCount: Int) {
        network = RecurrentLayout(shape)
        var offset = network.count
        func add(_ name: String, _ rows: Int, _ columns: Int) -> ParameterSlot {
            defer { offset += rows * columns }
            return ParameterSlot(name: name, rows: rows, columns: columns, offset: offset)
        }
        contexts = (0..<shape.directions).map {
            add("context.\($0)", shape.hiddenSize, shape.inputSize)
        }
        marks = add("marks", 2, shape.inputSize)
        biases = (0..<shape.directions).map { add("bias.\($0)", 1, classCount) }
        count = offset
    }

    /// All tensors.
    package var slots: [ParameterSlot] { network.slots + contexts + [marks] + biases }
    /// The scalars of which a pass adds up the gradient: neither rows of tables nor what belongs to
    /// one word class.
    package var shared: Range<Int> { network.denseOffset..<marks.offset }
    /// All that are no rows of tables.
    package var dense: Range<Int> { network.denseOffset..<count }
}
