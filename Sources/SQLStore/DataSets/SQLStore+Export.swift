internal import Examples
package import Store

extension SQLStore {
    package func export(
        of model: String,
        where filter: RowFilter
    ) throws(StoreError) -> ExampleExport? {
        try read { connection throws(StoreError) in
            try connection.snapshot { connection throws(StoreError) -> ExampleExport? in
                guard let revision = try self.revision(of: model, filter, connection) else {
                    return nil
                }
                return ExampleExport(
                    model: model,
                    filter: filter,
                    revision: revision,
                    rowCount: try self.rowCount(of: model, revision: revision, connection),
                    revisionCount: try self.revisionCount(of: model, until: revision, connection),
                    hasSets: try self.hasSets(model, revision: revision, connection)
                )
            }
        }
    }

    /// Whether some row of a revision has a set of labels.
    private func hasSets(
        _ model: String,
        revision: Int,
        _ connection: Session
    ) throws(StoreError) -> Bool {
        try connection.row(
            """
            SELECT 1 FROM examples
            WHERE model = ?1 AND added <= ?2 AND (removed IS NULL OR removed > ?2)
                AND substr(label, 1, 1) = ?3 AND label <> ?4
            LIMIT 1
            """,
            .text(model),
            .integer(revision),
            .text(LabelSet([]).stored),
            .text(LabelSet.outOfScope)
        ) { _ in true } ?? false
    }

    package func rows(
        of export: ExampleExport,
        limit: Int,
        after: Int
    ) throws(StoreError) -> [StoredExample] {
        try read { connection throws(StoreError) in
            try connection.snapshot { connection throws(StoreError) in
                let rows = try self.page(
                    of: export.model,
                    revision: export.revision,
                    where: export.filter,
                    limit: limit,
                    after: after,
                    connection
                )
                // Counting takes a while, so it is done once, when it tells of the whole time.
                if !rows.isEmpty { return rows }
                let (model, revision) = (export.model, export.revision)
                guard
                    try self.rowCount(of: model, revision: revision, connection)
                        == export.rowCount,
                    try self.revisionCount(of: model, until: revision, connection)
                        == export.revisionCount
                else { throw .examplesNotKept(model: model) }
                return []
            }
        }
    }

    package func revisions(of model: String) throws(StoreError) -> [KeptRevision] {
        try read { connection throws(StoreError) in
            try connection.snapshot { connection throws(StoreError) in
                let newest = try self.newestRevision(of: model, connection)
                let found = try connection.rows(
                    """
                    SELECT id, actor, created_at FROM revisions WHERE model = ?1 AND (
                        id = ?2
                        OR id IN (SELECT revision FROM versions
                            WHERE versions.model = (SELECT id FROM models WHERE name = ?1))
                        OR id IN (SELECT id FROM revisions
                            WHERE model = ?1 AND is_kept = 1 ORDER BY id DESC LIMIT ?3))
                    ORDER BY id DESC
                    """,
                    .text(model),
                    SQLValue(newest),
                    .integer(Retention.revisions)
                ) {
                    (
                        id: $0.int("id"), actor: $0.optionalText("actor"),
                        createdAt: $0.int("created_at")
                    )
                }
                var revisions: [KeptRevision] = []
                for row in found {
                    let versions = try connection.rows(
                        """
                        SELECT number FROM versions
                        WHERE model = (SELECT id FROM models WHERE name = ?) AND revision = ?
                        ORDER BY number
                        """,
                        .text(model),
                        .integer(row.id)
                    ) { $0.int("number") }
                    revisions.append(
                        KeptRevision(
                            id: row.id,
                            isCurrent: row.id == newest,
                            rowCount: try self.rowCount(of: model, revision: row.id, connection),
                            versions: versions,
                            actor: row.actor,
                            createdAt: row.createdAt
                        )
                    )
                }
                return revisions
            }
        }
    }

    private func revisionCount(
        of model: String,
        until revision: Int,
        _ connection: Session
    ) throws(StoreError) -> Int {
        try connection.row(
            "SELECT count(*) AS count FROM revisions WHERE model = ? AND id <= ?",
            .text(model),
            .integer(revision)
        ) { $0.int("count") } ?? 0
    }
}
