/// What divides the columns of a table, told by its first lines.
struct Delimiter {
    /// The byte between two columns.
    let byte: UInt8
    /// How many columns most of the first rows have, trailing empty ones left out.
    let columns: Int
    /// Where the rows begin: behind Excel's `sep=` line, if there is one.
    let start: Int
    /// The number of the line there, from 1.
    let line: Int

    /// The delimiters that are looked for, the likeliest first.
    static let candidates = [",", ";", "\t", "|"].map { UInt8(ascii: $0) }

    /// Finds the delimiter of a table.
    ///
    /// The delimiter is the one that divides most of the first rows into the same number of
    /// columns, two at least; quoted ones do not count. A first row with names of columns decides
    /// alone.
    ///
    /// - Parameters:
    ///   - bytes: the table.
    ///   - expected: the delimiter of the format, which is taken when nothing speaks for another.
    ///   - isHeader: whether these fields name the columns for label and text.
    init(
        of bytes: UnsafeBufferPointer<UInt8>,
        expected: UInt8,
        isHeader: (Record) -> Bool
    ) {
        if let (byte, end) = Self.declared(in: bytes) {
            self.byte = byte
            start = end
            line = 2
            columns = TableSample(bytes, from: end, delimiter: byte).columns
            return
        }
        start = 0
        line = 1
        let others = Self.candidates.filter { $0 != expected }
        var best = TableSample(bytes, from: 0, delimiter: expected)
        if !isHeader(best.first) {
            for candidate in others {
                let sample = TableSample(bytes, from: 0, delimiter: candidate)
                if isHeader(sample.first) {
                    best = sample
                    break
                }
                if sample.isBetter(than: best) { best = sample }
            }
        }
        byte = best.delimiter
        columns = best.columns
    }

    /// The delimiter that a first line `sep=;` names, and where the second line begins.
    private static func declared(
        in bytes: UnsafeBufferPointer<UInt8>
    ) -> (byte: UInt8, end: Int)? {
        var position = bytes.afterByteOrderMark(at: 0)
        let isQuoted = position < bytes.count && bytes[position] == UInt8(ascii: "\"")
        if isQuoted { position += 1 }
        let name = bytes[position...].prefix(4)
        guard name.count == 4, String(decoding: name, as: UTF8.self).lowercased() == "sep=",
            position + 4 < bytes.count
        else { return nil }
        let byte = bytes[position + 4]
        guard byte < 0x80, !isLineEnd(byte), byte != UInt8(ascii: "\"") else { return nil }
        position += 5
        if isQuoted {
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
            position += 1
        }
        guard position == bytes.count || isLineEnd(bytes[position]) else { return nil }
        return (byte, bytes.afterLineEnd(at: position))
    }
}

/// The first rows of a table as one delimiter divides them.
private struct TableSample {
    let delimiter: UInt8
    /// The first row that is not blank.
    var first = Record()
    /// How many columns most rows have.
    var columns = 1
    /// How many rows there are.
    private var rows = 0
    /// How many rows have that many columns, if those are two or more.
    private var agreeing = 0
    /// How many delimiters there are, and how many of them do not look like punctuation.
    private var delimiters = 0
    private var divisions = 0
    /// The fewest different values that a column has.
    private var fewestValues = Int.max

    /// A hundred rows or 64 KiB show what there is to be seen.
    private static let maximumRows = 100
    private static let maximumBytes = 1 << 16

    init(_ all: UnsafeBufferPointer<UInt8>, from start: Int, delimiter: UInt8) {
        self.init(all, from: start, delimiter: delimiter, quoting: .standard)
        guard delimiter == UInt8(ascii: "\t"), agreeing < rows else { return }
        // Where quotes stand for themselves, one at the start of a text hides the rows behind it.
        let literal = TableSample(all, from: start, delimiter: delimiter, quoting: .literal)
        if literal.isBetter(than: self) { self = literal }
    }

    private init(
        _ all: UnsafeBufferPointer<UInt8>,
        from start: Int,
        delimiter: UInt8,
        quoting: RecordReader.Quoting
    ) {
        self.delimiter = delimiter
        let end = min(all.count, start + Self.maximumBytes)
        let sample = UnsafeBufferPointer(rebasing: all[..<end])
        var reader = RecordReader(sample, delimiter: delimiter, quoting: quoting, from: start)
        var record = Record()
        var counts: [Int: Int] = [:]
        var values: [Set<String>] = []
        while rows < Self.maximumRows, reader.next(into: &record) {
            // The sample may end within a row.
            if rows > 0, reader.position == sample.count, sample.count < all.count { break }
            if record.isBlank { continue }
            record.dropTrailingEmptyFields()
            rows += 1
            if rows == 1 { first = record }
            guard record.problem == nil else { continue }
            counts[record.fields.count, default: 0] += 1
            delimiters += record.fields.count - 1
            divisions += Self.divisions(in: record, delimiter)
            for index in record.fields.indices.prefix(16) {
                if values.count <= index { values.append([]) }
                values[index].insert(record.string(index))
            }
        }
        let most = counts.filter { $0.key > 1 }.max { ($0.value, -$0.key) < ($1.value, -$1.key) }
        columns = most?.key ?? 1
        agreeing = most?.value ?? 0
        fewestValues = values.prefix(columns).map(\.count).min() ?? .max
    }

    /// Whether this delimiter explains the rows better.
    func isBetter(than other: TableSample) -> Bool {
        let (share, otherShare) = (agreeing * other.rows, other.agreeing * rows)
        if share != otherShare { return share > otherShare }
        if agreeing == 0 { return false }
        if fewestValues != other.fewestValues { return fewestValues < other.fewestValues }
        let (clear, otherClear) = (divisions * other.delimiters, other.divisions * delimiters)
        if clear != otherClear { return clear > otherClear }
        // A tab is rare in texts, and none is in a label.
        return delimiter == UInt8(ascii: "\t")
    }

    /// Counts the delimiters but those that a text may have: before a blank or between digits.
    private static func divisions(in record: Record, _ delimiter: UInt8) -> Int {
        var count = 0
        for (left, right) in zip(record.fields, record.fields.dropFirst()) {
            let before = left.isEmpty ? 0 : record.bytes[left.upperBound - 1]
            let after = right.isEmpty ? 0 : record.bytes[right.lowerBound]
            let isDecimal = before &- 0x30 < 10 && after &- 0x30 < 10
            if after != 0x20 && !isDecimal { count += 1 }
        }
        return count
    }
}
