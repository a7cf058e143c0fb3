internal import Logging
internal import Model
internal import Store

extension TrainerQueue {
    /// The jobs of a store.
    ///
    /// - Parameters:
    ///   - store: where they are.
    ///   - isShared: whether trainers of other servers may take them; then a server whose own
    ///     cannot start leaves them to those.
    init(_ store: any Store, isShared: Bool) {
        self.init(
            unfinished: { try store.unfinishedJobs() },
            tryWriting: { try store.tryWriting() },
            cancel: { job in _ = try store.requestCancel(job) },
            release: { worker, reason, countsAsTry in
                try store.releaseJobs(
                    ofWorker: worker,
                    reason: reason,
                    countsAsTry: countsAsTry
                ).count
            },
            failNext: { reason in
                guard !isShared,
                    let claimed = try store.claim(worker: "server", lease: .seconds(10))
                else {
                    return
                }
                let failure = JobFailure(code: "trainer_failed", detail: reason)
                try store.end(claimed.claim, as: .failed(failure))
            }
        )
    }
}

extension TrainerSupervisor {
    /// A supervisor as the operator wants it; nil if jobs are left to trainers elsewhere.
    convenience init?(
        _ settings: ServiceSettings,
        store: any Store,
        log: Logger
    ) {
        guard let path = settings.trainerPath else { return nil }
        var trainer = Settings(path: path, store: settings.trainerStore)
        trainer.trainers = settings.trainers
        trainer.niceness = settings.trainerNiceness
        trainer.threads = settings.trainerThreads.shared(between: settings.trainers)
        self.init(
            settings: trainer,
            queue: TrainerQueue(store, isShared: settings.sharesStore),
            log: log
        )
    }
}
