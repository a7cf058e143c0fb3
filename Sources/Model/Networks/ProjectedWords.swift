/// The known words of a recurrent network, worked out ahead: their inputs x and, of each direction,
/// what a step reads of them (`RecurrentLayer.project`), so that serving a known word costs a copy
/// of its input.
///
/// `@unchecked Sendable`: what the buffers hold is written by `init` alone.
final class ProjectedWords: @unchecked Sendable {
    let inputSize: Int
    /// Values that a step of one direction reads of a word.
    let width: Int
    /// (words × inputSize).
    let inputs: UnsafePointer<Float>
    /// For each direction (words × width).
    let projections: [UnsafePointer<Float>]
    private let memory: [ScalarBuffer<Float>]

    /// Reads every form of `forms`.
    ///
    /// - Complexity: O(words · inputSize · width); about 3 ms for 2,000 words of the usual sizes.
    init(
        _ network: RecurrentNetwork<Float>,
        forms: WordForms,
        parameters: UnsafePointer<Float>
    ) {
        let shape = network.shape
        inputSize = shape.inputSize
        width = shape.stepInputSize
        let count = forms.count
        let inputs = ScalarBuffer<Float>(count: count * shape.inputSize)
        for form in 0..<count {
            network.readInput(
                wordRow: forms.wordRows[form],
                subwords: forms.subwords[forms.subwordRange(Int32(form))],
                vectorRow: forms.vectorRows[form],
                parameters: parameters,
                into: inputs.pointer + form * shape.inputSize
            )
        }
        let projections = network.layout.directions.indices.map { direction in
            let projected = ScalarBuffer<Float>(count: count * shape.stepInputSize)
            network.project(
                inputs.pointer,
                rows: count,
                direction: direction,
                parameters: parameters,
                into: projected.pointer
            )
            return projected
        }
        self.inputs = UnsafePointer(inputs.pointer)
        self.projections = projections.map { UnsafePointer($0.pointer) }
        memory = [inputs] + projections
    }
}

extension RecurrentNetwork {
    /// `x = words[wordRow] + mean(subwords) + vector·W`, inputSize scalars to `target`; a row
    /// below 0 stands for no vector.
    @_specialize(where Scalar == Float)
    func readInput(
        wordRow: Int32,
        subwords: ArraySlice<Int32>,
        vectorRow: Int32 = -1,
        parameters: ConstPointer,
        into target: Pointer
    ) {
        let width = shape.inputSize
        target.update(
            from: parameters + layout.words.offset + Int(wordRow) * width,
            count: width
        )
        let share = 1 / Scalar(max(subwords.count, 1))
        subwords.withUnsafeBufferPointer { rows in
            guard let ids = rows.baseAddress else { return }
            withUnsafePointer(to: share) { share in
                Scalar.gather(
                    target,
                    table: parameters + layout.subwords.offset,
                    ids: ids,
                    values: share,
                    step: 0,
                    count: rows.count,
                    columns: width
                )
            }
        }
        guard vectorRow >= 0, let vectors else { return }
        withUnsafeTemporaryAllocation(of: Scalar.self, capacity: shape.vectorSize) { vector in
            guard let vector = vector.baseAddress else { return }
            read(vectors, row: vectorRow, into: vector)
            Scalar.product(
                target,
                stride: width,
                vector,
                row: shape.vectorSize,
                step: 1,
                parameters + layout.vectors.offset,
                stride: width,
                rows: 1,
                inner: shape.vectorSize,
                columns: width
            )
        }
    }

    /// A word vector as the recurrent path reads it, vectorSize scalars to `target`; 0 for a row
    /// below 0.
    func read(_ vectors: WordVectors, row: Int32, into target: Pointer) {
        target.zero(count: shape.vectorSize)
        if row >= 0 { vectors.add(row: row, times: 3, to: target) }
    }

    /// What the steps of one direction read of `x`, (rows × stepInputSize).
    @_specialize(where Scalar == Float)
    func project(
        _ x: ConstPointer,
        rows: Int,
        direction: Int,
        parameters: ConstPointer,
        into out: Pointer
    ) {
        layer?.project(x, rows: rows, weights: weights(of: direction, parameters), into: out)
    }
}
