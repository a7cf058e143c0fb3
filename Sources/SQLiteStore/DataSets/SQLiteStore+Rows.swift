internal import Examples
internal import Store

/// What is stored with a row besides text and label.
struct RowOrigin: Sendable, Equatable {
    var source: ExampleSource
    var actor: String?
    /// In milliseconds since 1970.
    var createdAt: Int
    /// Whether the text had another label before.
    var isRelabelled = false
}

// What transactions on a model's rows consist of. A row belongs to each revision r with
// added <= r < removed; revisions of all models are counted together.
extension SQLiteStore {
    /// The newest revision of a model's data set, of those up to a number if one is given; nil when
    /// it had no rows.
    func newestRevision(
        of model: String,
        upTo last: Int? = nil,
        _ connection: SQLConnection
    ) throws(StoreError) -> Int? {
        try connection.row(
            """
            SELECT max(id) AS newest FROM revisions
            WHERE model = ?1 AND (?2 IS NULL OR id <= ?2)
            """,
            .text(model),
            SQLValue(last)
        ) { $0.optionalInt("newest") } ?? nil
    }

    /// Begins a revision, to which the changes that follow belong.
    func beginRevision(
        of model: String,
        actor: String?,
        _ connection: SQLConnection
    ) throws(StoreError) -> Int {
        try connection.run(
            "INSERT INTO revisions (model, actor, created_at) VALUES (?, ?, ?)",
            .text(model),
            SQLValue(actor),
            .integer(wallClock())
        )
        return connection.lastInsertedRow
    }

    /// Takes the next number of a revision without beginning one.
    ///
    /// So what is acknowledged now has its place among the changes of data sets.
    func reserveRevision(
        of model: String,
        _ connection: SQLConnection
    ) throws(StoreError) -> Int {
        let revision = try beginRevision(of: model, actor: nil, connection)
        try connection.run("DELETE FROM revisions WHERE id = ?", .integer(revision))
        return revision
    }

    /// Changes a model's rows in a new revision, if `body` finds something to change.
    ///
    /// - Returns: the newest revision then, and what was done.
    func change(
        _ model: String,
        by actor: String?,
        _ connection: SQLConnection,
        _ body: (_ revision: Int) throws(StoreError) -> DataSetChange
    ) throws(StoreError) -> (revision: Int, change: DataSetChange) {
        let before = try newestRevision(of: model, connection)
        let revision = try beginRevision(of: model, actor: actor, connection)
        let change = try body(revision)
        guard let before, !change.isChange else { return (revision, change) }
        try connection.run("DELETE FROM revisions WHERE id = ?", .integer(revision))
        return (before, change)
    }

    /// How many rows the newest revision has; an index tells, without the rows.
    func rowCount(of model: String, _ connection: SQLConnection) throws(StoreError) -> Int {
        try connection.row(
            """
            SELECT count(*) AS count FROM examples INDEXED BY examples_by_model
            WHERE model = ? AND removed IS NULL
            """,
            .text(model)
        ) { $0.int("count") } ?? 0
    }

    /// How many rows a revision has.
    func rowCount(
        of model: String,
        revision: Int,
        _ connection: SQLConnection
    ) throws(StoreError) -> Int {
        if try newestRevision(of: model, connection) == revision {
            return try rowCount(of: model, connection)
        }
        return try connection.row(
            """
            SELECT count(*) AS count FROM examples
            WHERE model = ?1 AND added <= ?2 AND (removed IS NULL OR removed > ?2)
            """,
            .text(model),
            .integer(revision)
        ) { $0.int("count") } ?? 0
    }

    /// The rows of a revision, in the order in which they came.
    func rows(
        of model: String,
        revision: Int,
        _ connection: SQLConnection
    ) throws(StoreError) -> [Example] {
        try connection.rows(
            """
            SELECT label, text, is_truncated FROM examples
            WHERE model = ? AND added <= ? AND (removed IS NULL OR removed > ?) ORDER BY id
            """,
            .text(model),
            .integer(revision),
            .integer(revision)
        ) { Example($0) }
    }

    /// Adds rows one after the other; one whose text is there with another label replaces that.
    ///
    /// They count over rows of the same text that wait with a job.
    func addRows(
        _ examples: [Example],
        to model: String,
        from origin: RowOrigin,
        in revision: Int,
        _ connection: SQLConnection
    ) throws(StoreError) -> DataSetChange {
        var change = DataSetChange()
        let waits = try hasWaitingRows(model, connection)
        for example in examples {
            if waits { try overrule(example.text, of: model, in: revision, connection) }
            let known = try connection.rows(
                """
                SELECT id, label FROM examples INDEXED BY examples_by_text
                WHERE model = ? AND text = ? AND removed IS NULL
                """,
                .text(model),
                .text(example.text)
            ) { (id: $0.int("id"), label: $0.text("label")) }
            let others = known.filter { $0.label != example.label }
            let isKnown = others.count < known.count
            if others.isEmpty && isKnown {
                change.known += 1
                guard waits else { continue }
                change.renewed += 1
            } else if others.isEmpty {
                change.added += 1
            } else {
                change.relabelled += 1
            }
            for row in waits ? known : others { try remove(row: row.id, in: revision, connection) }
            guard waits || !isKnown else { continue }
            var origin = origin
            origin.isRelabelled = !others.isEmpty
            try insert(example, into: model, from: origin, arrived: revision, revision, connection)
        }
        return change
    }

    /// Ends a row with a revision; one that came in the same revision was never there.
    func remove(
        row id: Int,
        in revision: Int,
        _ connection: SQLConnection
    ) throws(StoreError) {
        try connection.run(
            "DELETE FROM examples WHERE id = ? AND added = ?",
            .integer(id),
            .integer(revision)
        )
        try connection.run(
            "UPDATE examples SET removed = ? WHERE id = ?",
            .integer(revision),
            .integer(id)
        )
    }

    /// Stores a row.
    ///
    /// - Parameters:
    ///   - example: text and label.
    ///   - model: whose data set it joins.
    ///   - origin: where it came from.
    ///   - arrived: when it was acknowledged.
    ///   - added: the first revision that has it.
    ///   - removed: the first later one that does not; nil if the newest has it.
    ///   - connection: in a transaction.
    /// - Throws: when the store cannot be written.
    func insert(
        _ example: Example,
        into model: String,
        from origin: RowOrigin,
        arrived: Int,
        _ added: Int,
        until removed: Int? = nil,
        _ connection: SQLConnection
    ) throws(StoreError) {
        try connection.run(
            """
            INSERT INTO examples (model, label, text, is_truncated, source, actor, created_at,
                                  is_relabelled, arrived, added, removed)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(model),
            .text(example.label),
            .text(example.text),
            SQLValue(example.isTruncated),
            .text(origin.source.rawValue),
            SQLValue(origin.actor),
            .integer(origin.createdAt),
            SQLValue(origin.isRelabelled),
            .integer(arrived),
            .integer(added),
            SQLValue(removed)
        )
    }
}

extension Example {
    /// Reads the columns `label`, `text` and `is_truncated`.
    init(_ row: SQLStatement) {
        self.init(
            label: row.text("label"),
            text: row.text("text"),
            isTruncated: row.int("is_truncated") != 0
        )
    }
}
