package import Store

// Versions in shadow. An abstention is the empty string in their tables.
extension SQLStore {
    package func runningShadows() throws(StoreError) -> [ShadowRecord] {
        try read { connection throws(StoreError) in
            try connection.rows(shadowQuery + " WHERE ended IS NULL ORDER BY name") {
                ShadowRecord($0)
            }
        }
    }

    package func shadows(of model: String) throws(StoreError) -> [ShadowRecord] {
        try read { connection throws(StoreError) in
            try connection.rows(
                shadowQuery + " WHERE name = ? ORDER BY number DESC",
                .text(model)
            ) { ShadowRecord($0) }
        }
    }

    package func shadowPairs(
        of model: String,
        _ version: Int,
        limit: Int
    ) throws(StoreError) -> [ShadowPair] {
        try read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT live_answer, shadow_answer, texts FROM shadow_pairs
                WHERE model = (SELECT id FROM models WHERE name = ?) AND number = ?
                ORDER BY texts DESC, live_answer, shadow_answer LIMIT ?
                """,
                .text(model),
                .integer(version),
                .integer(limit)
            ) { row in
                func answer(_ column: String) -> String? {
                    let text = row.text(column)
                    return text.isEmpty ? nil : text
                }
                return ShadowPair(
                    live: answer("live_answer"),
                    shadow: answer("shadow_answer"),
                    texts: row.int("texts")
                )
            }
        }
    }

    package func setShadow(
        _ version: Int,
        of model: String,
        share: Double,
        actor: String?
    ) throws(StoreError) {
        try write(.model(model)) { connection throws(StoreError) in
            let found = try self.find(model, connection)
            try self.require(version, of: found, connection)
            guard let live = found.liveVersion else { throw .nothingLive(model: model) }
            guard live != version else {
                throw .versionIsLive(model: model, version: version)
            }
            let goingOn = try connection.run(
                """
                UPDATE shadows SET share = ?, actor = ?
                WHERE model = ? AND number = ? AND ended IS NULL
                """,
                .real(share),
                SQLValue(actor),
                .integer(found.id),
                .integer(version)
            )
            if goingOn > 0 { return }
            try self.endShadow(of: found, because: .replaced, connection)
            try connection.run(
                "DELETE FROM shadows WHERE model = ? AND number = ?",
                .integer(found.id),
                .integer(version)
            )
            try connection.run(
                """
                INSERT INTO shadows (model, number, live, share, actor, started_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                .integer(found.id),
                .integer(version),
                .integer(live),
                .real(share),
                SQLValue(actor),
                .integer(wallClock())
            )
        }
    }

    package func removeShadow(of model: String) throws(StoreError) -> Bool {
        try write(.model(model)) { connection throws(StoreError) in
            do throws(StoreError) {
                let found = try self.find(model, connection)
                return try self.endShadow(of: found, because: .removed, connection)
            } catch .unknownModel { return false }
        }
    }

    package func add(_ counts: ShadowCounts) throws(StoreError) {
        try write(isDurable: false) { connection throws(StoreError) in
            let model = try connection.row(
                "SELECT id FROM models WHERE name = ?",
                .text(counts.model)
            ) { $0.int("id") }
            guard let model else { return }
            // First of all, so that others who add to it wait here.
            let isThere = try connection.run(
                """
                UPDATE shadows SET texts = texts + ?, agreed = agreed + ?, dropped = dropped + ?
                WHERE model = ? AND number = ? AND live = ?
                """,
                .integer(counts.texts),
                .integer(counts.agreed),
                .integer(counts.dropped),
                .integer(model),
                .integer(counts.version),
                .integer(counts.liveVersion)
            )
            if isThere > 0 { try self.add(counts.pairs, counts.version, of: model, connection) }
        }
    }

    private func add(
        _ pairs: [ShadowPair],
        _ version: Int,
        of model: Int,
        _ connection: Session
    ) throws(StoreError) {
        let kept = try connection.row(
            "SELECT count(*) AS pairs FROM shadow_pairs WHERE model = ? AND number = ?",
            .integer(model),
            .integer(version)
        ) { $0.int("pairs") }
        var room = Retention.shadowPairs - (kept ?? 0)
        for pair in pairs where pair.byteCount <= Retention.shadowPairBytes {
            let key: [SQLValue] = [
                .integer(model), .integer(version), .text(pair.live ?? ""),
                .text(pair.shadow ?? ""),
            ]
            let isKnown = try connection.runAll(
                """
                UPDATE shadow_pairs SET texts = texts + ?5
                WHERE model = ?1 AND number = ?2 AND live_answer = ?3 AND shadow_answer = ?4
                """,
                [key + [.integer(pair.texts)]]
            )
            guard isKnown == 0, room > 0 else { continue }
            room -= 1
            try connection.runAll(
                """
                INSERT INTO shadow_pairs (model, number, live_answer, shadow_answer, texts)
                VALUES (?, ?, ?, ?, ?)
                """,
                [key + [.integer(pair.texts)]]
            )
        }
    }
}

// What other transactions do to shadows.
extension SQLStore {
    /// Ends the shadow of a model, if one runs; returns whether one did.
    @discardableResult
    private func endShadow(
        of model: FoundModel,
        because end: ShadowEnd,
        _ connection: Session
    ) throws(StoreError) -> Bool {
        try connection.run(
            "UPDATE shadows SET ended = ? WHERE model = ? AND ended IS NULL",
            .text(end.rawValue),
            .integer(model.id)
        ) > 0
    }

    /// Ends the shadow of the version that becomes live; that of another one is compared with the
    /// new live version from now on, so it counts anew.
    func followLive(
        _ version: Int,
        of model: FoundModel,
        _ connection: Session
    ) throws(StoreError) {
        try connection.run(
            "UPDATE shadows SET ended = ? WHERE model = ? AND number = ? AND ended IS NULL",
            .text(ShadowEnd.live.rawValue),
            .integer(model.id),
            .integer(version)
        )
        let outdated = try connection.rows(
            "SELECT number FROM shadows WHERE model = ? AND ended IS NULL AND live != ?",
            .integer(model.id),
            .integer(version)
        ) { $0.int("number") }
        for number in outdated {
            try connection.run(
                """
                UPDATE shadows SET live = ?, texts = 0, agreed = 0, dropped = 0
                WHERE model = ? AND number = ?
                """,
                .integer(version),
                .integer(model.id),
                .integer(number)
            )
            try connection.run(
                "DELETE FROM shadow_pairs WHERE model = ? AND number = ?",
                .integer(model.id),
                .integer(number)
            )
        }
    }
}

extension ShadowPair {
    fileprivate var byteCount: Int { (live?.utf8.count ?? 0) + (shadow?.utf8.count ?? 0) }
}

private let shadowQuery = """
    SELECT name, number, live, share, actor, started_at, ended, texts, agreed, dropped
    FROM shadows JOIN models ON models.id = shadows.model
    """

extension ShadowRecord {
    fileprivate init(_ row: some SQLRow) {
        self.init(
            model: row.text("name"),
            version: row.int("number"),
            liveVersion: row.int("live"),
            share: row.double("share"),
            actor: row.optionalText("actor"),
            startedAt: row.int("started_at"),
            end: row.optionalText("ended").flatMap { ShadowEnd(rawValue: $0) },
            texts: row.int("texts"),
            agreed: row.int("agreed"),
            dropped: row.int("dropped")
        )
    }
}
