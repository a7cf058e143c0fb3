internal import Examples
package import Store

extension SQLStore {
    package func examples(
        of model: String,
        where filter: RowFilter,
        limit: Int,
        after: Int
    ) throws(StoreError) -> ExamplePage? {
        try read { connection throws(StoreError) in
            try connection.snapshot { connection throws(StoreError) -> ExamplePage? in
                guard let revision = try self.revision(of: model, filter, connection) else {
                    return nil
                }
                let rows = try self.page(
                    of: model,
                    revision: revision,
                    where: filter,
                    limit: limit,
                    after: after,
                    connection
                )
                let count = try self.rowCount(of: model, revision: revision, connection)
                return ExamplePage(revision: revision, rowCount: count, rows: rows)
            }
        }
    }

    /// Rows of a revision, by number.
    func page(
        of model: String,
        revision: Int,
        where filter: RowFilter,
        limit: Int,
        after: Int,
        _ connection: Session
    ) throws(StoreError) -> [StoredExample] {
        try connection.rows(
            """
            SELECT id, label, text, is_truncated, source, actor, created_at
            FROM examples INDEXED BY examples_in_order
            WHERE model = ?1 AND added <= ?2 AND (removed IS NULL OR removed > ?2)
                AND id > ?3 AND (?5 IS NULL OR source = ?5)
                AND (?4 IS NULL OR label = ?4 OR \(labelIsInSet(7)))
            ORDER BY id LIMIT ?6
            """,
            .text(model),
            .integer(revision),
            .integer(after),
            SQLValue(filter.label),
            SQLValue(filter.source?.rawValue),
            .integer(limit),
            SQLValue(filter.label.map { LabelSet([$0]).stored + LabelSet([]).stored })
        ) { StoredExample($0) }
    }

    /// The condition that the set of labels of a row holds the label which a parameter has, between
    /// two separators.
    private func labelIsInSet(_ parameter: Int) -> String {
        let set = "label || '\(LabelSet([]).stored)'"
        return "replace(\(set), ?\(parameter), '') <> \(set)"
    }

    /// The revision that a filter means; nil where there is none or it is not known.
    ///
    /// - Throws: `unknownVersion`.
    func revision(
        of model: String,
        _ filter: RowFilter,
        _ connection: Session
    ) throws(StoreError) -> Int? {
        guard let version = filter.version else { return try newestRevision(of: model, connection) }
        return try revision(of: model, version: version, connection)
    }

    /// The revision that a version was trained on; nil where that is not known.
    ///
    /// - Throws: `unknownVersion`.
    func revision(
        of model: String,
        version: Int,
        _ connection: Session
    ) throws(StoreError) -> Int? {
        let revision = try connection.row(
            """
            SELECT revision FROM versions
            WHERE model = (SELECT id FROM models WHERE name = ?) AND number = ?
            """,
            .text(model),
            .integer(version)
        ) { $0.optionalInt("revision") }
        guard let revision else { throw .unknownVersion(model: model, version: version) }
        return revision
    }

    package func changeExamples(
        _ change: ExampleChange,
        maximumRows: Int,
        idempotency key: IdempotencyKey?
    ) throws(StoreError) -> ChangedExamples {
        // Before the lock that writers wait for: that a label is new takes a look at every row.
        let beginsLabel = try read { connection throws(StoreError) in
            try self.beginsLabel(change, connection)
        }
        return try write(SQLLock(key), .model(change.model)) { connection throws(StoreError) in
            if let body = try self.rememberedAnswer(key, connection)?.body {
                return ChangedExamples(replaying: body)
            }
            if !change.added.isEmpty { try self.requireRoom(for: change.model, connection) }
            let (revision, done) = try self.change(
                change.model,
                by: change.actor,
                connection
            ) { revision throws(StoreError) in
                let removed = try self.remove(change, in: revision, connection)
                var done = try self.addRows(
                    change.added,
                    to: change.model,
                    from: RowOrigin(
                        source: change.source,
                        actor: change.actor,
                        createdAt: wallClock()
                    ),
                    in: revision,
                    connection
                )
                done.removed = removed
                return done
            }
            let count = try self.rowCount(of: change.model, connection)
            guard count <= maximumRows else { throw .dataSetFull(limit: maximumRows) }
            let changed = ChangedExamples(
                change: done,
                revision: revision,
                rowCount: count,
                beginsLabel: beginsLabel,
                isReplay: false
            )
            let answer = RememberedAnswer(job: nil, body: changed.remembered)
            try self.remember(answer, for: key, connection)
            return changed
        }
    }

    /// Whether the added rows are corrections with a label that no row has.
    private func beginsLabel(
        _ change: ExampleChange,
        _ connection: Session
    ) throws(StoreError) -> Bool {
        guard change.source == .feedback else { return false }
        for label in Set(change.added.flatMap(\.labelSet.labels)) {
            let isKnown = try connection.row(
                """
                SELECT 1 FROM examples
                WHERE model = ?1 AND removed IS NULL AND (label = ?2 OR \(labelIsInSet(3)))
                LIMIT 1
                """,
                .text(change.model),
                .text(label),
                .text(LabelSet([label]).stored + LabelSet([]).stored)
            ) { _ in true }
            if isKnown == nil { return true }
        }
        return false
    }

    /// Returns how many rows it removed, also of those that wait with a job.
    private func remove(
        _ change: ExampleChange,
        in revision: Int,
        _ connection: Session
    ) throws(StoreError) -> Int {
        var texts = Set(change.removedTexts)
        let named = try connection.allRows(
            "SELECT id, text FROM examples WHERE id = ? AND model = ? AND removed IS NULL",
            change.removedIDs.map { [.integer($0), .text(change.model)] }
        ) { (id: $0.int("id"), text: $0.text("text")) }
        var ids = Set(named.map(\.id))
        ids.formUnion(try rows(with: texts, of: change.model, connection).map(\.id))
        texts.formUnion(named.map(\.text))
        try remove(rows: ids.sorted(), in: revision, connection)
        var waiting = 0
        if try hasWaitingRows(change.model, connection) {
            waiting = try overrule(texts, of: change.model, in: revision, connection)
        }
        if !texts.isEmpty {
            try erase(texts, of: change.model, connection)
            try forgetAnnotations(with: texts, of: change.model, connection)
        }
        return ids.count + waiting
    }
}

extension StoredExample {
    fileprivate init(_ row: some SQLRow) {
        self.init(
            id: row.int("id"),
            example: Example(row),
            // The table allows no other.
            source: ExampleSource(rawValue: row.text("source")) ?? .train,
            actor: row.optionalText("actor"),
            addedAt: row.int("created_at")
        )
    }
}

extension ChangedExamples {
    private var figures: [Int] {
        [
            change.added, change.relabelled, change.known, change.removed, revision, rowCount,
            beginsLabel ? 1 : 0,
        ]
    }

    /// The form in which it is kept for a replay.
    fileprivate var remembered: [UInt8] {
        Array(figures.map(String.init).joined(separator: " ").utf8)
    }

    fileprivate init(replaying bytes: [UInt8]) {
        let figures = String(decoding: bytes, as: UTF8.self).split(separator: " ")
            .map { Int($0) ?? 0 }
        // Six were written by an older Elman.
        precondition(6...7 ~= figures.count, "the store wrote another form")
        self.init(
            change: DataSetChange(
                added: figures[0],
                relabelled: figures[1],
                known: figures[2],
                removed: figures[3]
            ),
            revision: figures[4],
            rowCount: figures[5],
            beginsLabel: figures.count > 6 && figures[6] == 1,
            isReplay: true
        )
    }
}
