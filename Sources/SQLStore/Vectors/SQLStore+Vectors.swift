package import Store

extension SQLStore {
    @discardableResult
    package func putVectors(
        _ vectors: VectorRecord,
        bytes: [UInt8]
    ) throws(StoreError) -> Bool {
        try write(.vectors) { connection throws(StoreError) in
            let replaced = try connection.run(
                "DELETE FROM vectors WHERE name = ?",
                .text(vectors.name)
            )
            try connection.run(
                """
                INSERT INTO vectors (name, sha256, words, dimensions, kept_words,
                    kept_dimensions, byte_count, actor, created_at, bytes)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                .text(vectors.name),
                .text(vectors.sha256),
                .integer(vectors.words),
                .integer(vectors.dimensions),
                .integer(vectors.keptWords),
                .integer(vectors.keptDimensions),
                .integer(vectors.byteCount),
                .text(vectors.actor),
                .integer(wallClock()),
                .blob(bytes)
            )
            return replaced == 0
        }
    }

    package func vectorRecords() throws(StoreError) -> [VectorRecord] {
        try read { connection throws(StoreError) in
            try connection.rows("SELECT \(vectorColumns) FROM vectors ORDER BY name") {
                VectorRecord($0)
            }
        }
    }

    package func vectorRecord(_ name: String) throws(StoreError) -> VectorRecord? {
        try read { connection throws(StoreError) in
            try connection.row(
                "SELECT \(vectorColumns) FROM vectors WHERE name = ?",
                .text(name)
            ) { VectorRecord($0) }
        }
    }

    package func vectorBytes(_ name: String) throws(StoreError) -> [UInt8]? {
        try read { connection throws(StoreError) in
            try connection.row("SELECT bytes FROM vectors WHERE name = ?", .text(name)) {
                $0.blob("bytes")
            }
        }
    }

    @discardableResult
    package func deleteVectors(_ name: String) throws(StoreError) -> Bool {
        try write(.vectors) { connection throws(StoreError) in
            try connection.run("DELETE FROM vectors WHERE name = ?", .text(name)) > 0
        }
    }
}

private let vectorColumns =
    "name, sha256, words, dimensions, kept_words, kept_dimensions, "
    + "byte_count, actor, created_at"

extension VectorRecord {
    fileprivate init(_ row: some SQLRow) {
        self.init(
            name: row.text("name"),
            sha256: row.text("sha256"),
            words: row.int("words"),
            dimensions: row.int("dimensions"),
            keptWords: row.int("kept_words"),
            keptDimensions: row.int("kept_dimensions"),
            byteCount: row.int("byte_count"),
            actor: row.optionalText("actor"),
            createdAt: row.int("created_at")
        )
    }
}
