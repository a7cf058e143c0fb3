internal import Synchronization

/// A row of counters that any thread may add to.
///
/// Each processor adds to cells of its own; who reads sums them up.
///
/// `@unchecked Sendable`: the pointer never changes and what it points to is atomic.
final class Counters: @unchecked Sendable {
    let count: Int
    private let cells: UnsafeMutablePointer<Atomic<Int>>
    /// From the cells of one processor to those of the next: whole lines.
    private let stride: Int

    init(count: Int) {
        self.count = count
        let perLine = Processor.lineBytes / MemoryLayout<Atomic<Int>>.stride
        stride = (count + perLine - 1) / perLine * perLine
        let total = stride * Processor.count
        cells = UnsafeMutableRawPointer.allocate(
            byteCount: total * MemoryLayout<Atomic<Int>>.stride,
            alignment: Processor.lineBytes
        ).bindMemory(to: Atomic<Int>.self, capacity: total)
        for index in 0..<total { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: stride * Processor.count)
        UnsafeMutableRawPointer(cells).deallocate()
    }

    /// One counter of a row that somebody else keeps alive; using it counts no reference.
    struct Cell: @unchecked Sendable {
        fileprivate let first: UnsafeMutablePointer<Atomic<Int>>
        fileprivate let stride: Int

        func add(_ amount: Int = 1) {
            first[Processor.current * stride].wrappingAdd(amount, ordering: .relaxed)
        }
    }

    func cell(at index: Int) -> Cell {
        precondition(index >= 0 && index < count, "counter \(index) of \(count)")
        return Cell(first: cells + index, stride: stride)
    }

    func add(_ amount: Int = 1, at index: Int) { cell(at: index).add(amount) }

    subscript(index: Int) -> Int {
        precondition(index >= 0 && index < count, "counter \(index) of \(count)")
        return (0..<Processor.count).reduce(0) {
            $0 &+ cells[$1 * stride + index].load(ordering: .relaxed)
        }
    }
}
