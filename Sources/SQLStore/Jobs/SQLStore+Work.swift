package import Examples
package import Store

extension SQLStore {
    package func claim(worker: String, lease: Duration) throws(StoreError) -> ClaimedJob? {
        try reclaimSilentJobs()
        // Without the write lock first: the usual answer is that nothing is there.
        let isQueueEmpty = try read { connection throws(StoreError) in
            try connection.row("SELECT 1 FROM jobs WHERE \(mayBeClaimed) LIMIT 1") { _ in true }
                == nil
        }
        if isQueueEmpty { return nil }
        while let job = try take(worker: worker, lease: lease) {
            let claim = Claim(job: job.id, attempt: job.attempt)
            do throws(StoreError) {
                if let claimed = try fixRows(of: job, claim) { return claimed }
            } catch {
                // If this fails too, the job waits for the end of its lease.
                let given = RunningClaim(claim: claim)
                let reason = "its rows could not be read"
                _ = try? release([given], reason: reason, countsAsTry: false)
                throw error
            }
        }
        return nil
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
                UPDATE jobs SET heartbeat = heartbeat + 1, stage = coalesce(?, stage)
                WHERE id = ? AND attempt = ? AND state = 'running'
                RETURNING cancel_requested
                """,
                SQLValue(stage),
                .text(claim.job),
                .integer(claim.attempt)
            ) { $0.int("cancel_requested") != 0 }
            if isCancelRequested != nil { try self.recordEvent(ofJob: claim.job, connection) }
            return isCancelRequested
        }
        guard let isCancelRequested else { return .lost }
        return isCancelRequested ? .cancel : .continue
    }

    package func end(_ claim: Claim, as ending: JobEnding) throws(StoreError) {
        try write(.jobs([claim.job])) { connection throws(StoreError) in
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
        let (running, isListed) = try read { connection throws(StoreError) in
            let running = try connection.rows(
                "SELECT id, attempt FROM jobs WHERE state = 'running' AND worker = ? "
                    + "ORDER BY sequence",
                .text(worker)
            ) { RunningClaim(claim: Claim(job: $0.text("id"), attempt: $0.int("attempt"))) }
            return (running, try self.isListed(worker, connection))
        }
        let released =
            running.isEmpty
            ? [] : try release(running, reason: reason, countsAsTry: countsAsTry)
        if isListed { try forget(worker) }
        return released
    }

    @discardableResult
    package func reclaimSilentJobs() throws(StoreError) -> [ReleasedJob] {
        let running = try watched(by: leases) { connection throws(StoreError) in
            try connection.rows(
                "SELECT id, attempt, heartbeat, lease_milliseconds FROM jobs "
                    + "WHERE state = 'running'"
            ) { row in
                LeaseWatch.RunningJob(
                    id: row.text("id"),
                    attempt: row.int("attempt"),
                    heartbeat: row.int("heartbeat"),
                    lease: .milliseconds(row.int("lease_milliseconds"))
                )
            }
        }
        let expired = leases.expired(among: running)
        if expired.isEmpty { return [] }
        let reason = "the worker has not reported for its whole lease"
        // The worker may have come back to life since the jobs were read.
        let silent = expired.map { job in
            RunningClaim(
                claim: Claim(job: job.id, attempt: job.attempt),
                heartbeat: job.heartbeat
            )
        }
        return try release(silent, reason: reason, countsAsTry: true)
    }
}

/// A claim that is to be taken back if it still holds, and its worker has not reported since.
private struct RunningClaim: Sendable {
    let claim: Claim
    /// The worker's last report; nil if that does not matter.
    var heartbeat: Int?
}

/// Which jobs may be claimed.
private let mayBeClaimed = """
    state = 'queued' AND model NOT IN (SELECT model FROM jobs WHERE state = 'running')
    """

// What transactions on running jobs consist of.
extension SQLStore {
    /// Gives the next job to a worker; nil if there is none.
    ///
    /// The job's revision is decided here. It is newer than every row that is there, and older than
    /// every row to come, so its rows stay the same however long reading them takes.
    private func take(worker: String, lease: Duration) throws(StoreError) -> Job? {
        try write(.claims) { connection throws(StoreError) -> Job? in
            guard let next = try self.nextJob(connection) else { return nil }
            let revision =
                next.bringsRows
                ? try self.reserveRevision(of: next.model, connection)
                : try self.newestRevision(of: next.model, connection) ?? next.posted
            try connection.run(
                """
                UPDATE jobs SET state = 'running', attempt = attempt + 1, worker = ?,
                    turn = (SELECT max(turn) FROM jobs) + 1, heartbeat = heartbeat + 1,
                    lease_milliseconds = ?, started_at = ?,
                    revision = ?, stage = NULL, epoch = NULL, epochs = NULL, loss = NULL,
                    accuracy = NULL, seconds_left = NULL
                WHERE id = ?
                """,
                .text(worker),
                .integer(Int(lease / .milliseconds(1))),
                .integer(wallClock()),
                .integer(revision),
                .text(next.id)
            )
            try self.recordEvent(ofJob: next.id, connection)
            return try self.job(next.id, connection)
        }
    }

    /// The job whose turn it is, with its model locked; nil if there is none.
    private func nextJob(_ connection: Session) throws(StoreError) -> NextJob? {
        while true {
            let found = try connection.row(
                """
                WITH turns AS
                    (SELECT model AS name, max(turn) AS last FROM jobs WHERE attempt > 0
                        GROUP BY model)
                SELECT id, model, posted, mode = 'replace'
                    OR EXISTS (SELECT 1 FROM posted_rows WHERE job = sequence) AS brings_rows
                FROM jobs LEFT JOIN turns ON name = model WHERE \(mayBeClaimed)
                ORDER BY CASE WHEN turn > coalesce(last, 0) THEN turn ELSE coalesce(last, 0) END,
                    coalesce(last, 0), sequence LIMIT 1
                """
            ) { NextJob($0) }
            guard let next = found else { return nil }
            try connection.lock([.model(next.model)])
            // Cancelled, or its model deleted, while this waited for the lock?
            let isWaiting = try connection.row(
                "SELECT 1 FROM jobs WHERE id = ? AND state = 'queued'" + Session.lockingRows,
                .text(next.id)
            ) { _ in true }
            if isWaiting == true { return next }
        }
    }

    /// Reads what a job that was just taken trains on, and writes that down; nil if the job was
    /// cancelled or taken back meanwhile.
    private func fixRows(of job: Job, _ claim: Claim) throws(StoreError) -> ClaimedJob? {
        let (merge, before, ground) = try read { connection throws(StoreError) in
            try connection.snapshot { connection throws(StoreError) in
                (
                    try self.merge(of: job, connection),
                    try self.newestRevision(of: job.model, upTo: job.revision, connection),
                    try self.ground(of: job.model, connection)
                )
            }
        }
        let rows = merge.rows
        let digest = ExampleSet.digest(of: rows)
        // Without a change they are the rows of a revision that is there.
        let revision = merge.isChange ? job.revision : before ?? job.postedAt
        let fixed = try write(.jobs([claim.job])) { connection throws(StoreError) -> Job? in
            let current = try self.job(claim.job, connection)
            guard current.state == .running, current.attempt == claim.attempt else { return nil }
            if current.isCancelRequested {
                try self.end(claim, state: .cancelled, connection)
                return nil
            }
            try connection.run(
                """
                UPDATE jobs SET revision = ?, row_count = ?, data_digest = ?, added_rows = ?,
                    relabelled_rows = ?, removed_rows = ? WHERE id = ?
                """,
                SQLValue(revision),
                .integer(rows.count),
                .text(digest),
                .integer(merge.change.added),
                .integer(merge.change.relabelled),
                .integer(merge.change.removed),
                .text(claim.job)
            )
            return try self.job(claim.job, connection)
        }
        return fixed.map { ClaimedJob(claim: claim, job: $0, examples: rows, ground: ground) }
    }

    /// The job of a claim that still holds.
    func job(_ claim: Claim, _ connection: Session) throws(StoreError) -> Job {
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
        _ connection: Session
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
        _ claims: [RunningClaim],
        reason: String,
        countsAsTry: Bool
    ) throws(StoreError) -> [ReleasedJob] {
        try write(.jobs(claims.map(\.claim.job))) { connection throws(StoreError) in
            var released: [ReleasedJob] = []
            for running in claims {
                let claim = running.claim
                let run = try connection.row(
                    """
                    SELECT worker, lease_milliseconds FROM jobs
                    WHERE id = ?1 AND attempt = ?2 AND state = 'running'
                        AND (?3 IS NULL OR heartbeat = ?3)
                    """,
                    .text(claim.job),
                    .integer(claim.attempt),
                    SQLValue(running.heartbeat)
                ) { (worker: $0.text("worker"), lease: $0.int("lease_milliseconds")) }
                guard let run else { continue }
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
                released.append(
                    ReleasedJob(
                        id: claim.job,
                        worker: run.worker,
                        lease: .milliseconds(run.lease),
                        state: state
                    )
                )
            }
            return released
        }
    }
}

/// A job that may be claimed.
private struct NextJob: Sendable {
    let id: String
    let model: String
    let posted: Int
    /// Whether it changes the data set.
    let bringsRows: Bool

    init(_ row: some SQLRow) {
        id = row.text("id")
        model = row.text("model")
        posted = row.int("posted")
        bringsRows = row.int("brings_rows") != 0
    }
}
