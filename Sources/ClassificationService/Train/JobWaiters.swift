internal import HTTPServer
internal import Synchronization

/// Clients that wait for the end of a job; no thread waits with them.
final class JobWaiters: Sendable {
    struct Waiter: Sendable {
        let jobID: String
        let deadline: ContinuousClock.Instant
        let responder: HTTPResponder
        let requestID: RequestID
        /// When the request was complete, on the monotonic clock.
        let start: Int
        /// The seconds that were granted.
        let wait: Int
        /// Further header fields of the answer.
        let headers: [(name: String, value: String)]
        /// What was passed over in the rows of the request.
        let notes: [String]
    }

    private let waiting = Mutex<[Waiter]>([])

    /// Adds a waiter, or returns false because there are too many.
    func add(_ waiter: Waiter) -> Bool {
        waiting.withLock { waiting in
            guard waiting.count < Limits.waitingRequests else { return false }
            waiting.append(waiter)
            return true
        }
    }

    var isEmpty: Bool { waiting.withLock { $0.isEmpty } }

    /// The jobs that are waited for.
    var jobIDs: Set<String> { waiting.withLock { Set($0.map(\.jobID)) } }

    /// Forgets clients that have left, and takes out whose waiting is over.
    ///
    /// - Parameters:
    ///   - ended: the jobs that have ended.
    ///   - now: the time, to compare with deadlines.
    /// - Returns: those to be answered.
    func takeFinished(ended: Set<String>, now: ContinuousClock.Instant = .now) -> [Waiter] {
        waiting.withLock { waiting in
            var finished: [Waiter] = []
            waiting.removeAll { waiter in
                if waiter.responder.isCancelled { return true }
                guard waiter.deadline <= now || ended.contains(waiter.jobID) else { return false }
                finished.append(waiter)
                return true
            }
            return finished
        }
    }
}
