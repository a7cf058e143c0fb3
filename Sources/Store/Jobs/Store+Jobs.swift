private import Digest
internal import Examples

extension Store {
    /// Queues a training job: the change of the data set and the job itself in one transaction.
    ///
    /// Rows that are the newest ones already are not stored again.
    ///
    /// - Parameters:
    ///   - new: the job.
    ///   - limits: how many jobs may wait.
    ///   - maximumRows: the most rows that the data set may have.
    ///   - key: what the client calls the request, if it does.
    /// - Returns: the job; it is on the disk.
    /// - Throws: `queueFull`, `actorQueueFull`, `idempotencyKeyReused`, `dataSetFull`;
    ///   `tooFewLabels` when the data set that is extended would have less than two.
    /// - Complexity: O(rows), a few microseconds each.
    public func submit(
        job new: NewJob,
        limits: QueueLimits = QueueLimits(),
        maximumRows: Int = .max,
        idempotency key: IdempotencyKey? = nil
    ) throws(StoreError) -> Submission {
        let id = RandomIdentifier.make(prefix: "job-")
        let digest = ExampleSet.digest(of: new.examples)
        return try write { connection throws(StoreError) in
            if let job = try self.rememberedAnswer(key, connection)?.job {
                return Submission(job: try self.job(job, connection), isReplay: true)
            }
            try self.check(limits, actor: new.actor, connection)
            let data =
                new.extends
                ? try self.extendData(new, connection)
                : try self.replaceData(new, digest: digest, connection)
            guard data.rowCount <= maximumRows else { throw .dataSetFull(limit: maximumRows) }
            try connection.run(
                """
                INSERT INTO jobs (id, model, revision, row_count, data_digest, options, promotion,
                                  actor, may_promote, warm_start, state, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?)
                """,
                .text(id),
                .text(new.model),
                .integer(data.revision),
                .integer(data.rowCount),
                .text(data.digest),
                .blob(new.options),
                .text(new.promotion.rawValue),
                SQLValue(new.actor),
                SQLValue(new.mayPromote),
                SQLValue(new.warmStart),
                .integer(wallClock())
            )
            try self.recordEvent(ofJob: id, connection)
            try self.remember(RememberedAnswer(job: id, body: nil), for: key, connection)
            return Submission(job: try self.job(id, connection), isReplay: false)
        }
    }

    /// A job as it stands; nil when there is none.
    public func job(_ id: String) throws(StoreError) -> Job? {
        try read { connection throws(StoreError) in
            try connection.row(jobQuery + " WHERE id = ?", .text(id)) { Job($0) }
        }
    }

    /// Jobs, the newest first.
    ///
    /// - Parameters:
    ///   - limit: the most jobs that are returned.
    ///   - before: the identifier of the last job of the page before; an unknown one gives none.
    ///   - actor: whose jobs; nil for everybody's.
    /// - Returns: one page.
    /// - Throws: when the store cannot be read.
    public func jobs(
        limit: Int,
        before: String? = nil,
        ofActor actor: String? = nil
    ) throws(StoreError) -> [Job] {
        try read { connection throws(StoreError) in
            try connection.rows(
                jobQuery
                    + """
                     WHERE (?1 IS NULL OR sequence < (SELECT sequence FROM jobs WHERE id = ?1))
                    AND (?2 IS NULL OR actor = ?2)
                    ORDER BY sequence DESC LIMIT ?3
                    """,
                SQLValue(before),
                SQLValue(actor),
                .integer(limit)
            ) { Job($0) }
        }
    }

    /// A job's report, a JSON document; nil when there is none.
    public func report(ofJob id: String) throws(StoreError) -> [UInt8]? {
        try read { connection throws(StoreError) in
            try connection.row("SELECT report FROM jobs WHERE id = ?", .text(id)) {
                $0.optionalBlob(0)
            } ?? nil
        }
    }

    /// The jobs that have not ended, with their states.
    public func unfinishedJobs() throws(StoreError) -> [String: JobState] {
        let jobs = try read { connection throws(StoreError) in
            try connection.rows(
                "SELECT id, state FROM jobs WHERE state IN ('queued', 'running')"
            ) { (id: $0.text(0), state: JobState(rawValue: $0.text(1))) }
        }
        return jobs.reduce(into: [:]) { result, job in result[job.id] = job.state }
    }

    /// How many jobs are in each state; states without jobs are left out.
    public func jobCounts() throws(StoreError) -> [JobState: Int] {
        let counts = try read { connection throws(StoreError) in
            try connection.rows("SELECT state, count(*) FROM jobs GROUP BY state") { row in
                (state: JobState(rawValue: row.text(0)), count: row.int(1))
            }
        }
        return counts.reduce(into: [:]) { result, entry in
            if let state = entry.state { result[state] = entry.count }
        }
    }

    /// Asks for a job to be cancelled.
    ///
    /// A queued one is cancelled at once. The worker of a running one is told at its next report.
    /// One that has ended stays as it is.
    ///
    /// - Returns: the job as it stands now; nil when there is none.
    public func requestCancel(_ id: String) throws(StoreError) -> Job? {
        try write { connection throws(StoreError) in
            try connection.run(
                "UPDATE jobs SET state = 'cancelled', finished_at = ? WHERE id = ? AND state = 'queued'",
                .integer(wallClock()),
                .text(id)
            )
            try self.recordEvent(ofJob: id, connection)
            try connection.run(
                "UPDATE jobs SET cancel_requested = 1 WHERE id = ? AND state IN ('running', 'cancelled')",
                .text(id)
            )
            return try connection.row(jobQuery + " WHERE id = ?", .text(id)) { Job($0) }
        }
    }
}

extension Store {
    /// A job that is known to exist, inside a transaction.
    func job(_ id: String, _ connection: SQLConnection) throws(StoreError) -> Job {
        let job = try connection.row(jobQuery + " WHERE id = ?", .text(id)) { Job($0) }
        guard let job else { throw .claimLost(job: id) }
        return job
    }
}

// What the submission of a job consists of.
extension Store {
    /// The rows that a job trains on.
    private struct JobData {
        let revision: Int
        let rowCount: Int
        let digest: String
    }

    private func check(
        _ limits: QueueLimits,
        actor: String?,
        _ connection: SQLConnection
    ) throws(StoreError) {
        let queued = try connection.row(
            """
            SELECT count(*), count(*) FILTER (WHERE actor IS ?) FROM jobs WHERE state = 'queued'
            """,
            SQLValue(actor)
        ) { (all: $0.int(0), ofActor: $0.int(1)) }
        guard let queued else { return }
        if let limit = limits.jobs, queued.all >= limit { throw .queueFull(limit: limit) }
        if let limit = limits.jobsOfActor, queued.ofActor >= limit {
            throw .actorQueueFull(limit: limit)
        }
    }

    private func replaceData(
        _ new: NewJob,
        digest: String,
        _ connection: SQLConnection
    ) throws(StoreError) -> JobData {
        let newest = try newestRevision(of: new.model, connection)
        if let newest, try isRevision(newest, digest, connection) {
            return JobData(revision: newest, rowCount: new.examples.count, digest: digest)
        }
        let revision = try beginRevision(of: new.model, actor: new.actor, connection)
        try replaceRows(of: new.model, with: new.examples, in: revision, connection)
        return JobData(revision: revision, rowCount: new.examples.count, digest: digest)
    }

    private func extendData(
        _ new: NewJob,
        _ connection: SQLConnection
    ) throws(StoreError) -> JobData {
        let (revision, _) = try change(
            new.model,
            by: new.actor,
            connection
        ) { revision throws(StoreError) in
            try addRows(new.examples, to: new.model, source: .train, in: revision, connection)
        }
        let rows = try rows(of: new.model, revision: revision, connection)
        guard let first = rows.first, rows.contains(where: { $0.label != first.label }) else {
            throw .tooFewLabels(model: new.model)
        }
        let digest = ExampleSet.digest(of: rows)
        return JobData(revision: revision, rowCount: rows.count, digest: digest)
    }

    /// Whether a job is known to train on a revision whose rows have this digest.
    private func isRevision(
        _ revision: Int,
        _ digest: String,
        _ connection: SQLConnection
    ) throws(StoreError) -> Bool {
        try connection.row(
            "SELECT 1 FROM jobs WHERE revision = ? AND data_digest = ? LIMIT 1",
            .integer(revision),
            .text(digest)
        ) { _ in true } ?? false
    }
}

private let jobQuery = """
    SELECT id, model, state, promotion, options, row_count, data_digest, attempt, cancel_requested,
           epoch, epochs, loss, accuracy, seconds_left, version, promoted, reason, metrics,
           error_code, error_detail, created_at, started_at, finished_at, revision, warm_start,
           actor, may_promote, given_back, stage
    FROM jobs
    """

extension JobProgress {
    /// What five columns hold, from `first` on.
    init?(_ row: SQLStatement, from first: Int) {
        guard let epoch = row.optionalInt(first) else { return nil }
        self.init(
            epoch: epoch,
            epochs: row.int(first + 1),
            loss: row.optionalDouble(first + 2),
            accuracy: row.optionalDouble(first + 3),
            secondsLeft: row.optionalDouble(first + 4)
        )
    }
}

extension Job {
    fileprivate init(_ row: SQLStatement) {
        let failure = row.optionalText(18).map { JobFailure(code: $0, detail: row.text(19)) }
        self.init(
            id: row.text(0),
            model: row.text(1),
            state: JobState(rawValue: row.text(2)) ?? .failed,  // The table allows no other.
            promotion: Promotion(rawValue: row.text(3)) ?? .never,  // Nor here.
            options: row.blob(4),
            rowCount: row.int(5),
            dataDigest: row.text(6),
            revision: row.int(23),
            startsWarm: row.int(24) != 0,
            actor: row.optionalText(25),
            mayPromote: row.int(26) != 0,
            attempt: row.int(7),
            attemptsGivenBack: row.int(27),
            isCancelRequested: row.int(8) != 0,
            stage: row.optionalText(28),
            progress: JobProgress(row, from: 9),
            version: row.optionalInt(14),
            isPromoted: row.optionalInt(15).map { $0 != 0 },
            reason: row.optionalText(16),
            metrics: row.optionalBlob(17),
            failure: failure,
            createdAt: row.int(20),
            startedAt: row.optionalInt(21),
            finishedAt: row.optionalInt(22)
        )
    }
}
