internal import Store
internal import Synchronization

/// What becomes of training jobs, counted from this server's start on.
final class JobMetrics: Sendable {
    private static let ends: [JobState] = [.succeeded, .failed, .cancelled]
    /// From a job of four rows to one of a million.
    private static let scale = LatencyHistogram.Scale(
        seconds: [0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3600, 10_000]
    )

    private struct Watch: Sendable {
        /// The jobs whose end has not been counted.
        var open: Set<String> = []
        /// What had changed in the store when it was last read.
        var mark: ChangeMark?
        var waiting = 0
        var running = 0
        /// Workers that have a job, and those that have none.
        var workers = (busy: 0, idle: 0)
        /// When the job was posted that has waited longest, in milliseconds since 1970.
        var oldestWaiting: Int?
    }

    private let ended = Counters(count: JobMetrics.ends.count)
    private let durations = JobMetrics.ends.map { _ in LatencyHistogram(JobMetrics.scale) }
    private let watch = Mutex(Watch())

    /// Remembers a job that was queued here: it may have ended before anybody looks.
    func queued(_ id: String) { _ = watch.withLock { $0.open.insert(id) } }

    /// Counts what has ended; of one thread at a time.
    ///
    /// - Parameters:
    ///   - store: where the jobs are.
    ///   - mark: what has changed in the store; the same as before means that nothing is new.
    /// - Throws: when the store cannot be read; what has ended is counted the next time.
    func follow(_ store: any Store, at mark: ChangeMark) throws(StoreError) {
        let (open, last) = watch.withLock { ($0.open, $0.mark) }
        guard last != mark else { return }
        let unfinished = try store.unfinishedJobs()
        let ids = unfinished.map(\.id)
        for id in open.subtracting(ids) {
            // None at all: ended so long ago that it is forgotten.
            if let job = try store.job(id) {
                guard job.state.isFinal else { continue }
                count(job)
            }
            _ = watch.withLock { $0.open.remove(id) }
        }
        watch.withLock { watch in
            watch.open.formUnion(ids)
            watch.mark = mark
            watch.running = unfinished.count { $0.run != nil }
            watch.waiting = unfinished.count - watch.running
            // A clock that was set back may have made a later job seem older.
            watch.oldestWaiting = unfinished.first { $0.run == nil }?.createdAt
        }
    }

    /// Remembers who trains.
    func note(_ workers: [WorkerRecord]) {
        let busy = workers.count { $0.job != nil }
        watch.withLock { $0.workers = (busy, workers.count - busy) }
    }

    private func count(_ job: Job) {
        guard let index = Self.ends.firstIndex(of: job.state) else { return }
        ended.add(at: index)
        guard let start = job.startedAt, let end = job.finishedAt else { return }
        // The clock may have been set back meanwhile.
        durations[index].record(nanoseconds: max(0, end - start) * 1_000_000)
    }

    func write(to text: inout String) {
        text += "# HELP elman_train_jobs Jobs that have not ended.\n# TYPE elman_train_jobs gauge\n"
        let (waiting, running, oldest, workers) = watch.withLock {
            ($0.waiting, $0.running, $0.oldestWaiting, $0.workers)
        }
        text += "elman_train_jobs{state=\"queued\"} \(waiting)\n"
        text += "elman_train_jobs{state=\"running\"} \(running)\n"
        let now = Int(Timestamp.nowMilliseconds())
        let age = oldest.map { max(0, now - $0) } ?? 0
        let queueAge = "elman_train_queue_age_seconds"
        text += "# HELP \(queueAge) How long the oldest job waits that is queued.\n"
        text += "# TYPE \(queueAge) gauge\n\(queueAge) \(Double(age) / 1000)\n"
        text += "# HELP elman_workers Workers on all machines.\n# TYPE elman_workers gauge\n"
        text += "elman_workers{state=\"busy\"} \(workers.busy)\n"
        text += "elman_workers{state=\"idle\"} \(workers.idle)\n"
        text += "# HELP elman_train_jobs_total Jobs that have ended.\n"
        text += "# TYPE elman_train_jobs_total counter\n"
        for (index, state) in Self.ends.enumerated() {
            text += "elman_train_jobs_total{state=\"\(state.rawValue)\"} \(ended[index])\n"
        }
        let histogram = "elman_train_duration_seconds"
        text += "# HELP \(histogram) From the start of a job's last attempt to its end.\n"
        text += "# TYPE \(histogram) histogram\n"
        for (index, state) in Self.ends.enumerated() {
            durations[index].write(histogram, labels: "state=\"\(state.rawValue)\"", to: &text)
        }
    }
}
