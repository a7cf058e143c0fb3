extension Schema {
    /// Texts without labels, and word vectors.
    static let textsAndVectors = """
        CREATE TABLE texts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            model TEXT NOT NULL,
            text TEXT NOT NULL,
            -- The text's SHA-256, so that it is there once.
            digest TEXT NOT NULL,
            actor TEXT,
            created_at INTEGER NOT NULL,
            UNIQUE (model, digest)
        ) STRICT;
        CREATE INDEX texts_in_order ON texts (model, id);

        CREATE TABLE vectors (
            name TEXT PRIMARY KEY,
            sha256 TEXT NOT NULL,
            words INTEGER NOT NULL,
            dimensions INTEGER NOT NULL,
            kept_words INTEGER NOT NULL,
            kept_dimensions INTEGER NOT NULL,
            byte_count INTEGER NOT NULL,
            actor TEXT,
            created_at INTEGER NOT NULL,
            -- Last, so that lists do not read past it.
            bytes BLOB NOT NULL
        ) STRICT;
        """
}
