/// Reads `__label__x text`; several labels before the text are a set.
func readFastText(_ bytes: UnsafeBufferPointer<UInt8>, into rows: inout RowCollector) {
    var lines = Lines(bytes)
    while let line = lines.next() {
        let row = line.bytes.trimmed
        if row.isEmpty { continue }
        let end = row.endOfWord
        let label = UnsafeBufferPointer(rebasing: row[..<end])
        let text = UnsafeBufferPointer(rebasing: row[end...]).trimmed
        let again = row.dropFirst(fastTextPrefix.count).firstIndex(of: fastTextPrefix)
        if !label.starts(with: fastTextPrefix) {
            rows.refuse(
                line: line.number,
                again == nil
                    ? "the line does not start with __label__"
                    : "the line does not start with __label__; the label must stand before the text"
            )
        } else if text.withoutLeadingSpace.starts(with: fastTextPrefix) {
            addSet(line: line.number, row, into: &rows)
        } else if let again {
            let place = String(decoding: row[..<again], as: UTF8.self).unicodeScalars.count + 1
            rows.refuse(
                line: line.number,
                "__label__ stands again at character \(place); a line has one label, at its start "
                    + "(curl -d joins lines, --data-binary does not)"
            )
        } else {
            let name = UnsafeBufferPointer(rebasing: label[fastTextPrefix.count...])
            rows.add(line: line.number, label: name, text: text.withoutLeadingSpace)
        }
    }
}

/// Takes a line that begins with several labels.
private func addSet(
    line: Int,
    _ row: UnsafeBufferPointer<UInt8>,
    into rows: inout RowCollector
) {
    var labels: [UnsafeBufferPointer<UInt8>] = []
    var rest = row
    while rest.starts(with: fastTextPrefix) {
        let end = rest.endOfWord
        labels.append(UnsafeBufferPointer(rebasing: rest[fastTextPrefix.count..<end]))
        rest = UnsafeBufferPointer(rebasing: rest[end...]).withoutLeadingSpace
    }
    guard rest.firstIndex(of: fastTextPrefix) == nil else {
        return rows.refuse(
            line: line,
            "__label__ stands again behind the text; the labels of a line stand at its start "
                + "(curl -d joins lines, --data-binary does not)"
        )
    }
    rows.add(line: line, labels: labels, text: rest)
}

extension UnsafeBufferPointer<UInt8> {
    /// Where the first Unicode white space stands; the count if none does.
    fileprivate var endOfWord: Int {
        var position = 0
        while position < count, whiteSpaceLength(at: position) == 0 { position += 1 }
        return position
    }

    /// Without Unicode white space at the start.
    fileprivate var withoutLeadingSpace: UnsafeBufferPointer<UInt8> {
        var position = 0
        while position < count {
            let length = whiteSpaceLength(at: position)
            guard length > 0 else { break }
            position += length
        }
        return UnsafeBufferPointer(rebasing: self[position...])
    }

    /// The bytes of the white space character at `position`; 0 if there is none.
    private func whiteSpaceLength(at position: Int) -> Int {
        let byte = self[position]
        if byte < 0x80 { return isWhiteSpace(byte) ? 1 : 0 }
        guard let length = ContentCheck.sequenceLength(in: self, at: position) else { return 0 }
        let character = String(decoding: self[position..<(position + length)], as: UTF8.self)
        return character.unicodeScalars.first?.properties.isWhitespace == true ? length : 0
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Where `pattern` begins first; nil if it does not stand there.
    fileprivate func firstIndex(of pattern: [UInt8]) -> Int? {
        self[startIndex...].firstIndex(of: pattern)
    }
}

extension Slice<UnsafeBufferPointer<UInt8>> {
    /// Where `pattern` begins first; nil if it does not stand there.
    fileprivate func firstIndex(of pattern: [UInt8]) -> Int? {
        var start = startIndex
        while let index = self[start...].firstIndex(of: pattern[0]) {
            if self[index...].starts(with: pattern) { return index }
            start = index + 1
        }
        return nil
    }
}
