internal import Examples

/// Where a row of a data set came from.
public enum ExampleSource: String, Sendable, CaseIterable {
    /// A training job's request.
    case train
    /// A change of the data set.
    case examples
    /// A correction of an answer.
    case feedback
}

/// What a change did to a data set.
public struct DataSetChange: Sendable, Equatable {
    /// Rows that were not there before.
    public var added = 0
    /// Rows whose text was there with another label.
    public var relabelled = 0
    /// Rows that were there already.
    public var known = 0
    /// Rows that are no longer there.
    public var removed = 0

    /// Whether the data set is another one than before.
    var isChange: Bool { added + relabelled + removed > 0 }
}

// What transactions on a model's rows consist of. A row belongs to each revision r with
// added <= r < removed; revisions of all models are counted together.
extension Store {
    /// The newest revision of a model's data set; nil when it never had rows.
    func newestRevision(
        of model: String,
        _ connection: SQLConnection
    ) throws(StoreError) -> Int? {
        try connection.row(
            "SELECT max(id) FROM revisions WHERE model = ?",
            .text(model)
        ) { $0.optionalInt(0) } ?? nil
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

    /// How many rows a model's data set has.
    func rowCount(of model: String, _ connection: SQLConnection) throws(StoreError) -> Int {
        try connection.row(
            "SELECT count(*) FROM examples WHERE model = ? AND removed IS NULL",
            .text(model)
        ) { $0.int(0) } ?? 0
    }

    /// The rows of a revision, in the order in which they came.
    func rows(
        of model: String,
        revision: Int,
        _ connection: SQLConnection
    ) throws(StoreError) -> [Example] {
        try connection.rows(
            """
            SELECT label, text FROM examples
            WHERE model = ? AND added <= ? AND (removed IS NULL OR removed > ?) ORDER BY id
            """,
            .text(model),
            .integer(revision),
            .integer(revision)
        ) { Example(label: $0.text(0), text: $0.text(1)) }
    }

    /// Replaces all rows; contradictions among the new ones stay as they are.
    func replaceRows(
        of model: String,
        with examples: [Example],
        in revision: Int,
        _ connection: SQLConnection
    ) throws(StoreError) {
        try connection.run(
            "UPDATE examples SET removed = ? WHERE model = ? AND removed IS NULL",
            .integer(revision),
            .text(model)
        )
        for example in examples {
            try insert(example, into: model, source: .train, revision, connection)
        }
    }

    /// Adds rows one after the other; one whose text is there with another label replaces that.
    func addRows(
        _ examples: [Example],
        to model: String,
        source: ExampleSource,
        in revision: Int,
        _ connection: SQLConnection
    ) throws(StoreError) -> DataSetChange {
        var change = DataSetChange()
        for example in examples {
            let known = try connection.rows(
                """
                SELECT id, label FROM examples INDEXED BY examples_by_text
                WHERE model = ? AND text = ? AND removed IS NULL
                """,
                .text(model),
                .text(example.text)
            ) { (id: $0.int(0), label: $0.text(1)) }
            let others = known.filter { $0.label != example.label }
            for other in others { try remove(row: other.id, in: revision, connection) }
            if !others.isEmpty {
                change.relabelled += 1
            } else if known.isEmpty {
                change.added += 1
            } else {
                change.known += 1
            }
            if others.count == known.count {
                try insert(example, into: model, source: source, revision, connection)
            }
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

    private func insert(
        _ example: Example,
        into model: String,
        source: ExampleSource,
        _ revision: Int,
        _ connection: SQLConnection
    ) throws(StoreError) {
        try connection.run(
            "INSERT INTO examples (model, label, text, source, added) VALUES (?, ?, ?, ?, ?)",
            .text(model),
            .text(example.label),
            .text(example.text),
            .text(source.rawValue),
            .integer(revision)
        )
    }
}
