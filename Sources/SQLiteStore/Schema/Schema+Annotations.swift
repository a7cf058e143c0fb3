extension Schema {
    /// What is said of texts in Label Studio: which row an update or a deletion there is about.
    static let annotations = """
        CREATE TABLE annotations (
            model TEXT NOT NULL,
            -- The numbers that Label Studio gave.
            project INTEGER NOT NULL,
            id INTEGER NOT NULL,
            task INTEGER,
            label TEXT NOT NULL,
            text TEXT NOT NULL,
            -- When it was acknowledged, in the numbers of revisions.
            changed INTEGER NOT NULL,
            PRIMARY KEY (model, project, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX annotations_by_text ON annotations (model, text);
        CREATE INDEX annotations_by_task ON annotations (model, project, task);
        """

    /// Rows may come from there.
    ///
    /// SQLite cannot alter a check. This changes what it remembers of the table's statement, as its
    /// documentation of ALTER TABLE says for what leaves the rows as they are. The tables that
    /// follow tell other connections to read the schema again.
    static let labelStudio = """
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(
            sql,
            'source TEXT NOT NULL CHECK (source IN (''train'', ''feedback'', ''import''))',
            'source TEXT NOT NULL
                CHECK (source IN (''train'', ''feedback'', ''import'', ''label-studio''))'
        ) WHERE type = 'table' AND name = 'examples';
        PRAGMA writable_schema = RESET;
        \(annotations)
        """
}
