extension Schema {
    /// What a training came to, which its version and its job share.
    ///
    /// Schema 4 had it in both rows. Either may be deleted before the other.
    static let resultsOnce = """
        CREATE TABLE results (
            id INTEGER PRIMARY KEY,
            metrics BLOB,
            -- Last, so that lists do not read past it.
            report BLOB
        ) STRICT;
        ALTER TABLE versions ADD COLUMN result INTEGER REFERENCES results (id);
        ALTER TABLE jobs ADD COLUMN result INTEGER REFERENCES results (id);

        INSERT INTO results (id, metrics, report)
            SELECT row_number() OVER (ORDER BY model, number), metrics, report FROM versions;
        UPDATE versions SET result = place FROM (
                SELECT model AS m, number AS n, row_number() OVER (ORDER BY model, number) AS place
                FROM versions
            ) WHERE m = model AND n = number;
        UPDATE jobs SET result = (SELECT result FROM versions WHERE versions.job = jobs.id);

        -- Of jobs whose versions are gone, or that failed.
        INSERT INTO results (id, metrics, report)
            SELECT (SELECT count(*) FROM versions) + sequence, metrics, report FROM jobs
            WHERE result IS NULL AND (metrics IS NOT NULL OR report IS NOT NULL);
        UPDATE jobs SET result = (SELECT count(*) FROM versions) + sequence
            WHERE result IS NULL AND (metrics IS NOT NULL OR report IS NOT NULL);

        ALTER TABLE versions DROP COLUMN metrics;
        ALTER TABLE versions DROP COLUMN report;
        ALTER TABLE jobs DROP COLUMN metrics;
        ALTER TABLE jobs DROP COLUMN report;
        CREATE INDEX versions_by_result ON versions (result);
        CREATE INDEX jobs_by_result ON jobs (result);
        """
}
