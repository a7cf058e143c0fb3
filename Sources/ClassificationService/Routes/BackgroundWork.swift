internal import Dispatch
internal import Synchronization

/// Runs what may take its time, so that no thread of the HTTP server has to.
final class BackgroundWork: Sendable {
    /// How long a request may take, waiting included.
    let timeLimit: Duration
    private let queue: DispatchQueue
    private let waiting = Atomic<Int>(0)
    private let waitingBytes = Atomic<Int>(0)
    private let limit: Int
    private let byteLimit: Int

    /// - Parameters:
    ///   - name: what the threads are called.
    ///   - isSerial: whether one piece of work follows the other.
    ///   - timeLimit: how long a request may take, waiting included.
    ///   - limit: pieces of work that may be under way or wait.
    ///   - byteLimit: the bytes that they may hold together, unless there is only one.
    init(name: String, isSerial: Bool, timeLimit: Duration, limit: Int, byteLimit: Int) {
        self.timeLimit = timeLimit
        queue = DispatchQueue(label: "elman.\(name)", attributes: isSerial ? [] : .concurrent)
        self.limit = limit
        self.byteLimit = byteLimit
    }

    /// Starts `work`, or returns false because too much is under way.
    func start(bytes: Int, _ work: @escaping @Sendable () -> Void) -> Bool {
        let (_, count) = waiting.wrappingAdd(1, ordering: .relaxed)
        let (bytesBefore, bytesNow) = waitingBytes.wrappingAdd(bytes, ordering: .relaxed)
        guard count <= limit, bytesNow <= byteLimit || bytesBefore == 0 else {
            end(bytes)
            return false
        }
        queue.async {
            work()
            self.end(bytes)
        }
        return true
    }

    private func end(_ bytes: Int) {
        waiting.wrappingSubtract(1, ordering: .relaxed)
        waitingBytes.wrappingSubtract(bytes, ordering: .relaxed)
    }
}
