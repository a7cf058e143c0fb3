extension Schema {
    /// Answers that are remembered, where an operator wants that.
    static let predictions = """
        CREATE TABLE predictions (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            model TEXT NOT NULL,
            version INTEGER NOT NULL,
            text TEXT NOT NULL,
            label TEXT NOT NULL,
            score REAL NOT NULL,
            -- How much less likely the second label was.
            margin REAL NOT NULL,
            created_at INTEGER NOT NULL,
            is_reviewed INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX predictions_by_score ON predictions (score) WHERE is_reviewed = 0;
        CREATE INDEX predictions_by_margin ON predictions (margin) WHERE is_reviewed = 0;
        """
}
