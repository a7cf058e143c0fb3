/// Which columns of a table hold the label and the text.
struct Columns: Equatable {
    let label: Int
    let text: Int
    let count: Int

    /// A table whose first row is an example already.
    static let withoutHeader = Columns(label: 0, text: 1, count: 2)

    /// What a first row says about a table.
    enum Header: Equatable {
        /// It names both columns.
        case found(Columns)
        /// It is an example.
        case absent
        /// It names one of the columns and, it seems, calls the other something unknown.
        case incomplete(missing: String)
    }

    /// The names, in lower case, that a header may use.
    static let labelNames = ["label", "category", "class", "intent"]
    static let textNames = ["text", "sentence", "content", "document", "utterance"]

    /// Judges the first row of a table.
    ///
    /// It is a header when one field is a known name for the label and another one for the text.
    /// When only one is known, it is a header with a gap if all fields are single words, as names
    /// of columns are; else it is an example.
    static func header(in fields: [UnsafeBufferPointer<UInt8>]) -> Header {
        let names = fields.map { field in
            field.count <= 64
                ? String(decoding: field.trimmed, as: UTF8.self).lowercased() : " "
        }
        let label = names.firstIndex(where: labelNames.contains)
        let text = names.firstIndex(where: textNames.contains)
        if let label, let text {
            return .found(Columns(label: label, text: text, count: fields.count))
        }
        let areWords = names.allSatisfy { !$0.isEmpty && !$0.contains(" ") }
        guard areWords, names.count > 1, label != nil || text != nil else { return .absent }
        return .incomplete(missing: label == nil ? "label" : "text")
    }
}

/// Turns the rows of a table into examples; the first row decides on the columns.
struct TableReader {
    private let separator: String
    private let hint: String
    private var columns: Columns?

    /// Makes a reader whose errors call a column's end `separator` and give `hint`.
    init(separator: String, hint: String) {
        self.separator = separator
        self.hint = hint
    }

    /// Takes one row and returns whether the table can be read any further.
    mutating func add(
        line: Int,
        fields: [UnsafeBufferPointer<UInt8>],
        to rows: inout RowCollector
    ) -> Bool {
        guard let columns else {
            switch Columns.header(in: fields) {
            case .found(let columns):
                self.columns = columns
                return true
            case .absent:
                columns = .withoutHeader
                return add(line: line, fields: fields, to: &rows)
            case .incomplete(let missing):
                let names = missing == "label" ? Columns.labelNames : Columns.textNames
                rows.refuse(
                    line: line,
                    "the header has no column for the \(missing); "
                        + "call it one of \(names.joined(separator: ", "))"
                )
                return false
            }
        }
        guard fields.count == columns.count else {
            let found = fields.count == 1 ? "1 column" : "\(fields.count) columns"
            let expected =
                columns == .withoutHeader
                ? "label\(separator)text" : "\(columns.count) as in the header"
            rows.refuse(line: line, "the row has \(found), expected \(expected); \(hint)")
            return true
        }
        rows.add(line: line, label: fields[columns.label], text: fields[columns.text])
        return true
    }
}
