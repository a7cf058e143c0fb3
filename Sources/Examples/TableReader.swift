/// Reads a table: rows of a delimiter-separated file, with or without a header.
///
/// - Parameters:
///   - bytes: the table.
///   - expected: the delimiter of the format; another one is found by its count.
///   - options: what was said of columns and header.
///   - rows: gets the rows.
func readTable(
    _ bytes: UnsafeBufferPointer<UInt8>,
    expected: UInt8,
    _ options: ColumnOptions,
    into rows: inout RowCollector
) {
    let delimiter = Delimiter(of: bytes, expected: expected) { record in
        guard options.hasHeader != false, record.fields.count > 1 else { return false }
        let names = ColumnNames(record.fields.indices.map(record.string))
        guard case .both = names.choose(options) else { return false }
        return true
    }
    var table = TableReader(delimiter: delimiter, options)
    var reader = RecordReader(
        bytes,
        delimiter: delimiter.byte,
        quoting: hasStandardQuotes(bytes, delimiter) ? .standard : .literal,
        from: delimiter.start,
        line: delimiter.line
    )
    var record = Record()
    while reader.next(into: &record) {
        if let problem = record.problem {
            rows.refuse(line: record.line, problem)
        } else if !record.isBlank {
            guard table.add(record, to: &rows) else { return }
        }
    }
    table.finish(&rows)
}

/// Whether a quote at the start of a field quotes it.
///
/// With tabs it may stand for itself: a text in a raw TSV file can begin with one. Excel and pandas
/// quote every field that holds a quote, and then all rows have the same number of columns. A file
/// in which one field breaks this, or in which nothing had to be quoted, is a raw one.
private func hasStandardQuotes(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ delimiter: Delimiter
) -> Bool {
    guard delimiter.byte == UInt8(ascii: "\t"), bytes.contains(UInt8(ascii: "\"")) else {
        return delimiter.byte != UInt8(ascii: "\t")
    }
    var reader = RecordReader(
        bytes,
        delimiter: delimiter.byte,
        quoting: .standard,
        from: delimiter.start
    )
    var record = Record()
    var hasNeed = false
    var quotedCounts: Set<Int> = []
    var count: Int?
    while reader.next(into: &record) {
        guard record.problem == nil, !record.hasStrayQuote else { return false }
        if record.isBlank { continue }
        record.dropTrailingEmptyFields()
        guard count == nil || count == record.fields.count else { return false }
        count = record.fields.count
        quotedCounts.insert(record.quotedCount)
        // Excel also quotes a cell with a comma.
        hasNeed =
            hasNeed
            || record.quotedCount > 0
                && record.bytes.contains(where: { [0x09, 0x0A, 0x0D, 0x22, 0x2C].contains($0) })
    }
    // A column that is quoted in every row is quoted by a rule, not by its texts.
    return hasNeed || (quotedCounts.count == 1 && !quotedCounts.contains(0))
}

/// Turns the records of a table into examples; the first one decides on the columns.
private struct TableReader {
    private let delimiter: Delimiter
    private let options: ColumnOptions
    private var columns: (label: Int, text: Int)?
    /// The names in the header, if there is one.
    private var header: ColumnNames?
    /// The bytes of each of its fields.
    private var headerSizes: Set<Int> = []
    private var count = 2
    private var statistics = TableStatistics()
    private var firstLine = 1

    init(delimiter: Delimiter, _ options: ColumnOptions) {
        self.delimiter = delimiter
        self.options = options
    }

    /// Takes one row and returns whether the table can be read any further.
    mutating func add(_ record: Record, to rows: inout RowCollector) -> Bool {
        guard let columns else {
            firstLine = record.line
            switch TableStart(of: record, columns: delimiter.columns, options) {
            case .header(let label, let text, let names):
                columns = (label, text)
                header = names
                headerSizes = Set(record.fields.map(\.count))
                count = names.names.count
                return true
            case .row(let label, let text, let suspicion):
                columns = (label, text)
                count = max(2, label + 1, text + 1)
                statistics.suspicion = suspicion
                return add(record, to: &rows)
            case .refused(let problem):
                rows.refuse(line: record.line, problem)
                return false
            }
        }
        var record = record
        if record.fields.count > count { record.dropTrailingEmptyFields() }
        if let header, repeats(header, record) {
            let names = ColumnNames(record.fields.indices.map(record.string))
            guard names.names == header.names else {
                rows.refuse(
                    line: record.line,
                    "there is a second header whose columns stand in another order; give the "
                        + "files one by one"
                )
                return false
            }
            rows.note(line: record.line, "the header stands here again and was skipped")
            return true
        }
        guard max(columns.label, columns.text) < record.fields.count, record.fields.count <= count
        else {
            rows.refuse(line: record.line, problem(ofCount: record.fields.count))
            return true
        }
        record.withField(columns.label) { label in
            record.withField(columns.text) { text in
                statistics.add(label: label, text: text)
                if let separator = options.labelSeparator {
                    let labels = label.parts(dividedBy: Array(separator.utf8))
                    rows.add(line: record.line, labels: labels, text: text)
                } else if hasSets, label.first(where: { !isWhiteSpace($0) }) == UInt8(ascii: "[") {
                    rows.add(line: record.line, labelList: label, text: text)
                } else {
                    rows.add(line: record.line, label: label, text: text)
                }
            }
        }
        return true
    }

    /// Whether a cell may hold a JSON array of labels: the column is called `labels`.
    private var hasSets: Bool {
        guard let header, let columns else { return false }
        return header.names[columns.label].lowercased() == "labels"
    }

    /// Refuses the table as a whole if its columns cannot be what they are taken for.
    func finish(_ rows: inout RowCollector) {
        if header != nil && rows.isEmpty {
            rows.refuse(line: firstLine, "there is a header and no row below it")
        }
        if let problem = statistics.problem(options, header: header, columns) {
            rows.refuseAll(line: firstLine, problem)
        }
    }

    /// Whether a row holds the names of the header again, in any order.
    private func repeats(_ header: ColumnNames, _ record: Record) -> Bool {
        // Sizes tell most rows from names.
        guard record.fields.count == header.names.count,
            record.fields.allSatisfy({ headerSizes.contains($0.count) })
        else { return false }
        return ColumnNames(record.fields.indices.map(record.string)).isPermutation(of: header)
    }

    private func problem(ofCount found: Int) -> String {
        let isTab = delimiter.byte == UInt8(ascii: "\t")
        let character = isTab ? " TAB " : String(UnicodeScalar(delimiter.byte))
        let columns = found == 1 ? "1 column" : "\(found) columns"
        let expected = header == nil ? "label\(character)text" : "\(count) as in the header"
        let hint =
            switch (found, isTab) {
            case (1, _): "a comma, semicolon, tab or | must divide the columns"
            case (_, true):
                "a text that contains a tab must stand in quotes, or use CSV or JSON lines"
            default: "put a text that contains \"\(character)\" in quotes"
            }
        return "the row has \(columns), expected \(expected); \(hint)"
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// What stands between separators, without those parts that are blank.
    fileprivate func parts(dividedBy separator: [UInt8]) -> [UnsafeBufferPointer<UInt8>] {
        var parts: [UnsafeBufferPointer<UInt8>] = []
        var (start, position) = (0, 0)
        func end(_ end: Int) {
            let part = UnsafeBufferPointer(rebasing: self[start..<end])
            if !part.isBlank { parts.append(part) }
        }
        while position < count {
            if self[position...].starts(with: separator) {
                end(position)
                position += separator.count
                start = position
            } else {
                position += 1
            }
        }
        end(count)
        return parts
    }
}
