package import Store

extension SQLStore {
    package func models(named name: String?) throws(StoreError) -> [ModelRecord] {
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

    package func versions(of model: String, number: Int?) throws(StoreError) -> [VersionRecord] {
        try read { connection throws(StoreError) in
            try connection.rows(
                versionQuery
                    + " WHERE models.name = ?1 AND (?2 IS NULL OR number = ?2) ORDER BY number "
                    + "DESC",
                .text(model),
                SQLValue(number)
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
            ) { $0.blob("bytes") }
        }
    }

    package func report(of model: String, _ version: Int) throws(StoreError) -> [UInt8]? {
        try read { connection throws(StoreError) in
            try connection.row(
                """
                SELECT report FROM results JOIN versions ON result = results.id
                WHERE model = (SELECT id FROM models WHERE name = ?) AND number = ?
                """,
                .text(model),
                .integer(version)
            ) { $0.optionalBlob("report") } ?? nil
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
            ) {
                LiveVersion(
                    model: $0.text("name"),
                    version: $0.int("number"),
                    digest: $0.text("digest")
                )
            }
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
extension SQLStore {
    func find(_ name: String, _ connection: Session) throws(StoreError) -> FoundModel {
        let found = try connection.row(
            """
            SELECT id, next_version, live_version, live_set_by, origin FROM models
            LEFT JOIN versions ON versions.model = models.id AND number = live_version
            WHERE name = ?
            """,
            .text(name)
        ) { row in
            FoundModel(
                id: row.int("id"),
                nextVersion: row.int("next_version"),
                liveVersion: row.optionalInt("live_version"),
                isLiveByImport: row.text("live_set_by") == "import",
                liveOrigin: VersionOrigin(rawValue: row.text("origin"))
            )
        }
        guard let found else { throw .unknownModel(name) }
        return found
    }

    func liveVersion(
        of name: String,
        _ connection: Session
    ) throws(StoreError) -> LiveVersion? {
        try connection.row(
            """
            SELECT name, number, digest FROM models
            JOIN versions ON versions.model = models.id AND number = live_version WHERE name = ?
            """,
            .text(name)
        ) {
            LiveVersion(
                model: $0.text("name"),
                version: $0.int("number"),
                digest: $0.text("digest")
            )
        }
    }

    func findOrMake(_ name: String, _ connection: Session) throws(StoreError) -> FoundModel {
        try connection.run(
            "INSERT INTO models (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
            .text(name),
            .integer(wallClock())
        )
        return try find(name, connection)
    }

    /// Stores a version, its bytes and its result.
    ///
    /// - Returns: its number, and where the result is.
    func insertVersion(
        _ version: NewVersion,
        of model: FoundModel,
        _ connection: Session
    ) throws(StoreError) -> (number: Int, result: Int) {
        let number = model.nextVersion
        let result = try connection.insert(
            "INSERT INTO results (metrics, report) VALUES (?, ?) RETURNING id",
            .blob(version.metrics),
            SQLValue(version.report)
        )
        try connection.run(
            "UPDATE models SET next_version = next_version + 1 WHERE id = ?",
            .integer(model.id)
        )
        try connection.run(
            """
            INSERT INTO versions (model, number, digest, byte_count, origin, job, parent,
                                  data_digest, result, reason, created_at, actor, revision,
                                  options, tool_version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .integer(model.id),
            .integer(number),
            .text(version.digest),
            .integer(version.bytes.count),
            .text(version.origin.rawValue),
            SQLValue(version.job),
            SQLValue(model.liveVersion),
            SQLValue(version.dataDigest),
            .integer(result),
            .text(version.reason),
            .integer(wallClock()),
            SQLValue(version.actor),
            SQLValue(version.revision),
            SQLValue(version.options),
            SQLValue(version.toolVersion)
        )
        try connection.run(
            "INSERT INTO checkpoints (model, number, bytes) VALUES (?, ?, ?)",
            .integer(model.id),
            .integer(number),
            .blob(version.bytes)
        )
        return (number, result)
    }

    func makeLive(
        _ version: Int,
        of model: FoundModel,
        by actor: String,
        _ connection: Session
    ) throws(StoreError) {
        try connection.run(
            "UPDATE models SET live_version = ?, live_set_by = ? WHERE id = ?",
            .integer(version),
            .text(actor),
            .integer(model.id)
        )
        try followLive(version, of: model, connection)
        // Without evidence, it stands for itself.
        try setHistory(DecisionHistory(anchor: version), of: model, connection)
    }

    func require(
        _ version: Int,
        of model: FoundModel,
        _ connection: Session
    ) throws(StoreError) {
        let found = try connection.row(
            """
            SELECT name, (SELECT 1 FROM versions WHERE model = models.id AND number = ?) AS found
            FROM models WHERE id = ?
            """,
            .integer(version),
            .integer(model.id)
        ) { (name: $0.text("name"), exists: !$0.isNull("found")) }
        guard let found, found.exists else {
            throw .unknownVersion(model: found?.name ?? "", version: version)
        }
    }
}

private let modelQuery = """
    SELECT name, live_version, count(number) AS versions, max(number) AS latest,
        models.created_at
    FROM models
    JOIN versions ON versions.model = models.id WHERE ?1 IS NULL OR name = ?1
    GROUP BY models.id ORDER BY models.id
    """

private let untrainedQuery = """
    SELECT model AS name, NULL AS live_version, 0 AS versions, NULL AS latest,
        min(created_at) AS created_at
    FROM revisions
    WHERE (?1 IS NULL OR model = ?1) AND model NOT IN
            (SELECT name FROM models JOIN versions ON versions.model = models.id)
        AND EXISTS (SELECT 1 FROM examples
            WHERE examples.model = revisions.model AND removed IS NULL)
    GROUP BY model ORDER BY min(id)
    """

private let versionQuery = """
    SELECT name, number, number IS NOT DISTINCT FROM live_version AS is_live, digest, byte_count,
           origin, job, parent, data_digest, metrics, reason, versions.created_at, actor, pinned,
           options, tool_version
    FROM versions JOIN models ON models.id = versions.model
        LEFT JOIN results ON results.id = result
    """

extension ModelRecord {
    fileprivate init(_ row: some SQLRow) {
        self.init(
            name: row.text("name"),
            liveVersion: row.optionalInt("live_version"),
            versionCount: row.int("versions"),
            latestVersion: row.optionalInt("latest"),
            createdAt: row.int("created_at")
        )
    }
}

extension VersionRecord {
    fileprivate init(_ row: some SQLRow) {
        self.init(
            model: row.text("name"),
            version: row.int("number"),
            isLive: row.int("is_live") != 0,
            digest: row.text("digest"),
            byteCount: row.int("byte_count"),
            // The table allows no other.
            origin: VersionOrigin(rawValue: row.text("origin")) ?? .job,
            job: row.optionalText("job"),
            actor: row.optionalText("actor"),
            isPinned: row.int("pinned") != 0,
            parent: row.optionalInt("parent"),
            dataDigest: row.optionalText("data_digest"),
            options: row.optionalBlob("options"),
            toolVersion: row.optionalText("tool_version"),
            metrics: row.blob("metrics"),
            reason: row.text("reason"),
            createdAt: row.int("created_at")
        )
    }
}
