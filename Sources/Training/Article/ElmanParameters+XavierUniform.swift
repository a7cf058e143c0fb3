package import Model

extension ElmanParameters {
    /// The article's start: each weight uniform in ±sqrt(6 / (rows + columns)) of its matrix
    /// (Glorot and Bengio 2010), biases 0.
    ///
    /// The row of `<unk>` is zero and does not count for the limit of W1, which the article's
    /// network does not have: an unknown word is no input. Numbers are drawn in the order W1, W2,
    /// W3, each row by row, so that they depend on the sizes and the seed alone.
    ///
    /// - Parameters:
    ///   - vocabularySize: the number of words, `<unk>` included.
    ///   - hiddenSize: the length of the hidden state.
    ///   - classCount: the number of labels.
    ///   - seed: where the random numbers start.
    /// - Returns: new parameters.
    package static func xavierUniform(
        vocabularySize: Int,
        hiddenSize: Int,
        classCount: Int,
        seed: Int
    ) -> ElmanParameters {
        var generator = SplitMix64(seed: UInt64(seed))
        func uniform(rows: Int, columns: Int) -> [Float] {
            let limit = (6 / Double(rows + columns)).squareRoot()
            return (0..<rows * columns).map { _ in Float((2 * generator.unit() - 1) * limit) }
        }
        let unknown = [Float](repeating: 0, count: hiddenSize)
        let w1 = unknown + uniform(rows: vocabularySize - 1, columns: hiddenSize)
        let w2 = uniform(rows: hiddenSize, columns: hiddenSize)
        let w3 = uniform(rows: hiddenSize, columns: classCount)
        return ElmanParameters(
            tensors: [
                "w1": Tensor(shape: [vocabularySize, hiddenSize], values: w1),
                "w2": Tensor(shape: [hiddenSize, hiddenSize], values: w2),
                "b2": Tensor(shape: [hiddenSize], values: unknown),
                "w3": Tensor(shape: [hiddenSize, classCount], values: w3),
                "b3": Tensor(
                    shape: [classCount],
                    values: [Float](repeating: 0, count: classCount)
                ),
            ],
            vocabularySize: vocabularySize,
            hiddenSize: hiddenSize,
            classCount: classCount
        )
    }
}
