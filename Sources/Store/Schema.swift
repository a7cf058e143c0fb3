/// The tables, and how a store of an older Elman gets them.
enum Schema {
    /// Marks a database as a store ("Elmn").
    static let applicationID = 0x456C_6D6E

    /// Step k leads from schema k to k + 1.
    ///
    /// Steps that were ever released never change; a new one is added at the end.
    static let steps = [first]

    /// Brings the database to the newest schema, in one transaction.
    ///
    /// - Throws: `newerSchema` or `notAStore` before anything is changed.
    static func migrate(_ connection: SQLConnection, path: String) throws(StoreError) {
        if try stepsToDo(connection, path: path).isEmpty { return }
        try connection.transaction { connection throws(StoreError) in
            // Asked again under the lock: another process may have been faster.
            let steps = try stepsToDo(connection, path: path)
            if steps.isEmpty { return }
            for step in steps { try connection.execute(step) }
            try connection.execute(
                "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(Self.steps.count)"
            )
        }
    }

    private static func stepsToDo(
        _ connection: SQLConnection,
        path: String
    ) throws(StoreError) -> ArraySlice<String> {
        // One statement, so that all three belong to one state of the file.
        let state = try connection.row(
            """
            SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema)
            FROM pragma_user_version, pragma_application_id
            """
        ) { (version: $0.int(0), owner: $0.int(1), objects: $0.int(2)) }
        guard let state else { throw .corrupt(path: path) }
        guard state.version <= steps.count else {
            throw .newerSchema(found: state.version, supported: steps.count)
        }
        guard state.owner == applicationID || (state.owner == 0 && state.objects == 0) else {
            throw .notAStore(path: path)
        }
        return steps[state.version...]
    }

    /// Times are milliseconds since 1970, for people only: no decision depends on one.
    private static let first = """
        CREATE TABLE models (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            live_version INTEGER,
            live_set_by TEXT CHECK (live_set_by IN ('import', 'job', 'hand')),
            next_version INTEGER NOT NULL DEFAULT 1,
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE versions (
            model INTEGER NOT NULL REFERENCES models (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            digest TEXT NOT NULL,
            byte_count INTEGER NOT NULL,
            origin TEXT NOT NULL CHECK (origin IN ('file', 'upload', 'job')),
            job TEXT,
            parent INTEGER,
            data_digest TEXT,
            metrics BLOB NOT NULL,
            reason TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (model, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX versions_by_digest ON versions (model, digest);

        -- Apart from their versions, so that lists of versions do not read past the bytes.
        CREATE TABLE checkpoints (
            id INTEGER PRIMARY KEY,
            model INTEGER NOT NULL,
            number INTEGER NOT NULL,
            bytes BLOB NOT NULL,
            UNIQUE (model, number),
            FOREIGN KEY (model, number) REFERENCES versions (model, number) ON DELETE CASCADE
        ) STRICT;

        CREATE TABLE datasets (
            id INTEGER PRIMARY KEY,
            digest TEXT NOT NULL,
            row_count INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;

        -- In order of id within a data set.
        CREATE TABLE examples (
            id INTEGER PRIMARY KEY,
            dataset INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
            label TEXT NOT NULL,
            text TEXT NOT NULL
        ) STRICT;
        CREATE INDEX examples_by_dataset ON examples (dataset);

        -- By name of model: the model itself comes with its first version.
        CREATE TABLE jobs (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            model TEXT NOT NULL,
            dataset INTEGER NOT NULL REFERENCES datasets (id),
            options BLOB NOT NULL,
            promotion TEXT NOT NULL CHECK (promotion IN ('always', 'if_better', 'never')),
            state TEXT NOT NULL
                CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
            attempt INTEGER NOT NULL DEFAULT 0,
            worker TEXT,
            heartbeat INTEGER NOT NULL DEFAULT 0,
            lease_milliseconds INTEGER NOT NULL DEFAULT 0,
            cancel_requested INTEGER NOT NULL DEFAULT 0,
            epoch INTEGER,
            epochs INTEGER,
            loss REAL,
            accuracy REAL,
            seconds_left REAL,
            version INTEGER,
            promoted INTEGER,
            reason TEXT,
            metrics BLOB,
            error_code TEXT,
            error_detail TEXT,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            finished_at INTEGER
        ) STRICT;
        CREATE INDEX jobs_by_state ON jobs (state, sequence);
        """
}
