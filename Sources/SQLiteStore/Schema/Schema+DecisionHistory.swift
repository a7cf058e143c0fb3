extension Schema {
    /// What earlier decisions about a model leave for the next one; what is live stands for itself.
    static let decisionHistory = """
        ALTER TABLE models ADD COLUMN anchor_version INTEGER;
        ALTER TABLE models ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE models ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE models ADD COLUMN anchor_looks INTEGER NOT NULL DEFAULT 0;
        UPDATE models SET anchor_version = live_version;
        """
}
