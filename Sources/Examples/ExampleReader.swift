private import TextForm

/// Labelled texts as they were read from a file.
public struct ExampleFile: Sendable, Equatable {
    /// The examples in the order of the file, at least one.
    public var examples: [Example]
    /// How they were written.
    public var format: ExampleFormat
    /// What was passed over, such as a second header, each with its line and a full stop.
    public var notes: [String]
}

/// Reads labelled texts from the bytes of a file.
///
/// All formats: UTF-8; a byte-order mark at the start of a line is skipped; lines end with LF, CRLF
/// or CR; blank lines are skipped; labels and texts get the form of `ExampleRules`. Rows that break
/// the rules are collected, so that one run names them all. Bytes that are no UTF-8 text are one
/// error.
public enum ExampleReader {
    /// Reads a whole file.
    ///
    /// - Parameters:
    ///   - bytes: the file; only read during the call.
    ///   - format: nil means: by the extension of `source`, else by the first line.
    ///   - columns: which columns or members hold label and text, as far as it was said.
    ///   - source: the file's name, for errors and for the format.
    ///   - rules: what an example may look like.
    ///   - rowLimit: how many examples there may be; what follows them is not kept.
    ///   - rowLimitHint: what to do with more.
    ///   - errorLimit: how many errors are described; the rest is counted.
    /// - Returns: the rows, at least one.
    /// - Throws: every row that is wrong; or that there are none.
    /// - Complexity: O(bytes).
    public static func read(
        _ bytes: UnsafeRawBufferPointer,
        format: ExampleFormat? = nil,
        columns: ColumnOptions = ColumnOptions(),
        source: String? = nil,
        rules: ExampleRules = ExampleRules(),
        rowLimit: Int = .max,
        rowLimitHint: String = "read fewer",
        errorLimit: Int = 20
    ) throws(RowErrors) -> ExampleFile {
        var rows = RowCollector(
            source: source,
            rules: rules,
            rowLimit: rowLimit,
            rowLimitHint: rowLimitHint,
            errorLimit: errorLimit
        )
        rows.outOfScope = columns.outOfScope
        let content = bytes.assumingMemoryBound(to: UInt8.self)
        let format = format ?? detectFormat(fileName: source, bytes: bytes)
        if let (line, problem) = contentProblem(content) {
            rows.refuse(line: line, problem)
            return try rows.finish(format)
        }
        if columns.hasHeader != nil, format != .csv, format != .tsv {
            rows.refuse(line: 1, "only CSV and TSV have a header, and this is \(format.name)")
            return try rows.finish(format)
        }
        if columns.labelSeparator != nil, format != .csv, format != .tsv {
            rows.refuse(
                line: 1,
                "only labels in CSV and TSV are separated, and this is \(format.name); it has "
                    + (format == .fastText ? "several __label__" : "a list of labels")
            )
            return try rows.finish(format)
        }
        if columns.labelSeparator?.isEmpty == true {
            rows.refuse(line: 1, "the separator of labels is empty; name one such as \";\"")
            return try rows.finish(format)
        }
        switch format {
        case .tsv: readTable(content, expected: UInt8(ascii: "\t"), columns, into: &rows)
        case .csv: readTable(content, expected: UInt8(ascii: ","), columns, into: &rows)
        case .jsonLines: readJSONRows(content, columns, into: &rows)
        case .fastText: readFastText(content, into: &rows)
        }
        if rows.hasErrors, let other = otherFormat(than: format, content) {
            rows.refuseAll(
                line: 1,
                "the file looks like \(other.name), not \(format.name); if it is that, say "
                    + columns.formatOption(other.rawValue)
            )
        }
        return try rows.finish(format)
    }

    /// The format that the first line has beyond doubt, if it is another one.
    private static func otherFormat(
        than format: ExampleFormat,
        _ bytes: UnsafeBufferPointer<UInt8>
    ) -> ExampleFormat? {
        let found = detectFormat(fileName: nil, bytes: UnsafeRawBufferPointer(bytes))
        switch (format, found) {
        case (.csv, .jsonLines), (.tsv, .jsonLines), (.fastText, .jsonLines): return found
        case (.csv, .fastText), (.tsv, .fastText), (.jsonLines, .fastText): return found
        // A line with a comma may be damaged JSON; one that begins with a letter is not.
        case (.jsonLines, .csv), (.jsonLines, .tsv):
            return bytes.first.map { $0 | 0x20 }.flatMap { 0x61...0x7A ~= $0 ? found : nil }
        default: return nil
        }
    }

    /// Reads a whole file; see the other `read`.
    public static func read(
        _ bytes: [UInt8],
        format: ExampleFormat? = nil,
        columns: ColumnOptions = ColumnOptions(),
        source: String? = nil,
        rules: ExampleRules = ExampleRules(),
        rowLimit: Int = .max,
        rowLimitHint: String = "read fewer",
        errorLimit: Int = 20
    ) throws(RowErrors) -> ExampleFile {
        let result: Result<ExampleFile, RowErrors> = bytes.withUnsafeBytes { buffer in
            Result { () throws(RowErrors) in
                try read(
                    buffer,
                    format: format,
                    columns: columns,
                    source: source,
                    rules: rules,
                    rowLimit: rowLimit,
                    rowLimitHint: rowLimitHint,
                    errorLimit: errorLimit
                )
            }
        }
        return try result.get()
    }

    /// The format of a file: by its extension, else by its first line that is not blank.
    public static func detectFormat(
        fileName: String?,
        bytes: UnsafeRawBufferPointer
    ) -> ExampleFormat {
        if let fileName, let format = ExampleFormat(fileName: fileName) { return format }
        var lines = Lines(bytes.assumingMemoryBound(to: UInt8.self))
        while let line = lines.next() {
            if !line.bytes.isBlank { return ExampleFormat(firstLine: line.bytes) }
        }
        return .tsv
    }

    /// Why the bytes are no UTF-8 text, and the line where that shows first.
    private static func contentProblem(
        _ bytes: UnsafeBufferPointer<UInt8>
    ) -> (line: Int, problem: String)? {
        if let problem = ContentCheck.problem(ofHead: bytes) { return (1, problem) }
        guard let offset = ContentCheck.firstInvalidByte(in: bytes) else { return nil }
        var lines = Lines(UnsafeBufferPointer(rebasing: bytes[...offset]))
        var line = 1
        while let next = lines.next() { line = next.number }
        return (line, ContentCheck.problem(ofInvalid: bytes, at: offset))
    }
}

/// Takes rows as they are read, checks them, keeps the good and the first bad ones.
package struct RowCollector {
    private let source: String?
    private let rules: ExampleRules
    private let rowLimit: Int
    private let rowLimitHint: String
    private let errorLimit: Int
    private var hasTooMany = false
    private var examples: [Example] = []
    private var errors: [RowError] = []
    private var errorCount = 0
    private var notes: [String] = []
    private var noteCount = 0
    /// The label of texts that have none of the labels, if one says so.
    package var outOfScope: OutOfScopeLabel?

    /// Makes a collector without rows.
    package init(
        source: String?,
        rules: ExampleRules,
        rowLimit: Int = .max,
        rowLimitHint: String = "read fewer",
        errorLimit: Int = 20
    ) {
        self.rowLimitHint = rowLimitHint
        self.source = source
        self.rules = rules
        self.rowLimit = rowLimit
        self.errorLimit = max(errorLimit, 1)
    }

    /// Checks and keeps one row.
    package mutating func add(
        line: Int,
        label: UnsafeBufferPointer<UInt8>,
        text: UnsafeBufferPointer<UInt8>
    ) {
        if let outOfScope, outOfScope.isWritten(label) {
            return addOutOfScope(line: line, text: text)
        }
        guard hasRoom(line) else { return }
        let keptLabel: String
        do throws(TextFormError) { keptLabel = try rules.label.label(label) } catch {
            return refuse(line: line, field: "label", error.description)
        }
        add(line: line, keptLabel, text)
    }

    /// Checks and keeps one row of a text that has none of the labels.
    mutating func addOutOfScope(line: Int, text: UnsafeBufferPointer<UInt8>) {
        guard hasRoom(line) else { return }
        add(line: line, LabelSet.outOfScope, text)
    }

    /// Checks and keeps one row of a text that may have several labels.
    mutating func add(
        line: Int,
        labels: [UnsafeBufferPointer<UInt8>],
        text: UnsafeBufferPointer<UInt8>
    ) {
        guard hasRoom(line) else { return }
        guard labels.count <= LabelSet.greatestCount else {
            return refuse(
                line: line,
                "the row has \(labels.count) labels, and a text has at most "
                    + "\(LabelSet.greatestCount)"
            )
        }
        var kept: [String] = []
        // The one label of a set that says "none" leaves it empty.
        let isNone = labels.count == 1 && outOfScope?.isWritten(labels[0]) ?? false
        for label in isNone ? [] : labels {
            do throws(TextFormError) { kept.append(try rules.label.label(label)) } catch {
                return refuse(line: line, field: "label", error.description)
            }
        }
        add(line: line, LabelSet(kept).stored, text)
    }

    /// Whether another row may be kept; the first one too many is refused.
    private mutating func hasRoom(_ line: Int) -> Bool {
        guard examples.count < rowLimit else {
            if !hasTooMany {
                refuse(line: line, "there are more than \(rowLimit) rows; \(rowLimitHint)")
            }
            hasTooMany = true
            return false
        }
        return true
    }

    private mutating func add(
        line: Int,
        _ keptLabel: String,
        _ text: UnsafeBufferPointer<UInt8>
    ) {
        do throws(TextFormError) {
            let kept = try rules.text.text(text)
            examples.append(
                Example(label: keptLabel, text: kept.text, isTruncated: kept.isTruncated)
            )
        } catch {
            refuse(line: line, field: "text", error.description)
        }
    }

    /// Notes what is wrong with a row.
    package mutating func refuse(line: Int, field: String? = nil, _ detail: String) {
        errorCount += 1
        guard errors.count < errorLimit else { return }
        errors.append(RowError(source: source, line: line, field: field, detail: detail))
    }

    /// Whether there is neither a good nor a bad row.
    var isEmpty: Bool { examples.isEmpty && errorCount == 0 }

    /// Whether a row was bad.
    var hasErrors: Bool { errorCount > 0 }

    /// Forgets what was found so far: the file as a whole cannot be read.
    mutating func refuseAll(line: Int, _ detail: String) {
        errors = []
        errorCount = 0
        refuse(line: line, detail)
    }

    /// Notes what was passed over.
    package mutating func note(line: Int, _ detail: String) {
        noteCount += 1
        guard notes.count < errorLimit else { return }
        notes.append(RowError(source: source, line: line, detail: detail).description)
    }

    /// The rows, at least one.
    ///
    /// - Throws: every row that is wrong; or that there are none.
    package consuming func finish(_ format: ExampleFormat) throws(RowErrors) -> ExampleFile {
        if errorCount > 0 { throw RowErrors(first: errors, count: errorCount) }
        if examples.isEmpty {
            let error = RowError(source: source, line: 1, detail: "there are no examples")
            throw RowErrors(first: [error], count: 1)
        }
        if noteCount > notes.count {
            notes.append("… and \(noteCount - notes.count) more lines.")
        }
        return ExampleFile(examples: examples, format: format, notes: notes)
    }
}
