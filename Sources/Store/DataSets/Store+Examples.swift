public import Examples

/// A row of a data set.
public struct StoredExample: Sendable, Equatable {
    /// Its number; numbers grow and are never used again.
    public let id: Int
    /// Text and label.
    public let example: Example
    /// Where it came from.
    public let source: ExampleSource
    /// When it came, in milliseconds since 1970.
    public let addedAt: Int
}

/// A page of a data set.
public struct ExamplePage: Sendable, Equatable {
    /// The newest revision of the data set.
    public let revision: Int
    /// How many rows it has in all.
    public let rowCount: Int
    /// The rows of this page, by number.
    public let rows: [StoredExample]
}

/// What is to be changed in a data set.
public struct ExampleChange: Sendable {
    /// The model whose data set it is.
    public var model: String
    /// Rows to add; one whose text is there with another label replaces that.
    public var added: [Example]
    /// Where the added rows come from.
    public var source: ExampleSource
    /// The numbers of rows to remove.
    public var removedIDs: [Int]
    /// Texts to remove, whatever their labels.
    public var removedTexts: [String]
    /// Who changes it.
    public var actor: String?

    /// Makes a change.
    public init(
        model: String,
        added: [Example] = [],
        source: ExampleSource = .examples,
        removedIDs: [Int] = [],
        removedTexts: [String] = [],
        actor: String? = nil
    ) {
        self.model = model
        self.added = added
        self.source = source
        self.removedIDs = removedIDs
        self.removedTexts = removedTexts
        self.actor = actor
    }
}

/// What became of a change of a data set.
public struct ChangedExamples: Sendable, Equatable {
    /// What the change did.
    public let change: DataSetChange
    /// The revision that the data set has now.
    public let revision: Int
    /// How many rows it has now.
    public let rowCount: Int
    /// Whether the same request had come before, so that nothing was done now.
    public let isReplay: Bool
}

extension Store {
    /// A page of a model's rows; nil when the model never had any.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - label: only rows with this label, if given.
    ///   - limit: the most rows that are returned.
    ///   - after: only rows with larger numbers.
    /// - Returns: the page, by number.
    /// - Throws: when the store cannot be read.
    public func examples(
        of model: String,
        label: String? = nil,
        limit: Int,
        after: Int = 0
    ) throws(StoreError) -> ExamplePage? {
        try read { connection throws(StoreError) in
            try connection.snapshot { connection throws(StoreError) -> ExamplePage? in
                guard let revision = try self.newestRevision(of: model, connection) else {
                    return nil
                }
                let rows = try connection.rows(
                    """
                    SELECT examples.id, label, text, source, created_at FROM examples
                    JOIN revisions ON revisions.id = added
                    WHERE examples.model = ?1 AND removed IS NULL AND examples.id > ?2
                        AND (?3 IS NULL OR label = ?3)
                    ORDER BY examples.id LIMIT ?4
                    """,
                    .text(model),
                    .integer(after),
                    SQLValue(label),
                    .integer(limit)
                ) { row in
                    StoredExample(
                        id: row.int(0),
                        example: Example(label: row.text(1), text: row.text(2)),
                        source: ExampleSource(rawValue: row.text(3)) ?? .train,  // No other there.
                        addedAt: row.int(4)
                    )
                }
                let count = try self.rowCount(of: model, connection)
                return ExamplePage(revision: revision, rowCount: count, rows: rows)
            }
        }
    }

    /// Changes a model's data set, in one transaction.
    ///
    /// Rows that are to be removed and are not there are no error, so a request can come again.
    ///
    /// - Parameters:
    ///   - change: what to add and to remove; removals come first.
    ///   - maximumRows: the most rows that the data set may have.
    ///   - key: what the client calls the request, if it does.
    /// - Returns: what was done; it is on the disk.
    /// - Throws: `dataSetFull`, `idempotencyKeyReused`; then nothing was changed.
    public func changeExamples(
        _ change: ExampleChange,
        maximumRows: Int = .max,
        idempotency key: IdempotencyKey? = nil
    ) throws(StoreError) -> ChangedExamples {
        try write { connection throws(StoreError) in
            if let body = try self.rememberedAnswer(key, connection)?.body {
                return ChangedExamples(replaying: body)
            }
            let (revision, done) = try self.change(
                change.model,
                by: change.actor,
                connection
            ) { revision throws(StoreError) in
                let removed = try self.remove(change, in: revision, connection)
                var done = try self.addRows(
                    change.added,
                    to: change.model,
                    source: change.source,
                    in: revision,
                    connection
                )
                done.removed = removed
                return done
            }
            // Who removes a text wants it gone, not only out of the next training.
            if done.removed > 0 { try self.purgeRows(of: change.model, connection) }
            let count = try self.rowCount(of: change.model, connection)
            guard count <= maximumRows else { throw .dataSetFull(limit: maximumRows) }
            let changed = ChangedExamples(
                change: done,
                revision: revision,
                rowCount: count,
                isReplay: false
            )
            let answer = RememberedAnswer(job: nil, body: changed.remembered)
            try self.remember(answer, for: key, connection)
            return changed
        }
    }

    /// Returns how many rows it removed.
    private func remove(
        _ change: ExampleChange,
        in revision: Int,
        _ connection: SQLConnection
    ) throws(StoreError) -> Int {
        var ids: [Int] = []
        for id in change.removedIDs {
            ids += try connection.rows(
                "SELECT id FROM examples WHERE id = ? AND model = ? AND removed IS NULL",
                .integer(id),
                .text(change.model)
            ) { $0.int(0) }
        }
        for text in change.removedTexts {
            ids += try connection.rows(
                """
                SELECT id FROM examples INDEXED BY examples_by_text
                WHERE model = ? AND text = ? AND removed IS NULL
                """,
                .text(change.model),
                .text(text)
            ) { $0.int(0) }
        }
        for id in Set(ids) { try remove(row: id, in: revision, connection) }
        return Set(ids).count
    }
}

extension ChangedExamples {
    private var figures: [Int] {
        [change.added, change.relabelled, change.known, change.removed, revision, rowCount]
    }

    /// The form in which it is kept for a replay.
    fileprivate var remembered: [UInt8] {
        Array(figures.map(String.init).joined(separator: " ").utf8)
    }

    fileprivate init(replaying bytes: [UInt8]) {
        let figures = String(decoding: bytes, as: UTF8.self).split(separator: " ")
            .map { Int($0) ?? 0 }
        precondition(figures.count == 6, "the store wrote another form")
        self.init(
            change: DataSetChange(
                added: figures[0],
                relabelled: figures[1],
                known: figures[2],
                removed: figures[3]
            ),
            revision: figures[4],
            rowCount: figures[5],
            isReplay: true
        )
    }
}
