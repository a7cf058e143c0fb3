extension Schema {
    /// In which order models get their turn.
    static let turns = "ALTER TABLE jobs ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;"
}
