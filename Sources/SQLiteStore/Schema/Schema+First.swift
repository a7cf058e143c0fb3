extension Schema {
    /// Times are milliseconds since 1970, for people only: no decision depends on one.
    static let first = """
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
