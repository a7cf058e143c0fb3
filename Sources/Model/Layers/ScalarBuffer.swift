/// Memory for `count` scalars that grows and is reused; a workspace is made of these.
///
/// Contents are undefined after `reserve` grows it. One owner, one thread at a time.
package final class ScalarBuffer<Element: BitwiseCopyable> {
    private(set) package var pointer: UnsafeMutablePointer<Element>
    private var capacity: Int

    package init(count: Int = 0) {
        capacity = max(count, 16)
        pointer = .allocate(capacity: capacity)
    }

    deinit {
        pointer.deallocate()
    }

    /// Makes room for `count` scalars and returns where they are.
    @discardableResult
    package func reserve(_ count: Int) -> UnsafeMutablePointer<Element> {
        if count > capacity {
            pointer.deallocate()
            capacity = max(count, capacity * 2)
            pointer = .allocate(capacity: capacity)
        }
        return pointer
    }

    /// Makes room for `count` scalars, each `value`.
    @discardableResult
    package func fill(_ count: Int, with value: Element) -> UnsafeMutablePointer<Element> {
        reserve(count).update(repeating: value, count: count)
        return pointer
    }
}
