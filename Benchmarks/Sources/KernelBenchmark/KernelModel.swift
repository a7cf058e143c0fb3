import CKernels
import Model

/// The weights of a checkpoint in the kernels' layout, made here by hand.
struct KernelModel {
    var kernel: ck_elman

    /// Memory is left to the end of the process.
    init(_ tensors: [String: Tensor]) {
        func shape(_ name: String) -> [Int] { tensors[name]?.shape ?? [] }
        let (vocabulary, hidden, classes) = (shape("w1")[0], shape("w1")[1], shape("w3")[1])
        let stride = ck_stride(hidden)
        func rows(_ name: String, _ count: Int, by columnCount: Int, isTransposed: Bool = false)
            -> UnsafeMutablePointer<Float>
        {
            let memory = UnsafeMutableRawPointer.allocate(
                byteCount: count * stride * 4,
                alignment: 64
            ).bindMemory(to: Float.self, capacity: count * stride)
            memory.update(repeating: 0, count: count * stride)
            for (index, value) in (tensors[name]?.values ?? []).enumerated() {
                let (row, column) = index.quotientAndRemainder(dividingBy: columnCount)
                memory[isTransposed ? column * stride + row : row * stride + column] = value
            }
            return memory
        }
        kernel = ck_elman(
            vocabulary_size: vocabulary,
            hidden_size: hidden,
            class_count: classes,
            stride: stride,
            w1: rows("w1", vocabulary, by: hidden),
            w2: rows("w2", stride, by: hidden),
            b2: rows("b2", 1, by: hidden),
            w3: rows("w3", classes, by: classes, isTransposed: true),
            b3: rows("b3", 1, by: classes)
        )
    }
}
