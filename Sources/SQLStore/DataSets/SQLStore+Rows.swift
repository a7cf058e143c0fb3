internal import Examples
internal import Store

/// Where rows that are stored together came from.
struct RowOrigin: Sendable, Equatable {
    var source: ExampleSource
    var actor: String?
    /// In milliseconds since 1970.
    var createdAt: Int
}

/// A row that is to be stored.
struct NewRow: Sendable {
    let example: Example
    /// Whether the text had another label before.
    let isRelabelled: Bool
    /// When it was acknowledged, in the numbers of revisions.
    let arrived: Int
    /// The first later revision that does not have it; nil if the newest has it.
    var removed: Int?
}

// What transactions on a model's rows consist of. A row belongs to each revision r with
// added <= r < removed; revisions of all models are counted together.
extension SQLStore {
    /// The newest revision of a model's data set, of those up to a number if one is given; nil when
    /// it had no rows.
    func newestRevision(
        of model: String,
        upTo last: Int? = nil,
        _ connection: Session
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
        _ connection: Session
    ) throws(StoreError) -> Int {
        try connection.insert(
            "INSERT INTO revisions (model, actor, created_at) VALUES (?, ?, ?) RETURNING id",
            .text(model),
            SQLValue(actor),
            .integer(wallClock())
        )
    }

    /// Takes the next number of a revision without beginning one.
    ///
    /// So what is acknowledged now has its place among the changes of data sets.
    func reserveRevision(
        of model: String,
        _ connection: Session
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
        _ connection: Session,
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
    func rowCount(of model: String, _ connection: Session) throws(StoreError) -> Int {
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
        _ connection: Session
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
        _ connection: Session
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
        _ connection: Session
    ) throws(StoreError) -> DataSetChange {
        let texts = Set(examples.map(\.text))
        let waits = try hasWaitingRows(model, connection)
        if waits { try overrule(texts, of: model, in: revision, connection) }
        var addition = RowAddition(
            in: revision,
            to: try rows(with: texts, of: model, connection),
            renews: waits
        )
        for example in examples { addition.add(example) }
        try remove(rows: addition.removed, in: revision, connection)
        try insert(addition.rows, into: model, from: origin, in: revision, connection)
        return addition.change
    }

    /// The newest rows with these texts.
    func rows(
        with texts: Set<String>,
        of model: String,
        _ connection: Session
    ) throws(StoreError) -> [(id: Int, label: String, text: String)] {
        try connection.allRows(
            """
            SELECT id, label, text FROM examples INDEXED BY examples_by_text
            WHERE model = ? AND text = ? AND removed IS NULL
            """,
            texts.map { [.text(model), .text($0)] }
        ) { (id: $0.int("id"), label: $0.text("label"), text: $0.text("text")) }
    }

    /// Ends rows with a revision.
    func remove(rows ids: [Int], in revision: Int, _ connection: Session) throws(StoreError) {
        try connection.runAll(
            "UPDATE examples SET removed = ? WHERE id = ?",
            ids.map { [.integer(revision), .integer($0)] }
        )
    }

    /// Stores rows, of which a revision is the first that has them.
    func insert(
        _ rows: [NewRow],
        into model: String,
        from origin: RowOrigin,
        in revision: Int,
        _ connection: Session
    ) throws(StoreError) {
        try connection.runAll(
            """
            INSERT INTO examples (model, label, text, is_truncated, source, actor, created_at,
                                  is_relabelled, arrived, added, removed)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            rows.map { row in
                [
                    .text(model), .text(row.example.label), .text(row.example.text),
                    SQLValue(row.example.isTruncated), .text(origin.source.rawValue),
                    SQLValue(origin.actor), .integer(origin.createdAt),
                    SQLValue(row.isRelabelled), .integer(row.arrived), .integer(revision),
                    SQLValue(row.removed),
                ]
            }
        )
    }
}

extension Example {
    /// Reads the columns `label`, `text` and `is_truncated`.
    init(_ row: some SQLRow) {
        self.init(
            label: row.text("label"),
            text: row.text("text"),
            isTruncated: row.int("is_truncated") != 0
        )
    }
}
