private import Digest
internal import Examples
package import Store

extension SQLStore {
    package func submit(
        job new: NewJob,
        limits: QueueLimits,
        maximumRows: Int,
        idempotency key: IdempotencyKey?
    ) throws(StoreError) -> Submission {
        let id = RandomIdentifier.make(prefix: "job-")
        return try write(SQLLock(key), .queue, .model(new.model)) {
            connection throws(StoreError) in
            if let job = try self.rememberedAnswer(key, connection)?.job {
                return Submission(job: try self.job(job, connection), isReplay: true)
            }
            try self.check(limits, actor: new.actor, connection)
            try self.requireRoom(for: new.model, connection)
            if new.mode == nil { try self.checkCorrections(of: new.model, connection) }
            let mode = new.mode ?? .replace
            let posted = new.postedRows
            let postedAt = try self.reserveRevision(of: new.model, connection)
            let stored = try self.storedRows(of: new.model, connection)
            let merge = DataSetMerge(stored, with: posted, mode, postedAt: postedAt)
            let rows = merge.rows
            try self.check(rows, of: new.model, maximumRows: maximumRows, connection)
            let sequence = try connection.insert(
                """
                INSERT INTO jobs (id, model, mode, posted, row_count, data_digest, added_rows,
                                  relabelled_rows, removed_rows, options, promotion, actor,
                                  may_promote, warm_start, notice, state, turn, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued',
                        (SELECT coalesce(max(turn), 0) FROM jobs), ?)
                RETURNING sequence AS id
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
                .integer((new.isAnnounced ? Notice.wanted : .none).rawValue),
                .integer(wallClock())
            )
            try self.store(posted, ofJob: sequence, connection)
            try self.recordEvent(ofJob: id, connection)
            try self.remember(RememberedAnswer(job: id, body: nil), for: key, connection)
            return Submission(job: try self.job(id, connection), isReplay: false)
        }
    }

    package func job(_ id: String) throws(StoreError) -> Job? {
        try read { connection throws(StoreError) in
            try connection.row(jobQuery + " WHERE jobs.id = ?", .text(id)) { Job($0) }
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
            try connection.row(
                "SELECT report FROM results JOIN jobs ON result = results.id WHERE jobs.id = ?",
                .text(id)
            ) { $0.optionalBlob("report") } ?? nil
        }
    }

    package func unfinishedJobs() throws(StoreError) -> [UnfinishedJob] {
        try read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT id, model, created_at, state, cancel_requested, worker, attempt, heartbeat,
                    lease_milliseconds
                FROM jobs WHERE state IN ('queued', 'running') ORDER BY sequence
                """
            ) { row in
                UnfinishedJob(
                    id: row.text("id"),
                    model: row.text("model"),
                    createdAt: row.int("created_at"),
                    isCancelRequested: row.int("cancel_requested") != 0,
                    run: UnfinishedJob.Run(row)
                )
            }
        }
    }

    package func requestCancel(_ id: String) throws(StoreError) -> Job? {
        try write(.jobs([id])) { connection throws(StoreError) in
            try connection.run(
                "UPDATE jobs SET state = 'cancelled', finished_at = ? "
                    + "WHERE id = ? AND state = 'queued'",
                .integer(wallClock()),
                .text(id)
            )
            try self.recordEvent(ofJob: id, connection)
            try self.discardPostedRows(ofJob: id, connection)
            try connection.run(
                "UPDATE jobs SET cancel_requested = 1 "
                    + "WHERE id = ? AND state IN ('running', 'cancelled')",
                .text(id)
            )
            return try connection.row(jobQuery + " WHERE jobs.id = ?", .text(id)) { Job($0) }
        }
    }
}

extension SQLStore {
    /// A job that is known to exist, inside a transaction.
    func job(_ id: String, _ connection: Session) throws(StoreError) -> Job {
        let job = try connection.row(jobQuery + " WHERE jobs.id = ?", .text(id)) { Job($0) }
        guard let job else { throw .claimLost(job: id) }
        return job
    }
}

// What the submission of a job consists of.
extension SQLStore {
    private func check(
        _ limits: QueueLimits,
        actor: String?,
        _ connection: Session
    ) throws(StoreError) {
        let queued = try connection.row(
            """
            SELECT count(*) AS jobs,
                count(*) FILTER (WHERE actor IS NOT DISTINCT FROM ?) AS of_actor
            FROM jobs WHERE state = 'queued'
            """,
            SQLValue(actor)
        ) { (all: $0.int("jobs"), ofActor: $0.int("of_actor")) }
        guard let queued else { return }
        if let limit = limits.jobs, queued.all >= limit { throw .queueFull(limit: limit) }
        if let limit = limits.jobsOfActor, queued.ofActor >= limit {
            throw .actorQueueFull(limit: limit)
        }
    }

    /// Corrections are replaced only by those who say so.
    private func checkCorrections(
        of model: String,
        _ connection: Session
    ) throws(StoreError) {
        let found = try connection.row(
            """
            SELECT count(*) AS count, count(*) FILTER (WHERE is_judged) AS feedback,
                count(*) FILTER (WHERE is_relabelled = 1 AND NOT is_judged) AS relabelled
            FROM (SELECT is_relabelled, source IN ('feedback', 'label-studio') AS is_judged
                FROM examples WHERE model = ? AND removed IS NULL) AS present
            """,
            .text(model)
        ) {
            (rows: $0.int("count"), feedback: $0.int("feedback"), relabelled: $0.int("relabelled"))
        }
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
        _ connection: Session
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
    SELECT jobs.id, model, state, promotion, options, row_count, data_digest, attempt,
           cancel_requested, epoch, epochs, loss, accuracy, seconds_left, version, promoted,
           reason, metrics, error_code, error_detail, created_at, started_at, finished_at, revision,
           warm_start, actor, may_promote, given_back, stage, mode, posted, added_rows,
           relabelled_rows, removed_rows
    FROM jobs LEFT JOIN results ON results.id = result
    """

extension UnfinishedJob.Run {
    fileprivate init?(_ row: some SQLRow) {
        guard row.text("state") == JobState.running.rawValue else { return nil }
        self.init(
            worker: row.text("worker"),
            attempt: row.int("attempt"),
            heartbeat: row.int("heartbeat"),
            lease: .milliseconds(row.int("lease_milliseconds"))
        )
    }
}

extension DataSetChange {
    fileprivate init?(ofJob row: some SQLRow) {
        guard let added = row.optionalInt("added_rows") else { return nil }
        self.init(
            added: added,
            relabelled: row.int("relabelled_rows"),
            removed: row.int("removed_rows")
        )
    }
}

extension JobProgress {
    /// What the columns `epoch` to `seconds_left` hold.
    init?(_ row: some SQLRow) {
        guard let epoch = row.optionalInt("epoch") else { return nil }
        self.init(
            epoch: epoch,
            epochs: row.int("epochs"),
            loss: row.optionalDouble("loss"),
            accuracy: row.optionalDouble("accuracy"),
            secondsLeft: row.optionalDouble("seconds_left")
        )
    }
}

extension Job {
    fileprivate init(_ row: some SQLRow) {
        let failure = row.optionalText("error_code").map {
            JobFailure(code: $0, detail: row.text("error_detail"))
        }
        self.init(
            id: row.text("id"),
            model: row.text("model"),
            state: JobState(rawValue: row.text("state")) ?? .failed,  // The table allows no other.
            promotion: Promotion(rawValue: row.text("promotion")) ?? .never,  // Nor here.
            options: row.blob("options"),
            mode: DataSetMode(rawValue: row.text("mode")) ?? .extend,  // Nor here.
            rowCount: row.int("row_count"),
            dataDigest: row.text("data_digest"),
            revision: row.optionalInt("revision"),
            postedAt: row.int("posted"),
            change: DataSetChange(ofJob: row),
            startsWarm: row.int("warm_start") != 0,
            actor: row.optionalText("actor"),
            mayPromote: row.int("may_promote") != 0,
            attempt: row.int("attempt"),
            attemptsGivenBack: row.int("given_back"),
            isCancelRequested: row.int("cancel_requested") != 0,
            stage: row.optionalText("stage"),
            progress: JobProgress(row),
            version: row.optionalInt("version"),
            isPromoted: row.optionalInt("promoted").map { $0 != 0 },
            reason: row.optionalText("reason"),
            metrics: row.optionalBlob("metrics"),
            failure: failure,
            createdAt: row.int("created_at"),
            startedAt: row.optionalInt("started_at"),
            finishedAt: row.optionalInt("finished_at")
        )
    }
}
