/// Reads comma-separated values (RFC 4180).
///
/// A quoted field may hold commas, line ends and doubled quotes. A quote inside a field that does
/// not start with one stands for itself.
func readCSV(_ bytes: UnsafeBufferPointer<UInt8>, into rows: inout RowCollector) {
    var table = TableReader(separator: ",", hint: "put a text that contains commas in quotes")
    var reader = CSVReader(bytes)
    while let record = reader.next() {
        if let problem = record.problem {
            rows.refuse(line: record.line, problem)
            continue
        }
        let isBlank =
            record.fields.count == 1 && !record.isQuoted && record.bytes.allSatisfy(isWhiteSpace)
        if isBlank { continue }
        let canGoOn = record.withFields { table.add(line: record.line, fields: $0, to: &rows) }
        if !canGoOn { return }
    }
}

/// One record: its fields' bytes, one after the other, and where each ends.
struct CSVRecord {
    let line: Int
    var bytes: [UInt8] = []
    var fields: [Range<Int>] = []
    var isQuoted = false
    var problem: String?

    func withFields<Result>(_ body: ([UnsafeBufferPointer<UInt8>]) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { buffer in
            body(fields.map { UnsafeBufferPointer(rebasing: buffer[$0]) })
        }
    }
}

/// Splits bytes into records.
struct CSVReader: IteratorProtocol {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var line = 1

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func next() -> CSVRecord? {
        guard position < bytes.count else { return nil }
        var record = CSVRecord(line: line)
        while true {
            let start = record.bytes.count
            if peek == UInt8(ascii: "\"") {
                record.isQuoted = true
                record.problem = record.problem ?? readQuoted(into: &record.bytes)
                if record.problem != nil { skipLine() }
            } else {
                readPlain(into: &record.bytes)
            }
            record.fields.append(start..<record.bytes.count)
            guard peek == UInt8(ascii: ",") else { break }
            position += 1
        }
        endLine()
        return record
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func readPlain(into field: inout [UInt8]) {
        let start = position
        while let byte = peek, byte != UInt8(ascii: ","), byte != UInt8(ascii: "\n") {
            position += 1
        }
        let endsWithReturn =
            position > start && bytes[position - 1] == UInt8(ascii: "\r")
            && peek != UInt8(ascii: ",")
        field.append(contentsOf: bytes[start..<(endsWithReturn ? position - 1 : position)])
    }

    /// Reads a quoted field and returns what is wrong with it.
    private mutating func readQuoted(into field: inout [UInt8]) -> String? {
        position += 1
        var start = position
        while let byte = peek {
            position += 1
            if byte == UInt8(ascii: "\n") { line += 1 }
            guard byte == UInt8(ascii: "\"") else { continue }
            field.append(contentsOf: bytes[start..<(position - 1)])
            if peek == UInt8(ascii: "\"") {
                start = position  // The second quote of the pair stays.
                position += 1
                continue
            }
            let isLast = position + 1 >= bytes.count || bytes[position + 1] == UInt8(ascii: "\n")
            if peek == UInt8(ascii: "\r"), isLast { position += 1 }
            if peek == nil || peek == UInt8(ascii: ",") || peek == UInt8(ascii: "\n") { return nil }
            return "text follows a closing quote; double a quote that belongs to the text"
        }
        return "the quoted field does not end"
    }

    private mutating func skipLine() {
        while let byte = peek, byte != UInt8(ascii: "\n") { position += 1 }
    }

    private mutating func endLine() {
        guard peek != nil else { return }
        position += 1
        line += 1
    }
}
