internal import Synchronization

/// Whether the service is about to stop: it then takes no more work.
final class Drain: Sendable {
    private let hasBegun = Atomic<Bool>(false)

    var isDraining: Bool { hasBegun.load(ordering: .relaxed) }

    func begin() { hasBegun.store(true, ordering: .relaxed) }
}
