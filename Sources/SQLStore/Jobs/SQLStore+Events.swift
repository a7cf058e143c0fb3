package import Store

extension SQLStore {
    package func events(
        ofJob job: String,
        after number: Int,
        limit: Int
    ) throws(StoreError) -> [JobEvent] {
        try read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT number, state, attempt, stage, epoch, epochs, loss, accuracy, seconds_left
                FROM job_events WHERE job = ? AND number > ? ORDER BY number LIMIT ?
                """,
                .text(job),
                .integer(number),
                .integer(limit)
            ) { row in
                JobEvent(
                    number: row.int("number"),
                    // Copied from the jobs.
                    state: JobState(rawValue: row.text("state")) ?? .failed,
                    attempt: row.int("attempt"),
                    stage: row.optionalText("stage"),
                    progress: JobProgress(row)
                )
            }
        }
    }

    /// Writes down how a job stands, if that differs from its last event.
    func recordEvent(ofJob job: String, _ connection: Session) throws(StoreError) {
        let number = try connection.row(
            """
            INSERT INTO job_events
                (job, number, state, attempt, stage, epoch, epochs, loss, accuracy, seconds_left)
            SELECT jobs.id, coalesce(last.number, 0) + 1, jobs.state, jobs.attempt, jobs.stage,
                jobs.epoch, jobs.epochs, jobs.loss, jobs.accuracy, jobs.seconds_left
            FROM jobs LEFT JOIN job_events AS last ON last.job = jobs.id
                AND last.number = (SELECT max(number) FROM job_events WHERE job = jobs.id)
            WHERE jobs.id = ? AND (last.number IS NULL OR last.state != jobs.state
                OR last.attempt != jobs.attempt OR last.stage IS DISTINCT FROM jobs.stage
                OR last.epoch IS DISTINCT FROM jobs.epoch)
            RETURNING number
            """,
            .text(job)
        ) { $0.int("number") }
        guard let number, number > Retention.events else { return }
        try connection.run(
            "DELETE FROM job_events WHERE job = ? AND number <= ?",
            .text(job),
            .integer(number - Retention.events)
        )
    }
}
