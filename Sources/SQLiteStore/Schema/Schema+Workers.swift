extension Schema {
    /// Who trains.
    static let workers = """
        CREATE TABLE workers (
            name TEXT PRIMARY KEY,
            host TEXT NOT NULL,
            process INTEGER NOT NULL,
            version TEXT NOT NULL,
            threads INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            -- Counts its signs: one that stays the same is silent.
            signs INTEGER NOT NULL,
            signed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
