internal import Store

extension TrainerQueue {
    /// The jobs of a store.
    init(_ store: any Store) {
        self.init(
            hasWork: { try store.unfinishedJobs().values.contains(.queued) },
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
                let failure = JobFailure(code: "trainer_failed", detail: reason)
                try store.end(claimed.claim, as: .failed(failure))
            }
        )
    }
}
