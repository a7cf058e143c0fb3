package import Examples
package import Store

extension SQLiteStore {
    package func claim(worker: String, lease: Duration) throws(StoreError) -> ClaimedJob? {
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

    package func decisionGround(
        of model: String
    ) throws(StoreError) -> DecisionGround {
        try read { connection throws(StoreError) in
            try connection.snapshot { connection throws(StoreError) in
                try self.ground(of: model, connection)
            }
        }
    }

    package func examples(ofJob id: String) throws(StoreError) -> [Example] {
        try read { connection throws(StoreError) in
            try connection.snapshot { connection throws(StoreError) in
                let job = try self.job(id, connection)
                if !job.state.isFinal { return try self.merge(of: job, connection).rows }
                guard let revision = job.revision, job.state == .succeeded else { return [] }
                return try self.rows(of: job.model, revision: revision, connection)
            }
        }
    }

    package func report(
        _ progress: JobProgress?,
        stage: String?,
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

    package func end(_ claim: Claim, as ending: JobEnding) throws(StoreError) {
        try write { connection throws(StoreError) in
            switch ending {
            case .failed(let failure):
                try self.end(claim, state: .failed, failure: failure, connection)
            case .cancelled:
                try self.end(claim, state: .cancelled, connection)
            }
        }
    }

    @discardableResult
    package func releaseJobs(
        ofWorker worker: String,
        reason: String,
        countsAsTry: Bool
    ) throws(StoreError) -> [ReleasedJob] {
        try release(reason: reason, countsAsTry: countsAsTry) { connection throws(StoreError) in
            try connection.rows(
                "SELECT id, attempt FROM jobs WHERE state = 'running' AND worker = ? ORDER BY sequence",
                .text(worker)
            ) { Claim(job: $0.text(0), attempt: $0.int(1)) }
        }
    }

    @discardableResult
    package func reclaimSilentJobs() throws(StoreError) -> [ReleasedJob] {
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
extension SQLiteStore {
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
                } else if countsAsTry && tries >= Claim.maximumAttempts {
                    let detail = "attempt \(tries) of \(Claim.maximumAttempts): \(reason)"
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
