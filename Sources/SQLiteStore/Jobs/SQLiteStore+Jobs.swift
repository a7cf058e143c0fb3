private import Digest
internal import Examples
package import Store

extension SQLiteStore {
    package func submit(
        job new: NewJob,
        limits: QueueLimits,
        maximumRows: Int,
        idempotency key: IdempotencyKey?
    ) throws(StoreError) -> Submission {
        let id = RandomIdentifier.make(prefix: "job-")
        return try write { connection throws(StoreError) in
            if let job = try self.rememberedAnswer(key, connection)?.job {
                return Submission(job: try self.job(job, connection), isReplay: true)
            }
            try self.check(limits, actor: new.actor, connection)
            if new.mode == nil { try self.checkCorrections(of: new.model, connection) }
            let mode = new.mode ?? .replace
            let posted = new.postedRows
            let postedAt = try self.reserveRevision(of: new.model, connection)
            let stored = try self.storedRows(of: new.model, connection)
            let merge = DataSetMerge(stored, with: posted, mode, postedAt: postedAt)
            let rows = merge.rows
            try self.check(rows, of: new.model, maximumRows: maximumRows, connection)
            try connection.run(
                """
                INSERT INTO jobs (id, model, mode, posted, row_count, data_digest, added_rows,
                                  relabelled_rows, removed_rows, options, promotion, actor,
                                  may_promote, warm_start, state, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?)
                """,
                .text(id),
                .text(new.model),
                .text(mode.rawValue),
                .integer(postedAt),
                .integer(rows.count),
                .text(ExampleSet.digest(of: rows)),
                .integer(merge.change.added),
                .integer(merge.change.relabelled),
                .integer(merge.change.removed),
                .blob(new.options),
                .text(new.promotion.rawValue),
                SQLValue(new.actor),
                SQLValue(new.mayPromote),
                SQLValue(new.warmStart),
                .integer(wallClock())
            )
            try self.store(posted, ofJob: connection.lastInsertedRow, connection)
            try self.recordEvent(ofJob: id, connection)
            try self.remember(RememberedAnswer(job: id, body: nil), for: key, connection)
            return Submission(job: try self.job(id, connection), isReplay: false)
        }
    }

    package func job(_ id: String) throws(StoreError) -> Job? {
        try read { connection throws(StoreError) in
            try connection.row(jobQuery + " WHERE id = ?", .text(id)) { Job($0) }
        }
    }

    package func jobs(
        limit: Int,
        before: String?,
        ofActor actor: String?
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

    package func report(ofJob id: String) throws(StoreError) -> [UInt8]? {
        try read { connection throws(StoreError) in
            try connection.row("SELECT report FROM jobs WHERE id = ?", .text(id)) {
                $0.optionalBlob(0)
            } ?? nil
        }
    }

    package func unfinishedJobs() throws(StoreError) -> [String: JobState] {
        let jobs = try read { connection throws(StoreError) in
            try connection.rows(
                "SELECT id, state FROM jobs WHERE state IN ('queued', 'running')"
            ) { (id: $0.text(0), state: JobState(rawValue: $0.text(1))) }
        }
        return jobs.reduce(into: [:]) { result, job in result[job.id] = job.state }
    }

    package func requestCancel(_ id: String) throws(StoreError) -> Job? {
        try write { connection throws(StoreError) in
            try connection.run(
                "UPDATE jobs SET state = 'cancelled', finished_at = ? WHERE id = ? AND state = 'queued'",
                .integer(wallClock()),
                .text(id)
            )
            try self.recordEvent(ofJob: id, connection)
            try self.discardPostedRows(ofJob: id, connection)
            try connection.run(
                "UPDATE jobs SET cancel_requested = 1 WHERE id = ? AND state IN ('running', 'cancelled')",
                .text(id)
            )
            return try connection.row(jobQuery + " WHERE id = ?", .text(id)) { Job($0) }
        }
    }
}

extension SQLiteStore {
    /// A job that is known to exist, inside a transaction.
    func job(_ id: String, _ connection: SQLConnection) throws(StoreError) -> Job {
        let job = try connection.row(jobQuery + " WHERE id = ?", .text(id)) { Job($0) }
        guard let job else { throw .claimLost(job: id) }
        return job
    }
}

// What the submission of a job consists of.
extension SQLiteStore {
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

    /// Corrections are replaced only by those who say so.
    private func checkCorrections(
        of model: String,
        _ connection: SQLConnection
    ) throws(StoreError) {
        let found = try connection.row(
            """
            SELECT count(*), count(*) FILTER (WHERE source = 'feedback'),
                count(*) FILTER (WHERE is_relabelled AND source != 'feedback')
            FROM examples WHERE model = ? AND removed IS NULL
            """,
            .text(model)
        ) { (rows: $0.int(0), feedback: $0.int(1), relabelled: $0.int(2)) }
        guard let found, found.feedback + found.relabelled > 0 else { return }
        throw .correctionsWouldGo(
            model: model,
            rows: found.rows,
            feedback: found.feedback,
            relabelled: found.relabelled
        )
    }

    /// Checks what the job would train on if it were claimed now.
    private func check(
        _ rows: [Example],
        of model: String,
        maximumRows: Int,
        _ connection: SQLConnection
    ) throws(StoreError) {
        guard rows.count <= maximumRows else { throw .dataSetFull(limit: maximumRows) }
        // What waits before it may bring what is missing.
        guard try !hasWaitingRows(model, connection) else { return }
        if let obstacle = ExampleSet.obstacle(to: rows) {
            throw .notTrainable(model: model, obstacle)
        }
    }
}

extension NewJob {
    /// The rows as they are put aside: when they extend, the last label of a text counts.
    fileprivate var postedRows: [DataSetMerge.PostedRow] {
        guard mode == .extend else { return examples.map { DataSetMerge.PostedRow(example: $0) } }
        let labels = Dictionary(
            examples.map { ($0.text, $0.label) },
            uniquingKeysWith: { $1 }
        )
        var seen: Set<String> = []
        return examples.filter { seen.insert($0.text).inserted }.map { row in
            let label = labels[row.text] ?? row.label
            let example = Example(label: label, text: row.text, isTruncated: row.isTruncated)
            return DataSetMerge.PostedRow(example: example)
        }
    }
}

private let jobQuery = """
    SELECT id, model, state, promotion, options, row_count, data_digest, attempt, cancel_requested,
           epoch, epochs, loss, accuracy, seconds_left, version, promoted, reason, metrics,
           error_code, error_detail, created_at, started_at, finished_at, revision, warm_start,
           actor, may_promote, given_back, stage, mode, posted, added_rows, relabelled_rows,
           removed_rows
    FROM jobs
    """

extension DataSetChange {
    fileprivate init?(ofJob row: SQLStatement) {
        guard let added = row.optionalInt(31) else { return nil }
        self.init(added: added, relabelled: row.int(32), removed: row.int(33))
    }
}

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
            mode: DataSetMode(rawValue: row.text(29)) ?? .extend,  // Nor here.
            rowCount: row.int(5),
            dataDigest: row.text(6),
            revision: row.optionalInt(23),
            postedAt: row.int(30),
            change: DataSetChange(ofJob: row),
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
