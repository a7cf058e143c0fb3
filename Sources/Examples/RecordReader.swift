/// One row of a table: its fields' bytes, one after the other, and where each ends.
struct Record {
    /// The row's first line, from 1.
    var line = 1
    var bytes: [UInt8] = []
    var fields: [Range<Int>] = []
    /// How many fields were written in quotes.
    var quotedCount = 0
    /// Whether a quote stands in a field that was not written in quotes.
    var hasStrayQuote = false
    /// What is wrong with the row.
    var problem: String?

    /// Whether all fields are empty, as in a blank line or a spreadsheet's empty row.
    var isBlank: Bool {
        quotedCount == 0
            && bytes.withUnsafeBufferPointer { bytes in
                fields.allSatisfy { UnsafeBufferPointer(rebasing: bytes[$0]).isBlank }
            }
    }

    func withField<Result>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[fields[index]])) }
    }

    /// A field as text, for names of columns.
    func string(_ index: Int) -> String { withField(index) { String(decoding: $0, as: UTF8.self) } }

    mutating func dropTrailingEmptyFields() {
        while fields.count > 1, let last = fields.last, last.isEmpty { fields.removeLast() }
    }

    fileprivate mutating func clear(line: Int) {
        self.line = line
        bytes.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        quotedCount = 0
        hasStrayQuote = false
        problem = nil
    }
}

/// Splits bytes into records at a delimiter and at LF, CRLF or CR.
struct RecordReader {
    /// What a quote at the start of a field means.
    enum Quoting {
        /// As RFC 4180 has it: the field may hold delimiters, line ends and doubled quotes.
        case standard
        /// The quote stands for itself, unless the whole field is written as a quoted one with
        /// doubled quotes inside, on one line.
        case literal
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let delimiter: UInt8
    private let quoting: Quoting
    private(set) var position: Int
    private var line: Int

    /// Begins at a position, which has this line number.
    init(
        _ bytes: UnsafeBufferPointer<UInt8>,
        delimiter: UInt8,
        quoting: Quoting,
        from position: Int = 0,
        line: Int = 1
    ) {
        self.bytes = bytes
        self.delimiter = delimiter
        self.quoting = quoting
        self.position = position
        self.line = line
    }

    /// Reads one record into `record`, whatever that held; false at the end.
    mutating func next(into record: inout Record) -> Bool {
        guard position < bytes.count else { return false }
        record.clear(line: line)
        position = bytes.afterByteOrderMark(at: position)
        while true {
            let start = record.bytes.count
            let isQuoted = quoting == .standard && skipBlanksBeforeQuote()
            if isQuoted {
                record.quotedCount += 1
                record.problem = readQuoted(into: &record.bytes)
                if record.problem != nil { skipLine() }
            } else {
                readPlain(into: &record)
            }
            record.fields.append(start..<record.bytes.count)
            guard peek == delimiter else { break }
            position += 1
        }
        position = bytes.afterLineEnd(at: position)
        line += 1
        return true
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Moves to the quote with which a field starts, some blanks before it; false if none does.
    private mutating func skipBlanksBeforeQuote() -> Bool {
        var ahead = position
        while ahead < bytes.count, bytes[ahead] == 0x20 { ahead += 1 }
        guard ahead < bytes.count, bytes[ahead] == UInt8(ascii: "\"") else { return false }
        // Behind a blank, a quote may belong to the text: ` "No" is what they said`.
        guard ahead == position || closesWell(from: ahead) else { return false }
        position = ahead
        return true
    }

    /// Whether the quote at `start` opens a field that ends on the same line.
    private func closesWell(from start: Int) -> Bool {
        var ahead = start + 1
        while ahead < bytes.count, !isLineEnd(bytes[ahead]) {
            if bytes[ahead] == UInt8(ascii: "\"") {
                guard ahead + 1 < bytes.count else { return true }
                let next = bytes[ahead + 1]
                guard next == UInt8(ascii: "\"") else {
                    return next == delimiter || isLineEnd(next)
                }
                ahead += 1
            }
            ahead += 1
        }
        return false
    }

    private mutating func readPlain(into record: inout Record) {
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == delimiter || isLineEnd(byte) { break }
            if byte == UInt8(ascii: "\"") { record.hasStrayQuote = true }
            position += 1
        }
        let field = UnsafeBufferPointer(rebasing: bytes[start..<position])
        if quoting == .literal, let inner = field.withoutDoubledQuotes() {
            record.quotedCount += 1
            record.bytes += inner
        } else {
            record.bytes.append(contentsOf: field)
        }
    }

    /// Reads a quoted field and returns what is wrong with it.
    private mutating func readQuoted(into field: inout [UInt8]) -> String? {
        position += 1
        var start = position
        while let byte = peek {
            position += 1
            guard byte == UInt8(ascii: "\"") else {
                // CR and LF together are one line end, counted at its last byte.
                if byte == 0x0A || (byte == 0x0D && peek != 0x0A) { line += 1 }
                continue
            }
            field.append(contentsOf: bytes[start..<(position - 1)])
            if peek == UInt8(ascii: "\"") {
                start = position  // The second quote of the pair stays.
                position += 1
                continue
            }
            let end = position
            while peek == 0x20 { position += 1 }
            guard let next = peek, next != delimiter, !isLineEnd(next) else { return nil }
            position = end
            return "text follows a closing quote; double a quote that belongs to the text"
        }
        return "the quoted field does not end; close its quote, or double a quote of the text"
    }

    private mutating func skipLine() {
        while let byte = peek, !isLineEnd(byte) { position += 1 }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// What a field says that is quoted throughout and has doubled quotes inside; nil for others.
    fileprivate func withoutDoubledQuotes() -> [UInt8]? {
        let quote = UInt8(ascii: "\"")
        guard count >= 4, first == quote, last == quote else { return nil }
        var inner: [UInt8] = []
        var position = 1
        var hasPair = false
        while position < count - 1 {
            if self[position] == quote {
                guard position + 1 < count - 1, self[position + 1] == quote else { return nil }
                hasPair = true
                position += 1
            }
            inner.append(self[position])
            position += 1
        }
        return hasPair ? inner : nil
    }
}
