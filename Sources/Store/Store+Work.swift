public import Examples

extension Store {
    /// How often a job is tried before it counts as failed.
    public static let maximumAttempts = 3

    /// Gives the oldest queued job to a worker.
    ///
    /// Jobs whose workers have been silent for their whole lease are taken back first.
    ///
    /// - Parameters:
    ///   - worker: who asks; `releaseJobs(ofWorker:reason:)` goes by this name.
    ///   - lease: how long the worker may stay silent; it should report several times in it.
    /// - Returns: the job, now running; nil when nothing is queued.
    /// - Throws: when the store cannot be read or written.
    public func claim(worker: String, lease: Duration) throws(StoreError) -> ClaimedJob? {
        try reclaimSilentJobs()
        // Without the write lock first: the usual answer is that nothing is there.
        let isQueueEmpty = try read { connection throws(StoreError) in
            try connection.row("SELECT 1 FROM jobs WHERE state = 'queued' LIMIT 1") { _ in true }
                == nil
        }
        if isQueueEmpty { return nil }
        let job = try write { connection throws(StoreError) -> Job? in
            let id = try connection.row(
                """
                UPDATE jobs SET state = 'running', attempt = attempt + 1, worker = ?,
                    heartbeat = heartbeat + 1, lease_milliseconds = ?, started_at = ?,
                    epoch = NULL, epochs = NULL, loss = NULL, accuracy = NULL, seconds_left = NULL
                WHERE sequence = (SELECT min(sequence) FROM jobs WHERE state = 'queued')
                RETURNING id
                """,
                .text(worker),
                .integer(Int(lease / .milliseconds(1))),
                .integer(wallClock())
            ) { $0.text(0) }
            guard let id else { return nil }
            return try self.job(id, connection)
        }
        guard let job else { return nil }
        return ClaimedJob(
            claim: Claim(job: job.id, attempt: job.attempt),
            job: job,
            examples: try examples(ofJob: job.id)
        )
    }

    /// The rows that a job trains on, in the order in which they were submitted.
    public func examples(ofJob id: String) throws(StoreError) -> [Example] {
        try read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT label, text FROM examples
                WHERE dataset = (SELECT dataset FROM jobs WHERE id = ?) ORDER BY id
                """,
                .text(id)
            ) { Example(label: $0.text(0), text: $0.text(1)) }
        }
    }

    /// Tells how far a job has come, which also renews its lease.
    ///
    /// A few times a second is often enough.
    ///
    /// - Returns: whether to go on.
    public func report(_ progress: JobProgress, claim: Claim) throws(StoreError) -> Directive {
        // Nobody misses the last epoch's figures after a power cut.
        let isCancelRequested = try write(isDurable: false) { connection throws(StoreError) in
            try connection.row(
                """
                UPDATE jobs SET heartbeat = heartbeat + 1, epoch = ?, epochs = ?, loss = ?,
                    accuracy = ?, seconds_left = ?
                WHERE id = ? AND attempt = ? AND state = 'running'
                RETURNING cancel_requested
                """,
                .integer(progress.epoch),
                .integer(progress.epochs),
                SQLValue(progress.loss),
                SQLValue(progress.accuracy),
                SQLValue(progress.secondsLeft),
                .text(claim.job),
                .integer(claim.attempt)
            ) { $0.int(0) != 0 }
        }
        guard let isCancelRequested else { return .lost }
        return isCancelRequested ? .cancel : .continue
    }

    /// Stores a job's result: version, checkpoint, what is live and the job's end, in one
    /// transaction.
    ///
    /// - Throws: `claimLost` when the job is no longer the claim's; `cancelled` when it was to be
    ///   cancelled, which it then is. In both cases nothing is published.
    public func publish(
        _ publication: Publication,
        claim: Claim
    ) throws(StoreError) -> Published {
        let published = try write { connection throws(StoreError) -> Published? in
            let job = try self.job(claim, connection)
            if job.isCancelRequested {
                try self.end(claim, state: .cancelled, connection)
                return nil
            }
            let model = try self.findOrMake(job.model, connection)
            let isPromoted = job.promotion == .always
            let reason =
                isPromoted
                ? "the job asked for promotion always" : "the job asked for promotion never"
            let version = try self.insertVersion(
                NewVersion(
                    digest: publication.digest,
                    bytes: publication.checkpoint,
                    origin: .job,
                    job: job.id,
                    dataDigest: job.dataDigest,
                    metrics: publication.metrics,
                    reason: reason
                ),
                of: model,
                connection
            )
            if isPromoted { try self.makeLive(version, of: model, by: "job", connection) }
            try connection.run(
                "UPDATE jobs SET version = ?, promoted = ?, reason = ?, metrics = ? WHERE id = ?",
                .integer(version),
                SQLValue(isPromoted),
                .text(reason),
                .blob(publication.metrics),
                .text(job.id)
            )
            try self.end(claim, state: .succeeded, connection)
            return Published(version: version, isPromoted: isPromoted, reason: reason)
        }
        guard let published else { throw .cancelled(job: claim.job) }
        return published
    }

    /// Ends a job as failed.
    ///
    /// - Throws: `claimLost` when the job is no longer the claim's.
    public func fail(claim: Claim, code: String, detail: String) throws(StoreError) {
        try write { connection throws(StoreError) in
            try self.end(
                claim,
                state: .failed,
                failure: JobFailure(code: code, detail: detail),
                connection
            )
        }
    }

    /// Ends a job as cancelled.
    ///
    /// - Throws: `claimLost` when the job is no longer the claim's.
    public func finishCancelled(claim: Claim) throws(StoreError) {
        try write { connection throws(StoreError) in
            try self.end(claim, state: .cancelled, connection)
        }
    }

    /// Takes back the running jobs of a worker that is known to be gone.
    ///
    /// A job goes back to the queue; after its last attempt it fails, with `reason`; if it was to
    /// be cancelled, it is.
    @discardableResult
    public func releaseJobs(
        ofWorker worker: String,
        reason: String
    ) throws(StoreError) -> [ReleasedJob] {
        try releaseJobs(reason: reason) { $0 == worker }
    }

    /// Takes back the running jobs of all workers that are known to be gone.
    ///
    /// - Parameters:
    ///   - reason: why, in words.
    ///   - isGone: whether the worker of this name is gone.
    /// - Returns: the jobs, and what became of each.
    /// - Throws: when nothing could be changed.
    @discardableResult
    public func releaseJobs(
        reason: String,
        where isGone: @Sendable (String) -> Bool
    ) throws(StoreError) -> [ReleasedJob] {
        try release(reason: reason, code: "worker_lost") { connection throws(StoreError) in
            let running = try connection.rows(
                "SELECT id, attempt, worker FROM jobs WHERE state = 'running' ORDER BY sequence"
            ) { (claim: Claim(job: $0.text(0), attempt: $0.int(1)), worker: $0.text(2)) }
            return running.filter { isGone($0.worker) }.map(\.claim)
        }
    }

    /// Takes back the jobs whose workers have been silent for their whole lease.
    ///
    /// To be called now and then by whoever watches workers; the first call begins to watch.
    @discardableResult
    public func reclaimSilentJobs() throws(StoreError) -> [ReleasedJob] {
        let running = try read { connection throws(StoreError) in
            try connection.rows(
                "SELECT id, attempt, heartbeat, lease_milliseconds FROM jobs WHERE state = 'running'"
            ) { row in
                LeaseWatch.RunningJob(
                    id: row.text(0),
                    attempt: row.int(1),
                    heartbeat: row.int(2),
                    lease: .milliseconds(row.int(3))
                )
            }
        }
        let expired = leases.expired(among: running)
        if expired.isEmpty { return [] }
        let reason = "the worker has not reported for its whole lease"
        return try release(reason: reason, code: "worker_lost") { connection throws(StoreError) in
            // The worker may have come back to life since the jobs were read.
            var claims: [Claim] = []
            for job in expired {
                let isSilent = try connection.row(
                    "SELECT heartbeat FROM jobs WHERE id = ? AND attempt = ? AND state = 'running'",
                    .text(job.id),
                    .integer(job.attempt)
                ) { $0.int(0) == job.heartbeat }
                if isSilent == true { claims.append(Claim(job: job.id, attempt: job.attempt)) }
            }
            return claims
        }
    }
}

// What transactions on running jobs consist of.
extension Store {
    /// The job of a claim that still holds.
    private func job(_ claim: Claim, _ connection: SQLConnection) throws(StoreError) -> Job {
        let job = try self.job(claim.job, connection)
        guard job.state == .running, job.attempt == claim.attempt else {
            throw .claimLost(job: claim.job)
        }
        return job
    }

    /// Ends the job of a claim that still holds.
    private func end(
        _ claim: Claim,
        state: JobState,
        failure: JobFailure? = nil,
        _ connection: SQLConnection
    ) throws(StoreError) {
        let changed = try connection.run(
            """
            UPDATE jobs SET state = ?, error_code = ?, error_detail = ?, finished_at = ?
            WHERE id = ? AND attempt = ? AND state = 'running'
            """,
            .text(state.rawValue),
            SQLValue(failure?.code),
            SQLValue(failure?.detail),
            .integer(wallClock()),
            .text(claim.job),
            .integer(claim.attempt)
        )
        guard changed == 1 else { throw .claimLost(job: claim.job) }
    }

    /// Takes jobs from their workers, in one transaction.
    private func release(
        reason: String,
        code: String,
        claims: @Sendable (SQLConnection) throws(StoreError) -> [Claim]
    ) throws(StoreError) -> [ReleasedJob] {
        try write { connection throws(StoreError) in
            var released: [ReleasedJob] = []
            for claim in try claims(connection) {
                let job = try self.job(claim, connection)
                if job.isCancelRequested {
                    try self.end(claim, state: .cancelled, connection)
                } else if claim.attempt >= Self.maximumAttempts {
                    let detail = "attempt \(claim.attempt) of \(Self.maximumAttempts): \(reason)"
                    let failure = JobFailure(code: code, detail: detail)
                    try self.end(claim, state: .failed, failure: failure, connection)
                } else {
                    try connection.run(
                        "UPDATE jobs SET state = 'queued', worker = NULL, reason = ? WHERE id = ?",
                        .text("queued again: \(reason)"),
                        .text(claim.job)
                    )
                }
                let state = try self.job(claim.job, connection).state
                released.append(ReleasedJob(id: claim.job, state: state))
            }
            return released
        }
    }
}
