internal import CMalloc
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
    /// What so large a body has used is given back to the system at once.
    private static let largeBytes = 1 << 20

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
            // Behind this block, which holds what the work has used.
            if bytes > Self.largeBytes { self.queue.async { return_free_memory() } }
        }
        return true
    }

    private func end(_ bytes: Int) {
        waiting.wrappingSubtract(1, ordering: .relaxed)
        waitingBytes.wrappingSubtract(bytes, ordering: .relaxed)
    }
}

extension BackgroundWork {
    /// What may wait for the store.
    static func background(_ limits: Limits) -> BackgroundWork {
        BackgroundWork(
            name: "background",
            isSerial: false,
            timeLimit: .seconds(30),
            limit: Limits.waitingRequests,
            byteLimit: max(64 << 20, limits.trainBodyBytes)
        )
    }

    /// Explanations: one after the other, so that they take one core at most.
    static func explanations(_ limits: Limits) -> BackgroundWork {
        BackgroundWork(
            name: "explanations",
            isSerial: true,
            timeLimit: .seconds(10),
            limit: Limits.waitingExplanations,
            byteLimit: Limits.waitingExplanations * limits.classifyBodyBytes
        )
    }

    /// Evaluations and comparisons, likewise.
    static func evaluations(_ limits: Limits) -> BackgroundWork {
        BackgroundWork(
            name: "evaluations",
            isSerial: true,
            timeLimit: .seconds(60),
            limit: Limits.waitingEvaluations,
            byteLimit: max(64 << 20, limits.trainBodyBytes)
        )
    }

    /// Exports of data sets, each of which waits for its client to read.
    static func exports() -> BackgroundWork {
        BackgroundWork(
            name: "exports",
            isSerial: false,
            timeLimit: .seconds(30),
            limit: Limits.exports,
            byteLimit: 0
        )
    }
}
