/// Zeroed floats with one owner, aligned to a cache line for the kernels.
package struct FloatBuffer: ~Copyable {
    /// The number of floats.
    package let count: Int
    /// The memory; it dies with the owner.
    package let pointer: UnsafeMutablePointer<Float>

    /// Allocates `count` zeros.
    package init(zeros count: Int) {
        self.count = count
        pointer = UnsafeMutableRawPointer.allocate(
            byteCount: max(count, 1) * MemoryLayout<Float>.stride,
            alignment: 64
        ).bindMemory(to: Float.self, capacity: max(count, 1))
        pointer.update(repeating: 0, count: count)
    }

    deinit { pointer.deallocate() }
}
