private import TextForm

/// Reads labelled texts from the bytes of a file.
///
/// All formats: UTF-8, a byte-order mark at the start is skipped, lines end with LF or CRLF,
/// blank lines are skipped, labels and texts get the form of `ExampleRules`. Rows that break the rules are
/// collected, so that one run names them all.
public enum ExampleReader {
    /// Reads a whole file.
    ///
    /// - Parameters:
    ///   - bytes: the file; only read during the call.
    ///   - format: nil means: by the extension of `source`, else by the first line.
    ///   - source: the file's name, for errors and for the format.
    ///   - rules: what an example may look like.
    ///   - rowLimit: how many examples there may be; what follows them is not kept.
    ///   - errorLimit: how many errors are described; the rest is counted.
    /// - Returns: the examples in the order of the file, at least one, and the format.
    /// - Throws: every row that is wrong; or that there are none.
    /// - Complexity: O(bytes).
    public static func read(
        _ bytes: UnsafeRawBufferPointer,
        format: ExampleFormat? = nil,
        source: String? = nil,
        rules: ExampleRules = ExampleRules(),
        rowLimit: Int = .max,
        errorLimit: Int = 20
    ) throws(RowErrors) -> (examples: [Example], format: ExampleFormat) {
        let format = format ?? detectFormat(fileName: source, bytes: bytes)
        var rows = RowCollector(
            source: source,
            rules: rules,
            rowLimit: rowLimit,
            errorLimit: errorLimit
        )
        let content = withoutByteOrderMark(bytes)
        switch format {
        case .tsv: readTSV(content, into: &rows)
        case .csv: readCSV(content, into: &rows)
        case .jsonLines: readJSONLines(content, into: &rows)
        case .fastText: readFastText(content, into: &rows)
        }
        return (try rows.finish(), format)
    }

    /// Reads a whole file; see the other `read`.
    public static func read(
        _ bytes: [UInt8],
        format: ExampleFormat? = nil,
        source: String? = nil,
        rules: ExampleRules = ExampleRules(),
        rowLimit: Int = .max,
        errorLimit: Int = 20
    ) throws(RowErrors) -> (examples: [Example], format: ExampleFormat) {
        typealias Outcome = (examples: [Example], format: ExampleFormat)
        let result: Result<Outcome, RowErrors> = bytes.withUnsafeBytes { buffer in
            Result { () throws(RowErrors) in
                try read(
                    buffer,
                    format: format,
                    source: source,
                    rules: rules,
                    rowLimit: rowLimit,
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
        var lines = Lines(withoutByteOrderMark(bytes))
        while let line = lines.next() {
            if !line.bytes.isBlank { return ExampleFormat(firstLine: line.bytes) }
        }
        return .tsv
    }
}

private func withoutByteOrderMark(
    _ bytes: UnsafeRawBufferPointer
) -> UnsafeBufferPointer<UInt8> {
    let content = UnsafeBufferPointer(
        start: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
        count: bytes.count
    )
    let hasMark = content.starts(with: [0xEF, 0xBB, 0xBF])
    return UnsafeBufferPointer(rebasing: content[(hasMark ? 3 : 0)...])
}

/// The lines of a file, numbered from 1, without their ends (LF or CRLF).
struct Lines: IteratorProtocol {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var number = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func next() -> (number: Int, bytes: UnsafeBufferPointer<UInt8>)? {
        guard position < bytes.count else { return nil }
        let start = position
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        position = end + 1
        number += 1
        let hasReturn = end > start && bytes[end - 1] == UInt8(ascii: "\r")
        return (number, UnsafeBufferPointer(rebasing: bytes[start..<(hasReturn ? end - 1 : end)]))
    }
}

/// Takes rows as they are read, checks them, keeps the good and the first bad ones.
struct RowCollector {
    private let source: String?
    private let rules: ExampleRules
    private let rowLimit: Int
    private let errorLimit: Int
    private var hasTooMany = false
    private var examples: [Example] = []
    private var errors: [RowError] = []
    private var errorCount = 0

    init(source: String?, rules: ExampleRules, rowLimit: Int, errorLimit: Int) {
        self.source = source
        self.rules = rules
        self.rowLimit = rowLimit
        self.errorLimit = max(errorLimit, 1)
    }

    /// Checks and keeps one row.
    mutating func add(
        line: Int,
        label: UnsafeBufferPointer<UInt8>,
        text: UnsafeBufferPointer<UInt8>
    ) {
        guard examples.count < rowLimit else {
            if !hasTooMany { refuse(line: line, "there are more than \(rowLimit) rows") }
            hasTooMany = true
            return
        }
        let keptLabel: String
        do throws(TextFormError) { keptLabel = try rules.label.label(label) } catch {
            return refuse(line: line, field: "label", error.description)
        }
        do throws(TextFormError) {
            let (keptText, _) = try rules.text.text(text)
            examples.append(Example(label: keptLabel, text: keptText))
        } catch {
            refuse(line: line, field: "text", error.description)
        }
    }

    /// Notes what is wrong with a row.
    mutating func refuse(line: Int, field: String? = nil, _ detail: String) {
        errorCount += 1
        guard errors.count < errorLimit else { return }
        errors.append(RowError(source: source, line: line, field: field, detail: detail))
    }

    consuming func finish() throws(RowErrors) -> [Example] {
        if errorCount > 0 { throw RowErrors(first: errors, count: errorCount) }
        if examples.isEmpty {
            let error = RowError(source: source, line: 1, detail: "there are no examples")
            throw RowErrors(first: [error], count: 1)
        }
        return examples
    }
}
