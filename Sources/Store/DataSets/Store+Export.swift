internal import Examples

/// The rows of one revision, to be read page by page.
public struct ExampleExport: Sendable, Equatable {
    /// The model whose rows they are.
    public let model: String
    let revision: Int
    let label: String?
    let source: ExampleSource?
    /// How many rows the revision had at the start.
    let rowCount: Int
    /// How many revisions up to this one there were at the start.
    let revisionCount: Int
}

/// A revision whose rows can be brought back.
public struct KeptRevision: Sendable, Equatable {
    /// Its number.
    public let id: Int
    /// Whether it is the newest.
    public let isCurrent: Bool
    /// How many rows it has.
    public let rowCount: Int
    /// The versions that were trained on it.
    public let versions: [Int]
    /// Who began it; nil where nobody is known.
    public let actor: String?
    /// When it began, in milliseconds since 1970.
    public let createdAt: Int
}

extension Store {
    /// Begins to read all rows of a data set; nil where `examples` has no page either.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - version: the version that was trained on the rows; nil for the newest rows.
    ///   - label: only rows with this label, if given.
    ///   - source: only rows that came from there, if given.
    /// - Returns: what `rows(of:limit:after:)` reads.
    /// - Throws: `unknownVersion`.
    public func export(
        of model: String,
        version: Int? = nil,
        label: String? = nil,
        source: ExampleSource? = nil
    ) throws(StoreError) -> ExampleExport? {
        try read { connection throws(StoreError) in
            try connection.snapshot { connection throws(StoreError) -> ExampleExport? in
                let found =
                    if let version {
                        try self.revision(of: model, version: version, connection)
                    } else { try self.newestRevision(of: model, connection) }
                guard let revision = found else { return nil }
                return ExampleExport(
                    model: model,
                    revision: revision,
                    label: label,
                    source: source,
                    rowCount: try self.rowCount(of: model, revision: revision, connection),
                    revisionCount: try self.revisionCount(of: model, until: revision, connection)
                )
            }
        }
    }

    /// Reads further rows of an export, by number; none at its end.
    ///
    /// - Throws: `examplesNotKept` when rows of the revision have come or gone since the start, as
    ///   when a version is deleted.
    public func rows(
        of export: ExampleExport,
        limit: Int,
        after: Int
    ) throws(StoreError) -> [StoredExample] {
        try read { connection throws(StoreError) in
            try connection.snapshot { connection throws(StoreError) in
                let rows = try self.page(
                    of: export.model,
                    revision: export.revision,
                    label: export.label,
                    source: export.source,
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

    /// The revisions whose rows can be brought back, the newest first; empty when the model never
    /// had rows.
    public func revisions(of model: String) throws(StoreError) -> [KeptRevision] {
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
                            WHERE model = ?1 AND is_kept ORDER BY id DESC LIMIT ?3))
                    ORDER BY id DESC
                    """,
                    .text(model),
                    SQLValue(newest),
                    .integer(Self.keptRevisions)
                ) { (id: $0.int(0), actor: $0.optionalText(1), createdAt: $0.int(2)) }
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
                    ) { $0.int(0) }
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
        _ connection: SQLConnection
    ) throws(StoreError) -> Int {
        try connection.row(
            "SELECT count(*) FROM revisions WHERE model = ? AND id <= ?",
            .text(model),
            .integer(revision)
        ) { $0.int(0) } ?? 0
    }
}
