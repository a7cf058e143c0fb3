internal import Store

extension TrainerQueue {
    /// The jobs of a store.
    init(_ store: Store) {
        self.init(
            hasWork: { (try store.jobCounts()[.queued] ?? 0) > 0 },
            release: { worker, reason, countsAsTry in
                try store.releaseJobs(
                    ofWorker: worker,
                    reason: reason,
                    countsAsTry: countsAsTry
                ).count
            },
            failNext: { reason in
                guard let claimed = try store.claim(worker: "server", lease: .seconds(10)) else {
                    return
                }
                try store.fail(claim: claimed.claim, code: "trainer_failed", detail: reason)
            }
        )
    }
}
