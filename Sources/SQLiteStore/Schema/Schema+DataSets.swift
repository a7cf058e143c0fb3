extension Schema {
    /// A model's rows stay from job to job; versions keep what their decision rested on.
    ///
    /// Schema 1 copied the rows of each job. Here a row belongs to each revision r of its model
    /// with added <= r < removed, and a job names a revision.
    static let dataSetsThatStay = """
        CREATE TABLE revisions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            model TEXT NOT NULL,
            actor TEXT,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX revisions_by_model ON revisions (model);
        INSERT INTO revisions (id, model, created_at)
            SELECT id, (SELECT model FROM jobs WHERE dataset = datasets.id), created_at
            FROM datasets WHERE id IN (SELECT dataset FROM jobs);

        ALTER TABLE examples RENAME TO old_examples;
        CREATE TABLE examples (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            model TEXT NOT NULL,
            label TEXT NOT NULL,
            text TEXT NOT NULL,
            source TEXT NOT NULL CHECK (source IN ('train', 'examples', 'feedback')),
            added INTEGER NOT NULL,
            removed INTEGER
        ) STRICT;
        INSERT INTO examples (id, model, label, text, source, added, removed)
            SELECT old_examples.id, model, label, text, 'train', dataset, next
            FROM old_examples JOIN (
                SELECT id AS revision, model, lead(id) OVER (PARTITION BY model ORDER BY id) AS next
                FROM revisions
            ) ON revision = dataset ORDER BY old_examples.id;
        CREATE INDEX examples_by_model ON examples (model, removed);
        CREATE INDEX examples_by_text ON examples (model, text) WHERE removed IS NULL;

        ALTER TABLE jobs RENAME TO old_jobs;
        DROP INDEX jobs_by_state;
        CREATE TABLE jobs (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            model TEXT NOT NULL,
            revision INTEGER NOT NULL,
            row_count INTEGER NOT NULL,
            data_digest TEXT NOT NULL,
            options BLOB NOT NULL,
            promotion TEXT NOT NULL CHECK (promotion IN ('always', 'if_better', 'never')),
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
            metrics BLOB,
            error_code TEXT,
            error_detail TEXT,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            finished_at INTEGER,
            -- Last, so that lists do not read past it.
            report BLOB
        ) STRICT;
        INSERT INTO jobs (sequence, id, model, revision, row_count, data_digest, options, promotion,
                state, attempt, worker, heartbeat, lease_milliseconds, cancel_requested, epoch,
                epochs, loss, accuracy, seconds_left, version, promoted, reason, metrics,
                error_code, error_detail, created_at, started_at, finished_at)
            SELECT sequence, old_jobs.id, model, dataset, row_count, digest, options, promotion,
                state, attempt, worker, heartbeat, lease_milliseconds, cancel_requested, epoch,
                epochs, loss, accuracy, seconds_left, version, promoted, reason, metrics,
                error_code, error_detail, old_jobs.created_at, started_at, finished_at
            FROM old_jobs JOIN datasets ON datasets.id = dataset ORDER BY sequence;
        CREATE INDEX jobs_by_state ON jobs (state, sequence);
        DROP TABLE old_jobs;
        DROP TABLE old_examples;
        DROP TABLE datasets;

        ALTER TABLE versions ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE versions ADD COLUMN actor TEXT;
        ALTER TABLE versions ADD COLUMN revision INTEGER;
        ALTER TABLE versions ADD COLUMN options BLOB;
        ALTER TABLE versions ADD COLUMN tool_version TEXT;
        ALTER TABLE versions ADD COLUMN report BLOB;
        UPDATE versions SET (revision, options) =
            (SELECT revision, options FROM jobs WHERE id = versions.job);

        -- What a version's network said of rows that it had not learnt from.
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
        -- Raised with each change of a model's golden cases; 0 where there is no row.
        CREATE TABLE golden_revisions (
            model TEXT PRIMARY KEY,
            revision INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

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

        -- What was answered to requests that carried a key, for those that come again.
        CREATE TABLE idempotency (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            scope TEXT NOT NULL,
            key TEXT NOT NULL,
            request_digest TEXT NOT NULL,
            job TEXT,
            body BLOB,
            UNIQUE (scope, key)
        ) STRICT;
        """
}
