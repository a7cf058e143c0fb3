/// A table as a copy of a store takes it: in pages, in the order of its key.
struct CopiedTable: Sendable {
    /// What a column holds.
    enum Kind: Sendable {
        case integer
        case real
        case text
        case blob
    }

    /// A column.
    struct Column: Sendable {
        let name: String
        let kind: Kind
    }

    /// How the numbers of rows go on.
    enum Numbering: Sendable {
        /// Rows have no numbers.
        case none
        /// From the largest that is there.
        case fromLargest
        /// From the last that was given, as no number is used again.
        case fromLast
    }

    let name: String
    /// The columns; those of the key come first.
    let columns: [Column]
    let keyCount: Int
    let numbering: Numbering
    /// Rows that are read at once.
    let page: Int

    private init(
        _ name: String,
        key: String,
        _ columns: String,
        _ numbering: Numbering = .none,
        page: Int = 1000
    ) {
        self.name = name
        self.numbering = numbering
        self.page = page
        let key = Self.columns(key)
        keyCount = key.count
        self.columns = key + Self.columns(columns)
    }

    /// Reads `name:kind` and so on, where an integer needs no kind.
    private static func columns(_ list: String) -> [Column] {
        list.split(separator: " ").map { word in
            let parts = word.split(separator: ":")
            let kinds: [Substring: Kind] = ["text": .text, "real": .real, "blob": .blob]
            return Column(
                name: String(parts[0]),
                kind: parts.count > 1 ? kinds[parts[1]] ?? .integer : .integer
            )
        }
    }

    /// All tables whose rows are to be copied, those first that others refer to.
    ///
    /// Workers sign anew.
    static let all = [
        CopiedTable("results", key: "id", "metrics:blob report:blob", .fromLargest, page: 50),
        CopiedTable(
            "models",
            key: "id",
            "name:text live_version live_set_by:text next_version created_at anchor_version "
                + "refusals looks anchor_looks",
            .fromLargest
        ),
        CopiedTable(
            "versions",
            key: "model number",
            "digest:text byte_count origin:text job:text parent data_digest:text reason:text "
                + "created_at pinned actor:text revision options:blob tool_version:text result"
        ),
        CopiedTable("checkpoints", key: "id", "model number bytes:blob", .fromLargest, page: 1),
        CopiedTable(
            "shadows",
            key: "model number",
            "live share:real actor:text started_at ended:text texts agreed dropped"
        ),
        CopiedTable(
            "shadow_pairs",
            key: "id",
            "model number live_answer:text shadow_answer:text texts",
            .fromLargest
        ),
        CopiedTable("revisions", key: "id", "model:text actor:text created_at is_kept", .fromLast),
        CopiedTable(
            "held_out_answers",
            key: "model number position",
            "text:text truth:text label:text score:real truth_score:real"
        ),
        CopiedTable("golden", key: "model:text position", "text:text label:text"),
        CopiedTable("golden_revisions", key: "model:text", "revision"),
        CopiedTable(
            "jobs",
            key: "sequence",
            "id:text model:text mode:text posted revision row_count data_digest:text added_rows "
                + "relabelled_rows removed_rows options:blob promotion:text actor:text may_promote "
                + "warm_start state:text attempt given_back worker:text heartbeat "
                + "lease_milliseconds cancel_requested stage:text epoch epochs loss:real "
                + "accuracy:real seconds_left:real version promoted reason:text error_code:text "
                + "error_detail:text created_at started_at finished_at result turn notice",
            .fromLast
        ),
        CopiedTable(
            "job_events",
            key: "job:text number",
            "state:text attempt stage:text epoch epochs loss:real accuracy:real seconds_left:real"
        ),
        CopiedTable(
            "posted_rows",
            key: "id",
            "job label:text text:text is_truncated overruled",
            .fromLargest
        ),
        CopiedTable(
            "examples",
            key: "id",
            "model:text label:text text:text is_truncated source:text actor:text created_at "
                + "is_relabelled arrived added removed",
            .fromLast
        ),
        CopiedTable(
            "annotations",
            key: "model:text project id",
            "task label:text text:text changed"
        ),
        CopiedTable(
            "predictions",
            key: "sequence",
            "id:text model:text version text:text label:text score:real margin:real created_at "
                + "is_reviewed",
            .fromLast
        ),
        CopiedTable(
            "texts",
            key: "id",
            "model:text text:text digest:text actor:text created_at",
            .fromLast
        ),
        CopiedTable(
            "vectors",
            key: "name:text",
            "sha256:text words dimensions kept_words kept_dimensions byte_count actor:text "
                + "created_at bytes:blob",
            page: 1
        ),
        CopiedTable(
            "idempotency",
            key: "sequence",
            "scope:text key:text request_digest:text job:text body:blob",
            .fromLast
        ),
    ]

    /// The page behind a key; the first one needs no key.
    ///
    /// - Parameters:
    ///   - isFirst: whether it is the first page.
    ///   - byteOrder: what makes a column of text go by its bytes, whatever language the database
    ///     sorts by: both stores must give rows in the same order.
    /// - Returns: The statement.
    func pageQuery(isFirst: Bool, byteOrder: String) -> String {
        let key = columns.prefix(keyCount)
            .map { $0.kind == .text ? $0.name + byteOrder : $0.name }.joined(separator: ", ")
        let marks = repeatElement("?", count: keyCount).joined(separator: ", ")
        let names = columns.map(\.name).joined(separator: ", ")
        return "SELECT \(names) FROM \(name)" + (isFirst ? "" : " WHERE (\(key)) > (\(marks))")
            + " ORDER BY \(key) LIMIT \(page)"
    }

    var insertion: String {
        let marks = repeatElement("?", count: columns.count).joined(separator: ", ")
        return "INSERT INTO \(name) (\(columns.map(\.name).joined(separator: ", "))) "
            + "VALUES (\(marks))"
    }

    /// A row as values.
    func values(_ row: some SQLRow) -> [SQLValue] {
        columns.map { column in
            switch column.kind {
            case .integer: .integer(row.optionalInt(column.name))
            case .real: .real(row.optionalDouble(column.name))
            case .text: .text(row.optionalText(column.name))
            case .blob: .blob(row.optionalBlob(column.name))
            }
        }
    }
}
