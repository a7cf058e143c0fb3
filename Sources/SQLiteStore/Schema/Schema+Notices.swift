extension Schema {
    /// Ends of jobs may be told: 1 for those that are to be, 2 for those that a server has taken.
    static let notices = "ALTER TABLE jobs ADD COLUMN notice INTEGER NOT NULL DEFAULT 0;"
}
