extension Schema {
    /// Versions in shadow, and how they differed from the live one.
    static let shadows = """
        CREATE TABLE shadows (
            model INTEGER NOT NULL,
            number INTEGER NOT NULL,
            -- The live version that it was compared with.
            live INTEGER NOT NULL,
            share REAL NOT NULL,
            actor TEXT,
            started_at INTEGER NOT NULL,
            -- NULL while it runs.
            ended TEXT,
            texts INTEGER NOT NULL DEFAULT 0,
            agreed INTEGER NOT NULL DEFAULT 0,
            dropped INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (model, number),
            FOREIGN KEY (model, number) REFERENCES versions (model, number) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX one_shadow ON shadows (model) WHERE ended IS NULL;

        CREATE TABLE shadow_pairs (
            id INTEGER PRIMARY KEY,
            model INTEGER NOT NULL,
            number INTEGER NOT NULL,
            -- A label, what stands for a set of labels, or nothing for an abstention.
            live_answer TEXT NOT NULL,
            shadow_answer TEXT NOT NULL,
            texts INTEGER NOT NULL,
            UNIQUE (model, number, live_answer, shadow_answer),
            FOREIGN KEY (model, number) REFERENCES shadows (model, number) ON DELETE CASCADE
        ) STRICT;
        """
}
