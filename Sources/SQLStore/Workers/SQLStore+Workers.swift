package import Store

extension SQLStore {
    package func sign(_ worker: WorkerIdentity) throws(StoreError) {
        try write(isDurable: false) { connection throws(StoreError) in
            _ = try connection.run(
                """
                INSERT INTO workers
                    (name, host, process, version, threads, started_at, signed_at, signs)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET host = excluded.host, process = excluded.process,
                    version = excluded.version, threads = excluded.threads,
                    started_at = excluded.started_at, signed_at = excluded.signed_at,
                    signs = workers.signs + 1
                """,
                .text(worker.name),
                .text(worker.host),
                .integer(worker.process),
                .text(worker.version),
                .integer(worker.threads),
                .integer(worker.startedAt),
                .integer(wallClock()),
                // One that comes back must not look as if it had been silent since.
                .integer(Int.random(in: 0..<1 << 31))
            )
        }
    }

    package func workers() throws(StoreError) -> [WorkerRecord] {
        try read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT name, host, process, workers.version AS version, threads,
                    workers.started_at AS since, signed_at, id, model, attempt
                FROM workers LEFT JOIN jobs ON sequence =
                    (SELECT max(sequence) FROM jobs WHERE state = 'running' AND worker = name)
                ORDER BY since, name
                """
            ) { row in
                WorkerRecord(
                    worker: WorkerIdentity(
                        name: row.text("name"),
                        host: row.text("host"),
                        process: row.int("process"),
                        version: row.text("version"),
                        threads: row.int("threads"),
                        startedAt: row.int("since")
                    ),
                    signedAt: row.int("signed_at"),
                    job: row.optionalText("id").map { id in
                        WorkerRecord.Job(
                            id: id,
                            model: row.text("model"),
                            attempt: row.int("attempt")
                        )
                    }
                )
            }
        }
    }

    @discardableResult
    package func forgetSilentWorkers() throws(StoreError) -> [String] {
        let signs = try watched(by: silence) { connection throws(StoreError) in
            // What holds for a job's reports holds for a worker's signs.
            try connection.rows("SELECT name, signs FROM workers") { row in
                LeaseWatch.RunningJob(
                    id: row.text("name"),
                    attempt: 0,
                    heartbeat: row.int("signs"),
                    lease: Retention.workerSilence
                )
            }
        }
        let silent = silence.expired(among: signs)
        if silent.isEmpty { return [] }
        return try write { connection throws(StoreError) in
            var gone: [String] = []
            for worker in silent {
                // It may have signed since.
                let count = try connection.run(
                    "DELETE FROM workers WHERE name = ? AND signs = ?",
                    .text(worker.id),
                    .integer(worker.heartbeat)
                )
                if count > 0 { gone.append(worker.id) }
            }
            return gone
        }
    }

    /// Whether a worker is on the list.
    func isListed(_ worker: String, _ connection: Session) throws(StoreError) -> Bool {
        try connection.row("SELECT name FROM workers WHERE name = ?", .text(worker)) { _ in true }
            != nil
    }

    /// Takes a worker off the list.
    func forget(_ worker: String) throws(StoreError) {
        try write(isDurable: false) { connection throws(StoreError) in
            _ = try connection.run("DELETE FROM workers WHERE name = ?", .text(worker))
        }
    }

    package func excuseSilence() {
        for watch in [leases, silence] { watch.beginAnew() }
    }

    /// Reads what a watch is to look at.
    ///
    /// While nothing can be read nobody is silent: who watches begins anew.
    func watched(
        by watch: LeaseWatch,
        _ body: @Sendable (Session) throws(StoreError) -> [LeaseWatch.RunningJob]
    ) throws(StoreError) -> [LeaseWatch.RunningJob] {
        do throws(StoreError) { return try read(body) } catch {
            watch.beginAnew()
            throw error
        }
    }
}
