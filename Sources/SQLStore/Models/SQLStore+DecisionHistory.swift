package import Examples
package import Store

// What decisions about new versions rest on, and leave.
extension SQLStore {
    package func corrections(
        of job: Job,
        since live: LiveVersion?
    ) throws(StoreError) -> [Example] {
        guard let revision = job.revision else { return [] }
        return try read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT label, text FROM examples
                WHERE model = ?1 AND source = 'feedback'
                    AND added <= ?2 AND (removed IS NULL OR removed > ?2)
                    AND NOT EXISTS (SELECT 1 FROM versions
                        WHERE versions.model = (SELECT id FROM models WHERE name = ?1)
                            AND number = ?3 AND added <= revision
                            AND (removed IS NULL OR removed > revision))
                ORDER BY id
                """,
                .text(job.model),
                .integer(revision),
                SQLValue(live?.version)
            ) { Example(label: $0.text("label"), text: $0.text("text")) }
        }
    }

    /// What a decision about the model's next version rests on.
    func ground(
        of model: String,
        _ connection: Session
    ) throws(StoreError) -> DecisionGround {
        let live = try liveVersion(of: model, connection)
        let found = try connection.row(
            """
            SELECT models.next_version, anchor_version, refusals, looks, anchor_looks, digest
            FROM models LEFT JOIN versions
                ON versions.model = models.id AND number = anchor_version
            WHERE name = ?
            """,
            .text(model)
        ) { row in
            (
                next: row.int("next_version"),
                history: DecisionHistory(
                    anchor: row.optionalInt("anchor_version"),
                    refusals: row.int("refusals"),
                    looks: row.int("looks"),
                    anchorLooks: row.int("anchor_looks")
                ),
                digest: row.isNull("digest") ? nil : row.text("digest")
            )
        }
        let history = found?.history ?? DecisionHistory(anchor: nil)
        var anchor: LiveVersion?
        if let version = history.anchor, let digest = found?.digest, version != live?.version {
            anchor = LiveVersion(model: model, version: version, digest: digest)
        }
        return DecisionGround(
            live: live,
            anchor: anchor,
            history: history,
            golden: try golden(of: model, connection),
            nextVersion: found?.next ?? 1
        )
    }

    func setHistory(
        _ history: DecisionHistory,
        of model: FoundModel,
        _ connection: Session
    ) throws(StoreError) {
        try connection.run(
            """
            UPDATE models SET anchor_version = ?, refusals = ?, looks = ?, anchor_looks = ?
            WHERE id = ?
            """,
            SQLValue(history.anchor),
            .integer(history.refusals),
            .integer(history.looks),
            .integer(history.anchorLooks),
            .integer(model.id)
        )
    }
}
