import Model

/// Tensors of an Elman classifier with weights large enough to bend tanh.
func randomTensors(
    vocabularySize: Int,
    hiddenSize: Int,
    classCount: Int,
    _ random: inout SplitMix
) -> [String: Tensor] {
    let architecture = Architecture(hiddenSize: hiddenSize)
    let shapes = architecture.tensorShapes(vocabularySize: vocabularySize, classCount: classCount)
    var tensors: [String: Tensor] = [:]
    for (name, shape) in shapes {
        let scale: Float = name == "w2" ? 1.2 / Float(hiddenSize).squareRoot() : 0.8
        let values = (0..<shape.reduce(1, *)).map { _ in random.uniform() * scale }
        tensors[name] = Tensor(shape: shape, values: values)
    }
    return tensors
}

/// Indices of `count` words.
func randomWords(_ count: Int, below size: Int, _ random: inout SplitMix) -> [UInt32] {
    (0..<count).map { _ in UInt32.random(in: 0..<UInt32(size), using: &random) }
}
