extension Schema {
    /// A job's rows wait beside the data set until the job succeeds; each row knows its origin.
    ///
    /// Tables whose checks change are made anew, because SQLite cannot alter a check.
    static let postedRowsThatWait = """
        CREATE TABLE new_jobs (
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
            metrics BLOB,
            error_code TEXT,
            error_detail TEXT,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            finished_at INTEGER,
            -- Last, so that lists do not read past it.
            report BLOB
        ) STRICT;
        INSERT INTO new_jobs (sequence, id, model, mode, posted, revision, row_count, data_digest,
                options, promotion, actor, may_promote, warm_start, state, attempt, given_back,
                worker, heartbeat, lease_milliseconds, cancel_requested, stage, epoch, epochs, loss,
                accuracy, seconds_left, version, promoted, reason, metrics, error_code,
                error_detail, created_at, started_at, finished_at, report)
            -- The rows of older jobs are in the data set since they were posted.
            SELECT sequence, id, model, 'extend', revision,
                CASE state WHEN 'queued' THEN NULL ELSE revision END, row_count, data_digest,
                options, promotion, actor, may_promote, warm_start, state, attempt, given_back,
                worker, heartbeat, lease_milliseconds, cancel_requested, stage, epoch, epochs, loss,
                accuracy, seconds_left, version, promoted, reason, metrics, error_code,
                error_detail, created_at, started_at, finished_at, report
            FROM jobs ORDER BY sequence;

        CREATE TABLE new_job_events (
            job TEXT NOT NULL REFERENCES new_jobs (id) ON DELETE CASCADE,
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
        INSERT INTO new_job_events SELECT job, number, state, attempt, stage, epoch, epochs, loss,
            accuracy, seconds_left FROM job_events;
        DROP TABLE job_events;
        DROP TABLE jobs;
        ALTER TABLE new_jobs RENAME TO jobs;
        ALTER TABLE new_job_events RENAME TO job_events;
        CREATE INDEX jobs_by_state ON jobs (state, sequence);

        -- In order of id within a job.
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

        CREATE TABLE new_examples (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            model TEXT NOT NULL,
            label TEXT NOT NULL,
            text TEXT NOT NULL,
            -- Whether the text is the start of a longer one.
            is_truncated INTEGER NOT NULL DEFAULT 0,
            source TEXT NOT NULL CHECK (source IN ('train', 'feedback', 'import')),
            actor TEXT,
            created_at INTEGER NOT NULL,
            -- Whether the text had another label before.
            is_relabelled INTEGER NOT NULL DEFAULT 0,
            -- When it was acknowledged, in the numbers of revisions; at or before `added`.
            arrived INTEGER NOT NULL,
            added INTEGER NOT NULL,
            removed INTEGER
        ) STRICT;
        INSERT INTO new_examples
                (id, model, label, text, source, actor, created_at, arrived, added, removed)
            SELECT examples.id, examples.model, label, text,
                CASE source WHEN 'examples' THEN 'import' ELSE source END, revisions.actor,
                ifnull(revisions.created_at, 0), added, added, removed
            FROM examples LEFT JOIN revisions ON revisions.id = added ORDER BY examples.id;
        -- Numbers of rows that are gone are not used again.
        DELETE FROM sqlite_sequence WHERE name = 'new_examples';
        INSERT INTO sqlite_sequence (name, seq)
            SELECT 'new_examples', seq FROM sqlite_sequence WHERE name = 'examples';
        DROP TABLE examples;
        ALTER TABLE new_examples RENAME TO examples;
        CREATE INDEX examples_by_model ON examples (model, removed);
        -- In order of id, for pages of any revision.
        CREATE INDEX examples_in_order ON examples (model);
        CREATE INDEX examples_by_text ON examples (model, text) WHERE removed IS NULL;

        -- Whether its rows stay for a while, because all of them were replaced.
        ALTER TABLE revisions ADD COLUMN is_kept INTEGER NOT NULL DEFAULT 0;
        """
}
