extension PostgreSQLSchema {
    /// What is said of texts in Label Studio; rows may come from there.
    static let annotations = [
        "ALTER TABLE examples DROP CONSTRAINT examples_source_check",
        // A new check on a column is not looked up in rows that have passed a stricter one.
        """
        ALTER TABLE examples ADD CONSTRAINT examples_source_check
            CHECK (source IN ('train', 'feedback', 'import', 'label-studio')) NOT VALID
        """,
        """
        CREATE TABLE annotations (
            model text NOT NULL,
            -- The numbers that Label Studio gave.
            project bigint NOT NULL,
            id bigint NOT NULL,
            task bigint,
            label text NOT NULL,
            text text NOT NULL,
            -- When it was acknowledged, in the numbers of revisions.
            changed bigint NOT NULL,
            PRIMARY KEY (model, project, id)
        )
        """,
        "CREATE INDEX annotations_by_text ON annotations USING hash (text)",
        "CREATE INDEX annotations_by_task ON annotations (model, project, task)",
    ]
}
