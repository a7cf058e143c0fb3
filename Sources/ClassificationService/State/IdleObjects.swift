internal import Synchronization

/// Objects that wait to be used again: first by the processor that used them last, whose cache
/// still has them.
///
/// `@unchecked Sendable`: the pointer never changes, what it points to is atomic, and each object
/// is given out once.
final class IdleObjects<Object: AnyObject>: @unchecked Sendable {
    private struct Idle: @unchecked Sendable {
        let object: Object
    }

    private typealias Slot = Atomic<UnsafeRawPointer?>

    private static var stride: Int { Processor.lineBytes / MemoryLayout<Slot>.stride }

    /// One for each processor, on a line of its own.
    private let slots: UnsafeMutablePointer<Slot>
    private let others = Mutex<[Idle]>([])
    private let capacity: Int

    /// - Parameter capacity: how many wait beside those of the processors.
    init(capacity: Int = 64) {
        self.capacity = capacity
        let count = Processor.count * Self.stride
        slots = UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<Slot>.stride,
            alignment: Processor.lineBytes
        ).bindMemory(to: Slot.self, capacity: count)
        for index in 0..<count { (slots + index).initialize(to: Slot(nil)) }
    }

    deinit {
        let count = Processor.count * Self.stride
        for index in 0..<count { _ = Self.object(slots[index].load(ordering: .acquiring)) }
        slots.deinitialize(count: count)
        UnsafeMutableRawPointer(slots).deallocate()
    }

    /// Takes one out; nil if none waits.
    func take() -> Object? {
        let slot = Processor.current * Self.stride
        if let found = Self.object(slots[slot].exchange(nil, ordering: .acquiring)) { return found }
        return others.withLock { $0.popLast() }?.object
    }

    /// Puts one back.
    func keep(_ object: Object) {
        let kept = UnsafeRawPointer(Unmanaged.passRetained(object).toOpaque())
        let slot = Processor.current * Self.stride
        let isKept = slots[slot].compareExchange(
            expected: nil,
            desired: kept,
            successOrdering: .releasing,
            failureOrdering: .relaxed
        ).exchanged
        guard !isKept, let object = Self.object(kept) else { return }
        let idle = Idle(object: object)
        others.withLock { if $0.count < capacity { $0.append(idle) } }
    }

    /// The object of a slot, with the reference that the slot held.
    private static func object(_ pointer: UnsafeRawPointer?) -> Object? {
        pointer.map { Unmanaged<Object>.fromOpaque($0).takeRetainedValue() }
    }
}
