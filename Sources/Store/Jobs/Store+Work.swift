public import Examples

extension Store {
    /// How often a job is tried before it counts as failed.
    public static let maximumAttempts = 3

    /// Gives the oldest queued job to a worker, of those whose model has no running one.
    ///
    /// Jobs of one model follow each other, so that each learns from the rows of the one before and
    /// is compared with what that one made live. Jobs whose workers have been silent for their
    /// whole lease are taken back first.
    ///
    /// - Parameters:
    ///   - worker: who asks; `releaseJobs(ofWorker:reason:)` goes by this name.
    ///   - lease: how long the worker may stay silent; it should report several times in it.
    /// - Returns: the job, now running; nil when there is none.
    /// - Throws: when the store cannot be read or written.
    public func claim(worker: String, lease: Duration) throws(StoreError) -> ClaimedJob? {
        try reclaimSilentJobs()
        // Without the write lock first: the usual answer is that nothing is there.
        let isQueueEmpty = try read { connection throws(StoreError) in
            try connection.row("SELECT min(sequence) FROM \(waitingJobs)") { $0.isNull(0) } ?? true
        }
        if isQueueEmpty { return nil }
        return try write { connection throws(StoreError) -> ClaimedJob? in
            let id = try connection.row(
                """
                UPDATE jobs SET state = 'running', attempt = attempt + 1, worker = ?,
                    heartbeat = heartbeat + 1, lease_milliseconds = ?, started_at = ?, stage = NULL,
                    epoch = NULL, epochs = NULL, loss = NULL, accuracy = NULL, seconds_left = NULL
                WHERE sequence = (SELECT min(sequence) FROM \(waitingJobs))
                RETURNING id
                """,
                .text(worker),
                .integer(Int(lease / .milliseconds(1))),
                .integer(wallClock())
            ) { $0.text(0) }
            guard let id else { return nil }
            try self.recordEvent(ofJob: id, connection)
            let examples = try self.fixRows(ofJob: id, connection)
            let job = try self.job(id, connection)
            return ClaimedJob(
                claim: Claim(job: job.id, attempt: job.attempt),
                job: job,
                examples: examples,
                ground: try self.ground(of: job.model, connection)
            )
        }
    }

    /// What a new decision about a claimed job's result is to be made against.
    ///
    /// - Throws: when the store cannot be read.
    public func state(
        of model: String
    ) throws(StoreError) -> DecisionGround {
        try read { connection throws(StoreError) in
            try connection.snapshot { connection throws(StoreError) in
                try self.ground(of: model, connection)
            }
        }
    }

    /// The rows that a job trains on, in the order in which they came to the data set: of one that
    /// waits, what they would be now; none of one that has ended without a version.
    public func examples(ofJob id: String) throws(StoreError) -> [Example] {
        try read { connection throws(StoreError) in
            try connection.snapshot { connection throws(StoreError) in
                let job = try self.job(id, connection)
                if !job.state.isFinal { return try self.merge(of: job, connection).rows }
                guard let revision = job.revision, job.state == .succeeded else { return [] }
                return try self.rows(of: job.model, revision: revision, connection)
            }
        }
    }

    /// Tells what the worker does and how far it has come, which also renews its lease.
    ///
    /// A few times a second is often enough.
    ///
    /// - Parameters:
    ///   - progress: how far the training has come; nil leaves what was said before.
    ///   - stage: what the worker is doing; nil leaves what was said before.
    ///   - claim: the worker's right to the job.
    /// - Returns: whether to go on.
    /// - Throws: when the store cannot be written.
    public func report(
        _ progress: JobProgress? = nil,
        stage: String? = nil,
        claim: Claim
    ) throws(StoreError) -> Directive {
        // Nobody misses the last epoch's figures after a power cut.
        let isCancelRequested = try write(isDurable: false) { connection throws(StoreError) in
            if let progress {
                try connection.run(
                    """
                    UPDATE jobs SET epoch = ?, epochs = ?, loss = ?, accuracy = ?, seconds_left = ?
                    WHERE id = ? AND attempt = ? AND state = 'running'
                    """,
                    .integer(progress.epoch),
                    .integer(progress.epochs),
                    SQLValue(progress.loss),
                    SQLValue(progress.accuracy),
                    SQLValue(progress.secondsLeft),
                    .text(claim.job),
                    .integer(claim.attempt)
                )
            }
            let isCancelRequested = try connection.row(
                """
                UPDATE jobs SET heartbeat = heartbeat + 1, stage = ifnull(?, stage)
                WHERE id = ? AND attempt = ? AND state = 'running'
                RETURNING cancel_requested
                """,
                SQLValue(stage),
                .text(claim.job),
                .integer(claim.attempt)
            ) { $0.int(0) != 0 }
            if isCancelRequested != nil { try self.recordEvent(ofJob: claim.job, connection) }
            return isCancelRequested
        }
        guard let isCancelRequested else { return .lost }
        return isCancelRequested ? .cancel : .continue
    }

    /// Ends a job as failed.
    ///
    /// - Parameters:
    ///   - claim: the worker's right to the job.
    ///   - code: why, a stable identifier.
    ///   - detail: why, a sentence.
    ///   - report: what was found until then, a JSON document.
    /// - Throws: `claimLost` when the job is no longer the claim's.
    public func fail(
        claim: Claim,
        code: String,
        detail: String,
        report: [UInt8]? = nil
    ) throws(StoreError) {
        try write { connection throws(StoreError) in
            try connection.run(
                "UPDATE jobs SET report = ? WHERE id = ?",
                SQLValue(report),
                .text(claim.job)
            )
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
    ///
    /// - Parameters:
    ///   - worker: its name.
    ///   - reason: why, in words.
    ///   - countsAsTry: false when the worker was told to stop, which says nothing about the job.
    /// - Returns: the jobs, and what became of each.
    /// - Throws: when nothing could be changed.
    @discardableResult
    public func releaseJobs(
        ofWorker worker: String,
        reason: String,
        countsAsTry: Bool = true
    ) throws(StoreError) -> [ReleasedJob] {
        try releaseJobs(reason: reason, countsAsTry: countsAsTry) { $0 == worker }
    }

    /// Takes back the running jobs of all workers that are known to be gone.
    ///
    /// - Parameters:
    ///   - reason: why, in words.
    ///   - countsAsTry: false when the workers were told to stop.
    ///   - isGone: whether the worker of this name is gone.
    /// - Returns: the jobs, and what became of each.
    /// - Throws: when nothing could be changed.
    @discardableResult
    public func releaseJobs(
        reason: String,
        countsAsTry: Bool = true,
        where isGone: @Sendable (String) -> Bool
    ) throws(StoreError) -> [ReleasedJob] {
        try release(reason: reason, countsAsTry: countsAsTry) { connection throws(StoreError) in
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
        return try release(reason: reason, countsAsTry: true) { connection throws(StoreError) in
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

/// The jobs that may be claimed.
private let waitingJobs = """
    jobs WHERE state = 'queued' AND model NOT IN (SELECT model FROM jobs WHERE state = 'running')
    """

// What transactions on running jobs consist of.
extension Store {
    /// Decides what a job that was just claimed trains on, and returns it.
    private func fixRows(
        ofJob id: String,
        _ connection: SQLConnection
    ) throws(StoreError) -> [Example] {
        let job = try self.job(id, connection)
        let merge = try self.merge(of: job, connection)
        let revision =
            merge.isChange
            ? try reserveRevision(of: job.model, connection)
            : try newestRevision(of: job.model, connection) ?? job.postedAt
        let rows = merge.rows
        try connection.run(
            """
            UPDATE jobs SET revision = ?, row_count = ?, data_digest = ?, added_rows = ?,
                relabelled_rows = ?, removed_rows = ? WHERE id = ?
            """,
            .integer(revision),
            .integer(rows.count),
            .text(ExampleSet.digest(of: rows)),
            .integer(merge.change.added),
            .integer(merge.change.relabelled),
            .integer(merge.change.removed),
            .text(id)
        )
        return rows
    }

    /// The job of a claim that still holds.
    func job(_ claim: Claim, _ connection: SQLConnection) throws(StoreError) -> Job {
        let job = try self.job(claim.job, connection)
        guard job.state == .running, job.attempt == claim.attempt else {
            throw .claimLost(job: claim.job)
        }
        return job
    }

    /// Ends the job of a claim that still holds.
    func end(
        _ claim: Claim,
        state: JobState,
        failure: JobFailure? = nil,
        _ connection: SQLConnection
    ) throws(StoreError) {
        let changed = try connection.run(
            """
            UPDATE jobs SET state = ?, stage = NULL, error_code = ?, error_detail = ?,
                finished_at = ?
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
        try discardPostedRows(ofJob: claim.job, connection)
        try recordEvent(ofJob: claim.job, connection)
    }

    /// Takes jobs from their workers, in one transaction.
    private func release(
        reason: String,
        countsAsTry: Bool,
        claims: @Sendable (SQLConnection) throws(StoreError) -> [Claim]
    ) throws(StoreError) -> [ReleasedJob] {
        try write { connection throws(StoreError) in
            var released: [ReleasedJob] = []
            for claim in try claims(connection) {
                let job = try self.job(claim, connection)
                let tries = job.attempt - job.attemptsGivenBack
                if job.isCancelRequested {
                    try self.end(claim, state: .cancelled, connection)
                } else if countsAsTry && tries >= Self.maximumAttempts {
                    let detail = "attempt \(tries) of \(Self.maximumAttempts): \(reason)"
                    let failure = JobFailure(code: "worker_lost", detail: detail)
                    try self.end(claim, state: .failed, failure: failure, connection)
                } else {
                    try connection.run(
                        """
                        UPDATE jobs SET state = 'queued', worker = NULL, reason = ?,
                            revision = NULL, given_back = given_back + ? WHERE id = ?
                        """,
                        .text("queued again: \(reason)"),
                        .integer(countsAsTry ? 0 : 1),
                        .text(claim.job)
                    )
                    try self.discardPostedRows(ofJob: claim.job, connection)
                    try self.recordEvent(ofJob: claim.job, connection)
                }
                let state = try self.job(claim.job, connection).state
                released.append(ReleasedJob(id: claim.job, state: state))
            }
            return released
        }
    }
}
