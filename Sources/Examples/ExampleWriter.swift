internal import JSON

/// Writes labelled texts as `ExampleReader` reads them: the same rows come back, byte for byte.
///
/// A text of none of the labels has an empty cell in a table: its reader must be told that this
/// means none (`ColumnOptions.outOfScope`). In JSON its label is null.
///
/// Nothing is escaped beyond what the format needs; a text such as `=1+1` stays as it is.
public struct ExampleWriter: Sendable {
    /// The formats that can hold any row.
    public static let formats: [ExampleFormat] = [.csv, .tsv, .jsonLines]

    private let format: ExampleFormat
    private let hasSets: Bool

    /// Makes a writer.
    ///
    /// - Parameters:
    ///   - format: how rows are written.
    ///   - hasSets: whether texts may have several labels. In a table their column is then called
    ///     `labels`, and its cells hold JSON arrays.
    /// - Precondition: `format` is one of `formats`.
    public init(_ format: ExampleFormat, hasSets: Bool = false) {
        precondition(Self.formats.contains(format), "the format cannot hold any row")
        self.format = format
        self.hasSets = hasSets
    }

    /// The label, or a JSON array of labels; empty for a text that has none of the labels.
    private func cell(_ example: Example) -> String {
        if hasSets { return String(decoding: Self.array(example.labelSet), as: UTF8.self) }
        return example.isOutOfScope ? "" : example.label
    }

    private static func array(_ labels: LabelSet) -> [UInt8] {
        var json = JSONWriter()
        json.beginArray()
        for label in labels.labels { json.string(label) }
        json.endArray()
        return json.finish()
    }

    /// What stands before the first row: the names of the columns, if the format has some.
    ///
    /// The third column keeps a row with the label `label` and the text `text` from being a header.
    public var header: [UInt8] {
        switch format {
        case .csv: Array((hasSets ? "labels" : "label").utf8) + ",text,source\n".utf8
        case .tsv: Array((hasSets ? "labels" : "label").utf8) + "\ttext\tsource\n".utf8
        case .jsonLines, .fastText: []
        }
    }

    /// Appends one row.
    ///
    /// - Parameters:
    ///   - example: text and label.
    ///   - source: where it came from, a word of letters.
    ///   - bytes: get the row.
    public func write(_ example: Example, source: String, to bytes: inout [UInt8]) {
        switch format {
        case .csv:
            write(cell(example), quoting: isOddInCSV, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            write(example.text, quoting: isOddInCSV, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            bytes.append(contentsOf: source.utf8)
        case .tsv:
            write(cell(example), quoting: isOddInTSV, to: &bytes)
            bytes.append(UInt8(ascii: "\t"))
            write(example.text, quoting: isOddInTSV, to: &bytes)
            bytes.append(UInt8(ascii: "\t"))
            bytes.append(contentsOf: source.utf8)
        case .jsonLines, .fastText:
            var json = JSONWriter()
            json.beginObject()
            if let labels = example.labels {
                json.member("labels", array: labels.labels) { $1.string($0) }
            } else {
                json.member("label", string: example.isOutOfScope ? nil : example.label)
            }
            json.key("text")
            json.string(example.text)
            json.key("source")
            json.string(source)
            json.endObject()
            bytes.append(contentsOf: json.finish())
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Writes a field, in quotes if a byte of it is odd.
    private func write(
        _ field: String,
        quoting isOdd: (UInt8) -> Bool,
        to bytes: inout [UInt8]
    ) {
        let quote = UInt8(ascii: "\"")
        guard field.utf8.contains(where: isOdd) else {
            bytes.append(contentsOf: field.utf8)
            return
        }
        bytes.append(quote)
        for byte in field.utf8 {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }
}

/// All but letters, digits and a few signs: whatever separates columns elsewhere is quoted too.
private func isOddInCSV(_ byte: UInt8) -> Bool {
    let isPlain =
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte >= 0x80
        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    return !isPlain
}

/// What pandas quotes in a TSV; else a quote stands for itself.
private func isOddInTSV(_ byte: UInt8) -> Bool {
    [UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\"")].contains(byte)
}
