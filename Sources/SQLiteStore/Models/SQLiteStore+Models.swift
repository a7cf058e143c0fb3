package import Store

extension SQLiteStore {
    package func models() throws(StoreError) -> [ModelRecord] { try models(named: nil) }

    package func model(_ name: String) throws(StoreError) -> ModelRecord? {
        try models(named: name).first
    }

    private func models(named name: String?) throws(StoreError) -> [ModelRecord] {
        try read { connection throws(StoreError) in
            try connection.snapshot { connection throws(StoreError) in
                let models = try connection.rows(modelQuery, SQLValue(name)) { ModelRecord($0) }
                let untrained = try connection.rows(untrainedQuery, SQLValue(name)) {
                    ModelRecord($0)
                }
                return models + untrained
            }
        }
    }

    package func versions(of model: String) throws(StoreError) -> [VersionRecord] {
        try read { connection throws(StoreError) in
            try connection.rows(
                versionQuery + " WHERE models.name = ? ORDER BY number DESC",
                .text(model)
            ) { VersionRecord($0) }
        }
    }

    package func version(_ model: String, _ version: Int) throws(StoreError) -> VersionRecord? {
        try read { connection throws(StoreError) in
            try connection.row(
                versionQuery + " WHERE models.name = ? AND number = ?",
                .text(model),
                .integer(version)
            ) { VersionRecord($0) }
        }
    }

    package func checkpointBytes(_ model: String, _ version: Int) throws(StoreError) -> [UInt8]? {
        try read { connection throws(StoreError) in
            try connection.row(
                """
                SELECT bytes FROM checkpoints JOIN models ON models.id = checkpoints.model
                WHERE name = ? AND number = ?
                """,
                .text(model),
                .integer(version)
            ) { $0.blob(0) }
        }
    }

    package func report(of model: String, _ version: Int) throws(StoreError) -> [UInt8]? {
        try read { connection throws(StoreError) in
            try connection.row(
                """
                SELECT report FROM versions
                WHERE model = (SELECT id FROM models WHERE name = ?) AND number = ?
                """,
                .text(model),
                .integer(version)
            ) { $0.optionalBlob(0) } ?? nil
        }
    }

    package func liveVersions() throws(StoreError) -> [LiveVersion] {
        try read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT name, number, digest FROM models
                JOIN versions ON versions.model = models.id AND number = live_version
                ORDER BY models.id
                """
            ) { LiveVersion(model: $0.text(0), version: $0.int(1), digest: $0.text(2)) }
        }
    }
}

/// What a transaction must know about a model.
struct FoundModel: Sendable {
    let id: Int
    let nextVersion: Int
    let liveVersion: Int?
    let isLiveByImport: Bool
    let liveOrigin: VersionOrigin?
}

/// A version that is to be stored.
struct NewVersion: Sendable {
    let digest: String
    let bytes: [UInt8]
    let origin: VersionOrigin
    var job: String?
    var actor: String?
    var dataDigest: String?
    /// The revision of the data set that it was trained on.
    var revision: Int?
    var options: [UInt8]?
    var toolVersion: String?
    let metrics: [UInt8]
    var report: [UInt8]?
    let reason: String
}

// What transactions on models consist of.
extension SQLiteStore {
    func find(_ name: String, _ connection: SQLConnection) throws(StoreError) -> FoundModel {
        let found = try connection.row(
            """
            SELECT id, next_version, live_version, live_set_by, origin FROM models
            LEFT JOIN versions ON versions.model = models.id AND number = live_version
            WHERE name = ?
            """,
            .text(name)
        ) { row in
            FoundModel(
                id: row.int(0),
                nextVersion: row.int(1),
                liveVersion: row.optionalInt(2),
                isLiveByImport: row.text(3) == "import",
                liveOrigin: VersionOrigin(rawValue: row.text(4))
            )
        }
        guard let found else { throw .unknownModel(name) }
        return found
    }

    func liveVersion(
        of name: String,
        _ connection: SQLConnection
    ) throws(StoreError) -> LiveVersion? {
        try connection.row(
            """
            SELECT name, number, digest FROM models
            JOIN versions ON versions.model = models.id AND number = live_version WHERE name = ?
            """,
            .text(name)
        ) { LiveVersion(model: $0.text(0), version: $0.int(1), digest: $0.text(2)) }
    }

    func findOrMake(_ name: String, _ connection: SQLConnection) throws(StoreError) -> FoundModel {
        try connection.run(
            "INSERT INTO models (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
            .text(name),
            .integer(wallClock())
        )
        return try find(name, connection)
    }

    /// Stores a version and its bytes and returns its number.
    func insertVersion(
        _ version: NewVersion,
        of model: FoundModel,
        _ connection: SQLConnection
    ) throws(StoreError) -> Int {
        let number = model.nextVersion
        try connection.run(
            "UPDATE models SET next_version = next_version + 1 WHERE id = ?",
            .integer(model.id)
        )
        try connection.run(
            """
            INSERT INTO versions (model, number, digest, byte_count, origin, job, parent,
                                  data_digest, metrics, reason, created_at, actor, revision,
                                  options, tool_version, report)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .integer(model.id),
            .integer(number),
            .text(version.digest),
            .integer(version.bytes.count),
            .text(version.origin.rawValue),
            SQLValue(version.job),
            SQLValue(model.liveVersion),
            SQLValue(version.dataDigest),
            .blob(version.metrics),
            .text(version.reason),
            .integer(wallClock()),
            SQLValue(version.actor),
            SQLValue(version.revision),
            SQLValue(version.options),
            SQLValue(version.toolVersion),
            SQLValue(version.report)
        )
        try connection.run(
            "INSERT INTO checkpoints (model, number, bytes) VALUES (?, ?, ?)",
            .integer(model.id),
            .integer(number),
            .blob(version.bytes)
        )
        return number
    }

    func makeLive(
        _ version: Int,
        of model: FoundModel,
        by actor: String,
        _ connection: SQLConnection
    ) throws(StoreError) {
        try connection.run(
            "UPDATE models SET live_version = ?, live_set_by = ? WHERE id = ?",
            .integer(version),
            .text(actor),
            .integer(model.id)
        )
        // Without evidence, it stands for itself.
        try setHistory(DecisionHistory(anchor: version), of: model, connection)
    }

    func require(
        _ version: Int,
        of model: FoundModel,
        _ connection: SQLConnection
    ) throws(StoreError) {
        let found = try connection.row(
            """
            SELECT name, (SELECT 1 FROM versions WHERE model = models.id AND number = ?)
            FROM models WHERE id = ?
            """,
            .integer(version),
            .integer(model.id)
        ) { (name: $0.text(0), exists: !$0.isNull(1)) }
        guard let found, found.exists else {
            throw .unknownVersion(model: found?.name ?? "", version: version)
        }
    }
}

private let modelQuery = """
    SELECT name, live_version, count(number), max(number), models.created_at FROM models
    JOIN versions ON versions.model = models.id WHERE ?1 IS NULL OR name = ?1
    GROUP BY models.id ORDER BY models.id
    """

private let untrainedQuery = """
    SELECT model, NULL, 0, NULL, min(created_at) FROM revisions
    WHERE (?1 IS NULL OR model = ?1) AND model NOT IN
            (SELECT name FROM models JOIN versions ON versions.model = models.id)
        AND EXISTS (SELECT 1 FROM examples
            WHERE examples.model = revisions.model AND removed IS NULL)
    GROUP BY model ORDER BY min(id)
    """

private let versionQuery = """
    SELECT name, number, number IS live_version, digest, byte_count, origin, job, parent,
           data_digest, metrics, reason, versions.created_at, actor, pinned, options, tool_version
    FROM versions JOIN models ON models.id = versions.model
    """

extension ModelRecord {
    fileprivate init(_ row: SQLStatement) {
        self.init(
            name: row.text(0),
            liveVersion: row.optionalInt(1),
            versionCount: row.int(2),
            latestVersion: row.optionalInt(3),
            createdAt: row.int(4)
        )
    }
}

extension VersionRecord {
    fileprivate init(_ row: SQLStatement) {
        self.init(
            model: row.text(0),
            version: row.int(1),
            isLive: row.int(2) != 0,
            digest: row.text(3),
            byteCount: row.int(4),
            origin: VersionOrigin(rawValue: row.text(5)) ?? .job,  // The table allows no other.
            job: row.optionalText(6),
            actor: row.optionalText(12),
            isPinned: row.int(13) != 0,
            parent: row.optionalInt(7),
            dataDigest: row.optionalText(8),
            options: row.optionalBlob(14),
            toolVersion: row.optionalText(15),
            metrics: row.blob(9),
            reason: row.text(10),
            createdAt: row.int(11)
        )
    }
}
