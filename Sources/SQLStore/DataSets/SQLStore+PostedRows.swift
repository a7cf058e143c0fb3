internal import Examples
internal import Store

// The rows of jobs that have not succeeded. They are kept beside the data set, and become part of
// it in the transaction that publishes the job's version.
extension SQLStore {
    /// Puts a job's rows aside; with `extend` the last label of a text counts.
    func store(
        _ rows: [DataSetMerge.PostedRow],
        ofJob sequence: Int,
        _ connection: Session
    ) throws(StoreError) {
        try connection.runAll(
            "INSERT INTO posted_rows (job, label, text, is_truncated) VALUES (?, ?, ?, ?)",
            rows.map { row in
                [
                    .integer(sequence), .text(row.example.label), .text(row.example.text),
                    SQLValue(row.example.isTruncated),
                ]
            }
        )
    }

    /// The data set with a job's rows: as it would be now for one that waits, as it was when the
    /// job was claimed for one that runs.
    func merge(of job: Job, _ connection: Session) throws(StoreError) -> DataSetMerge {
        let posted = try connection.rows(
            """
            SELECT label, text, is_truncated, overruled FROM posted_rows
            WHERE job = (SELECT sequence FROM jobs WHERE id = ?) ORDER BY id
            """,
            .text(job.id)
        ) { row in
            DataSetMerge.PostedRow(
                example: Example(row),
                overruled: row.optionalInt("overruled")
            )
        }
        let stored = try storedRows(of: job.model, revision: job.revision, connection)
        return DataSetMerge(stored, with: posted, job.mode, postedAt: job.postedAt)
    }

    /// The rows of a revision, or the newest ones, with their numbers.
    func storedRows(
        of model: String,
        revision: Int? = nil,
        _ connection: Session
    ) throws(StoreError) -> [DataSetMerge.StoredRow] {
        func row(_ row: Session.Row) -> DataSetMerge.StoredRow {
            DataSetMerge.StoredRow(
                id: row.int("id"),
                example: Example(row),
                arrived: row.int("arrived")
            )
        }
        guard let revision else {
            return try connection.rows(
                """
                SELECT id, label, text, is_truncated, arrived FROM examples
                WHERE model = ? AND removed IS NULL ORDER BY id
                """,
                .text(model),
                decode: row
            )
        }
        return try connection.rows(
            """
            SELECT id, label, text, is_truncated, arrived FROM examples
            WHERE model = ?1 AND added <= ?2 AND (removed IS NULL OR removed > ?2) ORDER BY id
            """,
            .text(model),
            .integer(revision),
            decode: row
        )
    }

    /// Makes the rows of a running job part of its model's data set, in the revision that the job
    /// was claimed with; what was changed since then comes after it.
    func apply(_ merge: DataSetMerge, of job: Job, _ connection: Session) throws(StoreError) {
        guard merge.isChange, let revision = job.revision else { return }
        let newest = try newestRevision(of: job.model, connection)
        try remove(rows: merge.removed, in: revision, connection)
        let origin = RowOrigin(source: .train, actor: job.actor, createdAt: job.createdAt)
        let added = merge.added.map { added in
            NewRow(
                example: added.row.example,
                isRelabelled: added.isRelabelled,
                arrived: job.postedAt,
                removed: added.row.overruled
            )
        }
        try insert(added, into: job.model, from: origin, in: revision, connection)
        try connection.run(
            "INSERT INTO revisions (id, model, actor, created_at) VALUES (?, ?, ?, ?)",
            .integer(revision),
            .text(job.model),
            SQLValue(job.actor),
            .integer(wallClock())
        )
        if try haveCorrectionsGone(in: revision, of: job.model, connection) {
            try keep(revisionBefore: revision, of: job.model, connection)
        }
        // What the changes since the claim have made is another data set now.
        if let newest, newest > revision {
            _ = try beginRevision(of: job.model, actor: job.actor, connection)
        }
    }

    /// Whether a job put its rows in the place of corrections or annotations, which no version may
    /// have learnt.
    private func haveCorrectionsGone(
        in revision: Int,
        of model: String,
        _ connection: Session
    ) throws(StoreError) -> Bool {
        try connection.row(
            """
            SELECT 1 FROM examples WHERE model = ? AND removed = ?
                AND (source IN ('feedback', 'label-studio') OR is_relabelled = 1) LIMIT 1
            """,
            .text(model),
            .integer(revision)
        ) { _ in true } ?? false
    }

    /// Whether a job of the model that has not ended will change the data set.
    func hasWaitingRows(_ model: String, _ connection: Session) throws(StoreError) -> Bool {
        try connection.row(
            """
            SELECT 1 FROM jobs WHERE model = ? AND state IN ('queued', 'running') AND
                (mode = 'replace' OR EXISTS (SELECT 1 FROM posted_rows WHERE job = jobs.sequence))
            LIMIT 1
            """,
            .text(model)
        ) { _ in true } ?? false
    }

    /// Takes texts out of the rows that wait with the model's jobs, because they were changed later
    /// than these were posted.
    ///
    /// What a running job has learnt stays known; it ends with the revision.
    ///
    /// - Returns: how many rows it took.
    @discardableResult
    func overrule(
        _ texts: Set<String>,
        of model: String,
        in revision: Int,
        _ connection: Session
    ) throws(StoreError) -> Int {
        let deleted = try connection.runAll(
            """
            DELETE FROM posted_rows WHERE text = ? AND job IN
                (SELECT sequence FROM jobs WHERE model = ? AND state = 'queued')
            """,
            texts.map { [.text($0), .text(model)] }
        )
        let ended = try connection.runAll(
            """
            UPDATE posted_rows SET overruled = ? WHERE text = ? AND overruled IS NULL AND job IN
                (SELECT sequence FROM jobs WHERE model = ? AND state = 'running')
            """,
            texts.map { [.integer(revision), .text($0), .text(model)] }
        )
        return deleted + ended
    }

    /// Forgets the rows of a job that has ended; of one that waits again, those that were
    /// overruled.
    func discardPostedRows(ofJob id: String, _ connection: Session) throws(StoreError) {
        try connection.run(
            """
            DELETE FROM posted_rows WHERE job IN (SELECT sequence FROM jobs WHERE id = ?1
                AND state != 'running' AND (state != 'queued' OR overruled IS NOT NULL))
            """,
            .text(id)
        )
    }
}
