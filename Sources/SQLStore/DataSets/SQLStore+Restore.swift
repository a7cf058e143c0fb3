package import Store

extension SQLStore {
    package func restoreExamples(
        _ wanted: RestorableRows,
        of model: String,
        actor: String?
    ) throws(StoreError) -> RestoredExamples {
        try write(.model(model)) { connection throws(StoreError) in
            guard let before = try self.newestRevision(of: model, connection) else {
                throw .unknownModel(model)
            }
            let source = try self.keptRevision(wanted, of: model, connection)
            guard try !self.hasWaitingRows(model, connection) else {
                throw .rowsWait(model: model)
            }
            let (revision, change) = try self.change(
                model,
                by: actor,
                connection
            ) { revision throws(StoreError) in
                try self.restore(source, of: model, in: revision, connection)
            }
            if change.removed > 0 {
                try self.keep(revisionBefore: revision, of: model, connection)
                try self.purgeRows(of: model, connection)
            }
            return RestoredExamples(
                change: change,
                revision: revision,
                rowCount: try self.rowCount(of: model, connection),
                replaced: before
            )
        }
    }

    /// The number of a revision all of whose rows are there.
    private func keptRevision(
        _ wanted: RestorableRows,
        of model: String,
        _ connection: Session
    ) throws(StoreError) -> Int {
        switch wanted {
        case .version(let version):
            let revision = try revision(of: model, version: version, connection)
            guard let revision else { throw .examplesNotKept(model: model) }
            return revision
        case .revision(let revision):
            let isKept = try connection.row(
                """
                SELECT 1 WHERE ?2 IN (SELECT max(id) FROM revisions WHERE model = ?1)
                    OR ?2 IN (SELECT revision FROM versions
                        WHERE versions.model = (SELECT id FROM models WHERE name = ?1))
                    OR ?2 IN (SELECT id FROM revisions
                        WHERE model = ?1 AND is_kept = 1 ORDER BY id DESC LIMIT ?3)
                """,
                .text(model),
                .integer(revision),
                .integer(Retention.revisions)
            ) { _ in true }
            guard isKept == true else { throw .examplesNotKept(model: model) }
            return revision
        }
    }

    /// Ends rows that an earlier revision does not have, and stores those again that it has.
    private func restore(
        _ earlier: Int,
        of model: String,
        in revision: Int,
        _ connection: Session
    ) throws(StoreError) -> DataSetChange {
        let wanted = try storedRows(of: model, revision: earlier, connection)
        var missing = Dictionary(wanted.map { (RowKey($0.example), [$0.id]) }, uniquingKeysWith: +)
        var change = DataSetChange()
        var removed: [Int] = []
        for row in try storedRows(of: model, connection) {
            let key = RowKey(row.example)
            if missing[key]?.isEmpty == false {
                missing[key]?.removeFirst()
                change.known += 1
            } else {
                removed.append(row.id)
            }
        }
        try remove(rows: removed, in: revision, connection)
        change.removed = removed.count
        change.added = try connection.runAll(
            """
            INSERT INTO examples (model, label, text, is_truncated, source, actor, created_at,
                                  is_relabelled, arrived, added)
            SELECT model, label, text, is_truncated, source, actor, created_at, is_relabelled,
                ?1, ?1
            FROM examples WHERE id = ?2
            """,
            missing.values.joined().sorted().map { [.integer(revision), .integer($0)] }
        )
        return change
    }
}
