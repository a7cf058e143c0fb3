private import Digest
internal import Examples

extension Store {
    /// Queues a training job: its rows and the job itself in one transaction.
    ///
    /// - Returns: the job; it is on the disk.
    /// - Complexity: O(rows), a few microseconds each.
    public func submit(job new: NewJob) throws(StoreError) -> Job {
        let id = RandomIdentifier.make(prefix: "job-")
        let digest = ExampleSet.digest(of: new.examples)
        return try write { connection throws(StoreError) in
            let now = wallClock()
            try connection.run(
                "INSERT INTO datasets (digest, row_count, created_at) VALUES (?, ?, ?)",
                .text(digest),
                .integer(new.examples.count),
                .integer(now)
            )
            let dataset = connection.lastInsertedRow
            for example in new.examples {
                try connection.run(
                    "INSERT INTO examples (dataset, label, text) VALUES (?, ?, ?)",
                    .integer(dataset),
                    .text(example.label),
                    .text(example.text)
                )
            }
            try connection.run(
                """
                INSERT INTO jobs (id, model, dataset, options, promotion, state, created_at)
                VALUES (?, ?, ?, ?, ?, 'queued', ?)
                """,
                .text(id),
                .text(new.model),
                .integer(dataset),
                .blob(new.options),
                .text(new.promotion.rawValue),
                .integer(now)
            )
            return try self.job(id, connection)
        }
    }

    /// A job as it stands; nil when there is none.
    public func job(_ id: String) throws(StoreError) -> Job? {
        try read { connection throws(StoreError) in
            try connection.row(jobQuery + " WHERE jobs.id = ?", .text(id)) { Job($0) }
        }
    }

    /// Jobs, the newest first.
    ///
    /// - Parameters:
    ///   - limit: the most jobs that are returned.
    ///   - before: the identifier of the last job of the page before; an unknown one gives none.
    /// - Returns: one page.
    /// - Throws: when the store cannot be read.
    public func jobs(limit: Int, before: String? = nil) throws(StoreError) -> [Job] {
        try read { connection throws(StoreError) in
            guard let before else {
                return try connection.rows(
                    jobQuery + " ORDER BY sequence DESC LIMIT ?",
                    .integer(limit)
                ) { Job($0) }
            }
            return try connection.rows(
                jobQuery
                    + """
                     WHERE sequence < (SELECT sequence FROM jobs WHERE id = ?)
                    ORDER BY sequence DESC LIMIT ?
                    """,
                .text(before),
                .integer(limit)
            ) { Job($0) }
        }
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
            try connection.run(
                "UPDATE jobs SET cancel_requested = 1 WHERE id = ? AND state IN ('running', 'cancelled')",
                .text(id)
            )
            return try connection.row(jobQuery + " WHERE jobs.id = ?", .text(id)) { Job($0) }
        }
    }
}

extension Store {
    /// A job that is known to exist, inside a transaction.
    func job(_ id: String, _ connection: SQLConnection) throws(StoreError) -> Job {
        let job = try connection.row(jobQuery + " WHERE jobs.id = ?", .text(id)) { Job($0) }
        guard let job else { throw .claimLost(job: id) }
        return job
    }
}

private let jobQuery = """
    SELECT jobs.id, model, state, promotion, options, row_count, digest, attempt,
           cancel_requested, epoch, epochs, loss, accuracy, seconds_left, version, promoted,
           reason, metrics, error_code, error_detail, jobs.created_at, started_at, finished_at
    FROM jobs JOIN datasets ON datasets.id = jobs.dataset
    """

extension Job {
    fileprivate init(_ row: SQLStatement) {
        let progress = row.optionalInt(9).map { epoch in
            JobProgress(
                epoch: epoch,
                epochs: row.int(10),
                loss: row.optionalDouble(11),
                accuracy: row.optionalDouble(12),
                secondsLeft: row.optionalDouble(13)
            )
        }
        let failure = row.optionalText(18).map { JobFailure(code: $0, detail: row.text(19)) }
        self.init(
            id: row.text(0),
            model: row.text(1),
            state: JobState(rawValue: row.text(2)) ?? .failed,  // The table allows no other.
            promotion: Promotion(rawValue: row.text(3)) ?? .never,  // Nor does `submit` here.
            options: row.blob(4),
            rowCount: row.int(5),
            dataDigest: row.text(6),
            attempt: row.int(7),
            isCancelRequested: row.int(8) != 0,
            progress: progress,
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
