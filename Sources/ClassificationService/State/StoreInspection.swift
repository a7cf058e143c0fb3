@preconcurrency internal import Dispatch
internal import Logging
internal import Store
internal import Synchronization

/// Looks whether what is kept is damaged: at the start, when damage was met, and again and again
/// while there is some.
///
/// It reads everything, on a thread of its own; nobody waits for it.
final class StoreInspection: Sendable {
    private struct State {
        /// What was wrong at the last look.
        var damage: String?
        var isSuspected = true
        var isRunning = false
        /// When the last look ended, on the monotonic clock.
        var end: Int?
    }

    private let store: any Store
    private let interval: Int
    private let log: Logger
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "elman.inspect", qos: .utility)

    /// - Parameters:
    ///   - store: what is looked through.
    ///   - interval: from one look to the next, while there is a reason for one.
    ///   - log: learns of damage, and of its end.
    init(_ store: any Store, every interval: Duration, log: Logger) {
        self.store = store
        self.interval = Int(interval / .nanoseconds(1))
        self.log = log
    }

    /// What is wrong; nil if nothing is known to be.
    var damage: String? { state.withLock { $0.damage } }

    /// Asks for a look, because somebody has met damage.
    func suspect() { state.withLock { $0.isSuspected = true } }

    /// Looks if there is a reason and it is time; returns at once.
    func lookIfDue() {
        let isDue = state.withLock { state in
            guard state.isSuspected || state.damage != nil, !state.isRunning else { return false }
            if let end = state.end, monotonicNanoseconds() - end < interval { return false }
            state.isSuspected = false
            state.isRunning = true
            return true
        }
        if isDue { queue.async { [self] in look() } }
    }

    private func look() {
        let before = damage
        var found = before
        do throws(StoreError) {
            found = try store.firstDamage()
        } catch {
            // Another outage says nothing about damage, and is told by whoever meets it.
            if case .corrupt = error { found = "it cannot be read" } else { suspect() }
        }
        state.withLock { state in
            state.damage = found
            state.isRunning = false
            state.end = monotonicNanoseconds()
        }
        guard found != before else { return }
        if let found {
            log.critical("store_damaged", metadata: ["reason": "\(found)"])
        } else {
            log.notice("store_undamaged")
        }
    }
}
