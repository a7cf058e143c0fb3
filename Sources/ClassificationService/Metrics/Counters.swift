internal import Synchronization

/// A row of counters that any thread may add to.
///
/// `@unchecked Sendable`: the pointer never changes and what it points to is atomic.
final class Counters: @unchecked Sendable {
    let count: Int
    private let cells: UnsafeMutablePointer<Atomic<Int>>

    init(count: Int) {
        self.count = count
        cells = .allocate(capacity: count)
        for index in 0..<count { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: count)
        cells.deallocate()
    }

    func add(_ amount: Int = 1, at index: Int) {
        precondition(index >= 0 && index < count, "counter \(index) of \(count)")
        cells[index].wrappingAdd(amount, ordering: .relaxed)
    }

    subscript(index: Int) -> Int {
        precondition(index >= 0 && index < count, "counter \(index) of \(count)")
        return cells[index].load(ordering: .relaxed)
    }
}
