extension Schema {
    /// All tables, as a new store gets them at once; the steps lead an older one to the same.
    ///
    /// Times are milliseconds since 1970, for people only: no decision depends on one.
    static let newest = """
        CREATE TABLE results (
            id INTEGER PRIMARY KEY,
            metrics BLOB,
            -- Last, so that lists do not read past it.
            report BLOB
        ) STRICT;

        CREATE TABLE models (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            live_version INTEGER,
            live_set_by TEXT CHECK (live_set_by IN ('import', 'job', 'hand')),
            next_version INTEGER NOT NULL DEFAULT 1,
            created_at INTEGER NOT NULL,
            -- What earlier decisions leave for the next one.
            anchor_version INTEGER,
            refusals INTEGER NOT NULL DEFAULT 0,
            looks INTEGER NOT NULL DEFAULT 0,
            anchor_looks INTEGER NOT NULL DEFAULT 0
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
            reason TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            pinned INTEGER NOT NULL DEFAULT 0,
            actor TEXT,
            -- The rows that it learnt.
            revision INTEGER,
            options BLOB,
            tool_version TEXT,
            result INTEGER REFERENCES results (id),
            PRIMARY KEY (model, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX versions_by_digest ON versions (model, digest);

        CREATE TABLE checkpoints (
            id INTEGER PRIMARY KEY,
            model INTEGER NOT NULL,
            number INTEGER NOT NULL,
            bytes BLOB NOT NULL,
            UNIQUE (model, number),
            FOREIGN KEY (model, number) REFERENCES versions (model, number) ON DELETE CASCADE
        ) STRICT;

        CREATE TABLE revisions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            model TEXT NOT NULL,
            actor TEXT,
            created_at INTEGER NOT NULL,
            is_kept INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX revisions_by_model ON revisions (model);

        CREATE TABLE held_out_answers (
            model INTEGER NOT NULL,
            number INTEGER NOT NULL,
            position INTEGER NOT NULL,
            text TEXT NOT NULL,
            truth TEXT NOT NULL,
            label TEXT NOT NULL,
            score REAL NOT NULL,
            truth_score REAL NOT NULL,
            PRIMARY KEY (model, number, position),
            FOREIGN KEY (model, number) REFERENCES versions (model, number) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE golden (
            model TEXT NOT NULL,
            position INTEGER NOT NULL,
            text TEXT NOT NULL,
            label TEXT NOT NULL,
            PRIMARY KEY (model, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE golden_revisions (
            model TEXT PRIMARY KEY,
            revision INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE idempotency (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            scope TEXT NOT NULL,
            key TEXT NOT NULL,
            request_digest TEXT NOT NULL,
            job TEXT,
            body BLOB,
            UNIQUE (scope, key)
        ) STRICT;

        CREATE TABLE jobs (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            model TEXT NOT NULL,
            mode TEXT NOT NULL CHECK (mode IN ('extend', 'replace')),
            -- The job's place among the changes of data sets, in the numbers of revisions.
            posted INTEGER NOT NULL,
            -- The rows that it trains on; NULL until it is claimed.
            revision INTEGER,
            row_count INTEGER NOT NULL,
            data_digest TEXT NOT NULL,
            added_rows INTEGER,
            relabelled_rows INTEGER,
            removed_rows INTEGER,
            options BLOB NOT NULL,
            promotion TEXT NOT NULL
                CHECK (promotion IN ('always', 'if_better', 'if_not_worse', 'never')),
            actor TEXT,
            may_promote INTEGER NOT NULL DEFAULT 1,
            warm_start INTEGER NOT NULL DEFAULT 0,
            state TEXT NOT NULL
                CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
            -- Counts every claim, as the number that fences writers; those that were given back in
            -- good order are not held against the job.
            attempt INTEGER NOT NULL DEFAULT 0,
            given_back INTEGER NOT NULL DEFAULT 0,
            worker TEXT,
            heartbeat INTEGER NOT NULL DEFAULT 0,
            lease_milliseconds INTEGER NOT NULL DEFAULT 0,
            cancel_requested INTEGER NOT NULL DEFAULT 0,
            stage TEXT,
            epoch INTEGER,
            epochs INTEGER,
            loss REAL,
            accuracy REAL,
            seconds_left REAL,
            version INTEGER,
            promoted INTEGER,
            reason TEXT,
            error_code TEXT,
            error_detail TEXT,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            finished_at INTEGER,
            result INTEGER REFERENCES results (id),
            -- The number of its last claim among all; before the first, that of the last claim when
            -- it came.
            turn INTEGER NOT NULL DEFAULT 0,
            notice INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        CREATE TABLE job_events (
            job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            state TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            stage TEXT,
            epoch INTEGER,
            epochs INTEGER,
            loss REAL,
            accuracy REAL,
            seconds_left REAL,
            PRIMARY KEY (job, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX jobs_by_state ON jobs (state, sequence);

        CREATE TABLE posted_rows (
            id INTEGER PRIMARY KEY,
            job INTEGER NOT NULL REFERENCES jobs (sequence) ON DELETE CASCADE,
            label TEXT NOT NULL,
            text TEXT NOT NULL,
            is_truncated INTEGER NOT NULL,
            -- The revision in which a later change of the same text took the row's place.
            overruled INTEGER
        ) STRICT;
        CREATE INDEX posted_rows_by_job ON posted_rows (job);
        CREATE INDEX posted_rows_by_text ON posted_rows (text);

        CREATE TABLE examples (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            model TEXT NOT NULL,
            label TEXT NOT NULL,
            text TEXT NOT NULL,
            -- Whether the text is the start of a longer one.
            is_truncated INTEGER NOT NULL DEFAULT 0,
            source TEXT NOT NULL
                CHECK (source IN ('train', 'feedback', 'import', 'label-studio')),
            actor TEXT,
            created_at INTEGER NOT NULL,
            -- Whether the text had another label before.
            is_relabelled INTEGER NOT NULL DEFAULT 0,
            -- When it was acknowledged, in the numbers of revisions; at or before `added`.
            arrived INTEGER NOT NULL,
            added INTEGER NOT NULL,
            removed INTEGER
        ) STRICT;
        CREATE INDEX examples_by_model ON examples (model, removed);
        CREATE INDEX examples_in_order ON examples (model);
        CREATE INDEX examples_by_text ON examples (model, text) WHERE removed IS NULL;
        \(workers)
        \(predictions)
        \(annotations)
        \(textsAndVectors)
        \(shadows)
        CREATE INDEX versions_by_result ON versions (result);
        CREATE INDEX jobs_by_result ON jobs (result);
        """
}
