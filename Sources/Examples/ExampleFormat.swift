/// How labelled texts are written in a file.
public enum ExampleFormat: String, CaseIterable, Sendable {
    /// `label TAB text`, or columns that a first line names.
    case tsv
    /// RFC 4180: `label,text`, or columns that a first record names; also with `;`, tabs or `|`.
    case csv
    /// One JSON object a line with `text` and `label`, or an array of such objects.
    case jsonLines = "jsonl"
    /// `__label__x text`, as fastText reads it.
    case fastText = "fasttext"

    /// The format that a file's name promises; nil when its extension says nothing.
    public init?(fileName: String) {
        guard let dot = fileName.lastIndex(of: ".") else { return nil }
        switch fileName[fileName.index(after: dot)...].lowercased() {
        case "tsv", "tab": self = .tsv
        case "csv": self = .csv
        case "jsonl", "ndjson", "json": self = .jsonLines
        case "ft", "fasttext": self = .fastText
        default: return nil
        }
    }

    /// What it is called.
    var name: String {
        switch self {
        case .tsv: "TSV"
        case .csv: "CSV"
        case .jsonLines: "JSON"
        case .fastText: "fastText lines"
        }
    }

    /// The format that the first line which is not blank looks like; TSV when in doubt.
    init(firstLine line: UnsafeBufferPointer<UInt8>) {
        let start = line.first { !isWhiteSpace($0) }
        if start == UInt8(ascii: "{") || start == UInt8(ascii: "[") {
            self = .jsonLines
        } else if line.starts(with: fastTextPrefix) {
            self = .fastText
        } else if line.contains(UInt8(ascii: "\t")) {
            self = .tsv
        } else if line.contains(where: Delimiter.candidates.contains) {
            self = .csv
        } else {
            self = .tsv
        }
    }
}

/// What stands before every label in a fastText file.
let fastTextPrefix = Array("__label__".utf8)
