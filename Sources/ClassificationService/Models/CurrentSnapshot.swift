internal import Synchronization

/// The snapshot that serves, in a copy for each processor: who takes one writes nothing that
/// another processor looks at.
final class CurrentSnapshot: Sendable {
    /// A copy and its lock, with memory of their own around them.
    private final class Slot: Sendable {
        let snapshot: Mutex<ModelSnapshot>
        private let distance = InlineArray<16, Int>(repeating: 0)

        init(_ snapshot: ModelSnapshot) { self.snapshot = Mutex(snapshot) }
    }

    private let slots: [Slot]

    init(_ snapshot: ModelSnapshot) {
        slots = (0..<Processor.count).map { _ in Slot(ModelSnapshot(copying: snapshot)) }
    }

    /// What serves at this moment.
    var value: ModelSnapshot { slots[Processor.current].snapshot.withLock { $0 } }

    /// Makes another serve: for all processors at once, so that nobody sees the older after the
    /// newer.
    func replace(with snapshot: ModelSnapshot) { replace(with: snapshot, from: 0) }

    /// Holds the locks of all slots before it until those from `index` on have changed.
    private func replace(with snapshot: ModelSnapshot, from index: Int) {
        guard index < slots.count else { return }
        slots[index].snapshot.withLock {
            $0 = ModelSnapshot(copying: snapshot)
            replace(with: snapshot, from: index + 1)
        }
    }
}
