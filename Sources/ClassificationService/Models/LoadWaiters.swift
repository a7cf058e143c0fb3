internal import Synchronization

/// Requests that came while the service was starting, each for a model that is still to be loaded;
/// no thread waits with them.
final class LoadWaiters: Sendable {
    private struct Waiter: Sendable {
        /// nil for the default model.
        let model: String?
        let bytes: Int
        let action: @Sendable () -> Void
    }

    private let waiting = Mutex<[Waiter]>([])
    private let limit: Int
    private let byteLimit: Int

    /// - Parameters:
    ///   - limit: how many may wait.
    ///   - byteLimit: the bytes that they may hold together.
    init(limit: Int, byteLimit: Int) {
        self.limit = limit
        self.byteLimit = byteLimit
    }

    /// Adds a request, or returns false because there are too many.
    func add(_ model: String?, bytes: Int, _ action: @escaping @Sendable () -> Void) -> Bool {
        waiting.withLock { waiting in
            let held = waiting.reduce(bytes) { $0 + $1.bytes }
            guard waiting.count < limit, held <= byteLimit else { return false }
            waiting.append(Waiter(model: model, bytes: bytes, action: action))
            return true
        }
    }

    /// Lets go those whose model serves, and all when nothing more is to come.
    func release(_ snapshot: ModelSnapshot) {
        release { !snapshot.isStarting || snapshot.card($0.model) != nil }
    }

    func releaseAll() { release { _ in true } }

    private func release(_ isDue: (Waiter) -> Bool) {
        let due = waiting.withLock { waiting in
            let due = waiting.filter(isDue)
            if !due.isEmpty { waiting.removeAll(where: isDue) }
            return due
        }
        for waiter in due { waiter.action() }
    }
}
