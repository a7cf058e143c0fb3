internal import Glibc

/// Memory for `count` scalars that grows and is reused, aligned to a cache line for the kernels; a
/// workspace is made of these.
///
/// Contents are undefined after `reserve` grows it. One owner, one thread at a time.
package final class ScalarBuffer<Element: BitwiseCopyable> {
    // Checking at run time that accesses do not overlap would cost more than many of them; nothing
    // but `reserve` writes here, and it calls nobody meanwhile.
    @exclusivity(unchecked) private(set) package var pointer: UnsafeMutablePointer<Element>
    @exclusivity(unchecked) private var capacity: Int

    package init(count: Int = 0) {
        capacity = max(count, 16)
        pointer = ScalarBuffer.allocate(capacity)
    }

    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Element> {
        let byteCount = count * MemoryLayout<Element>.stride
        let isLarge = byteCount >= 2 * ScalarBuffer.largePage
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: byteCount,
            alignment: isLarge ? ScalarBuffer.largePage : 64
        )
        // Rows of large tables are read in no order: fewer pages, fewer walks through their tables.
        // Where the kernel has none, it costs only time.
        if isLarge { madvise(memory, byteCount, MADV_HUGEPAGE) }
        return memory.bindMemory(to: Element.self, capacity: count)
    }

    private static var largePage: Int { 2 << 20 }

    deinit {
        pointer.deallocate()
    }

    /// Makes room for `count` scalars and returns where they are.
    @discardableResult
    package func reserve(_ count: Int) -> UnsafeMutablePointer<Element> {
        if count > capacity {
            pointer.deallocate()
            capacity = max(count, capacity * 2)
            pointer = ScalarBuffer.allocate(capacity)
        }
        return pointer
    }

    /// Makes room for `count` scalars, each zero.
    @discardableResult
    package func zeros(_ count: Int) -> UnsafeMutablePointer<Element> {
        reserve(count).zero(count: count)
        return pointer
    }
}

extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
    /// Makes `count` numbers zero.
    ///
    /// `update(repeating:)` goes through the type's witness, one number at a time, where it is not
    /// specialized; all bits zero is zero for every number.
    func zero(count: Int) {
        memset(self, 0, count * MemoryLayout<Pointee>.stride)
    }
}
