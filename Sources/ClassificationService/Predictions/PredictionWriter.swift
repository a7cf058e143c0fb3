@preconcurrency internal import Dispatch
internal import Logging
internal import Store
internal import Synchronization

/// Copies remembered predictions from memory to the store, ten times a second and in batches; who
/// is answered never waits for that.
///
/// It takes so much at once and no more. When more is asked than it can write, or the store is
/// away, the oldest that have not been written are left out, and counted.
final class PredictionWriter: Sendable {
    /// At once: so few that others wait for milliseconds only.
    private static let batch = (count: 500, bytes: 1 << 20)
    static let interval = Duration.milliseconds(100)

    private let memory: PredictionMemory
    private let store: any Store
    private let limit: Int
    private let log: Logger
    private let queue = DispatchQueue(label: "elman.predictions")
    private let timer: any DispatchSourceTimer
    private let nextNumber = Atomic<Int>(0)
    private let stored = Atomic<Int>(0)
    private let missed = Atomic<Int>(0)
    /// When it may try again, while the store takes nothing; on the monotonic clock.
    private let notBefore = Mutex<Int?>(nil)

    /// - Parameters:
    ///   - memory: where they come from.
    ///   - store: where they go.
    ///   - limit: how many stay there.
    ///   - log: learns when the store takes none.
    init(_ memory: PredictionMemory, to store: any Store, limit: Int, log: Logger) {
        self.memory = memory
        self.store = store
        self.limit = limit
        self.log = log
        timer = DispatchSource.makeTimerSource(queue: queue)
        let milliseconds = Int(Self.interval / .milliseconds(1))
        timer.schedule(
            deadline: .now() + .milliseconds(milliseconds),
            repeating: .milliseconds(milliseconds)
        )
        timer.setEventHandler { [weak self] in self?.writeIfDue() }
        timer.activate()
    }

    deinit { timer.cancel() }

    /// The number of the first prediction that is not in the store yet.
    var next: Int { nextNumber.load(ordering: .acquiring) }

    /// Writes what is left, and no more.
    func stop() {
        timer.cancel()
        queue.sync { while write() {} }
    }

    /// Writes a batch; after a failure not before a second is over.
    private func writeIfDue() {
        if let time = notBefore.withLock({ $0 }), monotonicNanoseconds() < time { return }
        _ = write()
    }

    /// Writes a batch; returns whether there was one.
    private func write() -> Bool {
        let first = next
        let news = memory.news(from: first, atMost: Self.batch.count, bytes: Self.batch.bytes)
        if news.next == first { return false }
        do throws(StoreError) {
            if !news.predictions.isEmpty {
                try store.remember(news.predictions, atMost: limit)
            }
        } catch {
            let before = notBefore.withLock { time in
                defer { time = monotonicNanoseconds() + 1_000_000_000 }
                return time
            }
            if before == nil {
                log.error("predictions_not_stored", metadata: ["reason": "\(error.clientReason)"])
            }
            return false
        }
        let before = notBefore.withLock { time in
            defer { time = nil }
            return time
        }
        if before != nil { log.notice("predictions_stored_again") }
        nextNumber.store(news.next, ordering: .releasing)
        stored.wrappingAdd(news.predictions.count, ordering: .relaxed)
        missed.wrappingAdd(news.missed, ordering: .relaxed)
        return true
    }

    /// Writes what became of the predictions, as metrics.
    func write(to text: inout String) {
        let name = "elman_predictions_remembered_total"
        text += "# HELP \(name) Predictions that came into the store, or were too many for it.\n"
        text += "# TYPE \(name) counter\n"
        text += "\(name){outcome=\"stored\"} \(stored.load(ordering: .relaxed))\n"
        text += "\(name){outcome=\"missed\"} \(missed.load(ordering: .relaxed))\n"
    }
}
