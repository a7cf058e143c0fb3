internal import Store

// What is cleared away, in the transaction that makes it superfluous.
extension SQLStore {
    /// Deletes versions that nothing keeps, jobs that ended long ago, and rows that neither needs.
    ///
    /// Kept are the newest versions, the live one and its parent, the anchor, those that are
    /// pinned, the one in shadow, and the newest that came from a file, which would only be
    /// imported again.
    func retain(
        of model: String,
        _ connection: Session
    ) throws(StoreError) {
        let found = try find(model, connection)
        try connection.run(
            """
            DELETE FROM versions WHERE model = ?1 AND pinned = 0
                AND number NOT IN (SELECT number FROM versions WHERE model = ?1
                    ORDER BY number DESC LIMIT ?2)
                AND number IS DISTINCT FROM ?3
                AND number IS DISTINCT FROM
                    (SELECT anchor_version FROM models WHERE id = ?1)
                AND number IS DISTINCT FROM
                    (SELECT parent FROM versions WHERE model = ?1 AND number = ?3)
                AND number IS DISTINCT FROM
                    (SELECT number FROM shadows WHERE model = ?1 AND ended IS NULL)
                AND number IS DISTINCT FROM
                    (SELECT max(number) FROM versions WHERE model = ?1 AND origin = 'file')
            """,
            .integer(found.id),
            .integer(keptVersions),
            SQLValue(found.liveVersion)
        )
        let deletedJobs = try connection.run(
            """
            DELETE FROM jobs WHERE sequence IN (SELECT sequence FROM jobs
                WHERE state NOT IN ('queued', 'running') ORDER BY sequence DESC LIMIT ?
                OFFSET ?)
            """,
            .integer(.max),
            .integer(Retention.jobs)
        )
        if deletedJobs > 0 { try forgetAnswersOfDeletedJobs(connection) }
        try purgeResults(connection)
        try purgeRows(of: model, connection)
    }

    /// Deletes results that no version and no job has any more.
    func purgeResults(_ connection: Session) throws(StoreError) {
        try connection.run(
            """
            DELETE FROM results WHERE NOT EXISTS (SELECT 1 FROM versions WHERE result = results.id)
                AND NOT EXISTS (SELECT 1 FROM jobs WHERE result = results.id)
            """
        )
    }

    /// Keeps the rows that were there before a revision which replaced them.
    func keep(
        revisionBefore revision: Int,
        of model: String,
        _ connection: Session
    ) throws(StoreError) {
        try connection.run(
            """
            UPDATE revisions SET is_kept = 1 WHERE id =
                (SELECT max(id) FROM revisions WHERE model = ? AND id < ?)
            """,
            .text(model),
            .integer(revision)
        )
    }

    /// Deletes rows that are in no revision that is the newest or kept, or that a version or a
    /// running job was made from.
    func purgeRows(of model: String, _ connection: Session) throws(StoreError) {
        try connection.run(
            """
            DELETE FROM examples WHERE model = ?1 AND removed IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM (
                    \(learntRevisions)
                    UNION SELECT * FROM (SELECT id FROM revisions
                        WHERE revisions.model = ?1 AND is_kept = 1
                        ORDER BY id DESC LIMIT ?2) AS kept
                ) AS needed WHERE added <= revision AND revision < removed)
            """,
            .text(model),
            .integer(Retention.revisions)
        )
    }

    /// Deletes ended rows with these texts, also those of kept revisions; what a version or a
    /// running job was made from stays.
    ///
    /// Who removes a text wants it gone, not only out of the next training.
    func erase(
        _ texts: Set<String>,
        of model: String,
        _ connection: Session
    ) throws(StoreError) {
        let ended = try connection.rows(
            """
            SELECT id, text FROM examples WHERE model = ?1 AND removed IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM (\(learntRevisions)) AS learnt
                WHERE added <= revision AND revision < removed)
            """,
            .text(model)
        ) { (id: $0.int("id"), text: $0.text("text")) }
        try connection.runAll(
            "DELETE FROM examples WHERE id = ?",
            ended.filter { texts.contains($0.text) }.map { [.integer($0.id)] }
        )
    }
}

/// The revisions of the model ?1 that a version or a running job was made from.
private let learntRevisions = """
    SELECT revision FROM versions
        WHERE versions.model = (SELECT id FROM models WHERE name = ?1)
    UNION SELECT revision FROM jobs WHERE jobs.model = ?1 AND state = 'running'
    """
