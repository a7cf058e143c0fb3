internal import Store
internal import Synchronization

/// Clients that wait for the end of a job; no thread waits with them.
final class JobWaiters: Sendable {
    struct Waiter: Sendable {
        let jobID: String
        let deadline: ContinuousClock.Instant
        let pending: PendingAnswer
        /// The seconds that were granted.
        let wait: Int
        /// Further header fields of the answer.
        let headers: [(name: String, value: String)]
        /// What was passed over in the rows of the request.
        let notes: [String]
    }

    private let store: any Store
    private let models: LiveModels
    private let clock: TimeSource
    private let waiting = Mutex<[Waiter]>([])

    init(store: any Store, models: LiveModels, clock: TimeSource) {
        self.store = store
        self.models = models
        self.clock = clock
    }

    /// Adds a waiter, or returns false because there are too many.
    func add(_ waiter: Waiter) -> Bool {
        waiting.withLock { waiting in
            guard waiting.count < Limits.waitingRequests else { return false }
            waiting.append(waiter)
            return true
        }
    }

    /// Answers clients whose job has ended or whose time is over.
    ///
    /// - Parameter everyone: also those who could wait longer, because the server stops.
    func answerFinished(everyone: Bool = false) {
        let ids = waiting.withLock { Set($0.map(\.jobID)) }
        guard !ids.isEmpty else { return }
        var jobs: [String: Job] = [:]
        for id in ids {
            if let job = try? store.job(id) { jobs[id] = job }
        }
        for job in jobs.values { models.catchUp(with: job) }
        let ended = Set(jobs.values.filter { $0.state.isFinal || everyone }.map(\.id))
        for waiter in takeFinished(ended: ended) { answer(waiter, jobs[waiter.jobID]) }
    }

    private func answer(_ waiter: Waiter, _ job: Job?) {
        do throws(ServiceError) {
            guard let job else { throw .storeUnavailable("the job cannot be read") }
            let granted = [(name: "Preference-Applied", value: "wait=\(waiter.wait)")]
            waiter.pending.respond(
                try store.answer(
                    job,
                    job.state.isFinal ? 200 : 202,
                    headers: granted + waiter.headers,
                    notes: waiter.notes
                )
            )
        } catch { waiter.pending.fail(error) }
    }

    /// Forgets clients that have left, and takes out whose waiting is over.
    ///
    /// - Parameter ended: the jobs that have ended.
    /// - Returns: those to be answered.
    private func takeFinished(ended: Set<String>) -> [Waiter] {
        let now = clock.now()
        return waiting.withLock { waiting in
            var finished: [Waiter] = []
            waiting.removeAll { waiter in
                if waiter.pending.isCancelled { return true }
                guard waiter.deadline <= now || ended.contains(waiter.jobID) else { return false }
                finished.append(waiter)
                return true
            }
            return finished
        }
    }
}
