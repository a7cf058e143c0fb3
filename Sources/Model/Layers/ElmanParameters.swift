package import CKernels

/// The parameters of an Elman classifier in the layout of the kernels, with one owner.
///
/// Rows are padded with zeros to a multiple of sixteen and W3 is transposed; `CKernels.h` says why.
/// Training changes them in place through `kernel`; serving never does.
package struct ElmanParameters: ~Copyable {
    /// The sizes and pointers that the kernels take, valid as long as this value lives.
    package let kernel: ck_elman
    private let memory: FloatBuffer

    /// Allocates parameters, all zero.
    ///
    /// - Precondition: sizes are positive and passed `Architecture` limits, so that no product of
    ///   them overflows.
    package init(vocabularySize: Int, hiddenSize: Int, classCount: Int) {
        precondition(vocabularySize > 0 && hiddenSize > 0 && classCount > 0, "Sizes are positive")
        let stride = ck_stride(hiddenSize)
        let sizes = [
            vocabularySize * stride, stride * stride, stride, classCount * stride, classCount,
        ]
        memory = FloatBuffer(zeros: sizes.reduce(0, +))
        var next = memory.pointer
        let starts = sizes.map { size in
            defer { next += size }
            return next
        }
        kernel = ck_elman(
            vocabulary_size: vocabularySize,
            hidden_size: hiddenSize,
            class_count: classCount,
            stride: stride,
            w1: starts[0],
            w2: starts[1],
            b2: starts[2],
            w3: starts[3],
            b3: starts[4]
        )
    }

    /// Copies the tensors of a checkpoint into the kernels' layout.
    ///
    /// - Precondition: `tensors` has the shapes of `Architecture.tensorShapes`.
    package init(
        tensors: [String: Tensor],
        vocabularySize: Int,
        hiddenSize: Int,
        classCount: Int
    ) {
        self.init(
            vocabularySize: vocabularySize,
            hiddenSize: hiddenSize,
            classCount: classCount
        )
        func values(_ name: String, _ count: Int) -> [Float] {
            guard let tensor = tensors[name], tensor.values.count == count else {
                preconditionFailure("Tensor \(name) was not checked")
            }
            return tensor.values
        }
        let stride = kernel.stride
        func copyRows(_ source: [Float], to target: UnsafeMutablePointer<Float>) {
            source.withUnsafeBufferPointer { source in
                guard let start = source.baseAddress else { return }
                for row in 0..<source.count / hiddenSize {
                    (target + row * stride).update(
                        from: start + row * hiddenSize,
                        count: hiddenSize
                    )
                }
            }
        }
        copyRows(values("w1", vocabularySize * hiddenSize), to: kernel.w1)
        copyRows(values("w2", hiddenSize * hiddenSize), to: kernel.w2)
        copyRows(values("b2", hiddenSize), to: kernel.b2)
        for (index, value) in values("w3", hiddenSize * classCount).enumerated() {
            kernel.w3[index % classCount * stride + index / classCount] = value
        }
        for (index, value) in values("b3", classCount).enumerated() { kernel.b3[index] = value }
    }

    /// A copy in the shapes of a checkpoint: w1, w2, b2, w3 and b3.
    package func tensors() -> [String: Tensor] {
        let (hidden, classes, stride) = (kernel.hidden_size, kernel.class_count, kernel.stride)
        func rows(_ source: UnsafeMutablePointer<Float>, _ count: Int) -> [Float] {
            (0..<count * hidden).map { source[$0 / hidden * stride + $0 % hidden] }
        }
        return [
            "w1": Tensor(
                shape: [kernel.vocabulary_size, hidden],
                values: rows(kernel.w1, kernel.vocabulary_size)
            ),
            "w2": Tensor(shape: [hidden, hidden], values: rows(kernel.w2, hidden)),
            "b2": Tensor(shape: [hidden], values: rows(kernel.b2, 1)),
            "w3": Tensor(
                shape: [hidden, classes],
                values: (0..<hidden * classes).map {
                    kernel.w3[$0 % classes * stride + $0 / classes]
                }
            ),
            "b3": Tensor(shape: [classes], values: (0..<classes).map { kernel.b3[$0] }),
        ]
    }
}
