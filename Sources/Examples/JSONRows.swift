private import JSON

/// Reads one JSON object a line, or an array of objects; members that hold neither label nor text
/// are ignored.
func readJSONRows(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ options: ColumnOptions,
    into rows: inout RowCollector
) {
    let start = bytes.afterByteOrderMark(at: 0)
    let document = UnsafeBufferPointer(rebasing: bytes[start...])
    if document.first(where: { !isWhiteSpace($0) }) == UInt8(ascii: "[") {
        readJSONArray(document, options, into: &rows)
    } else {
        readJSONLines(document, options, into: &rows)
    }
}

private func readJSONLines(
    _ document: UnsafeBufferPointer<UInt8>,
    _ options: ColumnOptions,
    into rows: inout RowCollector
) {
    let parser = JSONParser()
    var reader = JSONRowReader(options)
    var lines = Lines(document)
    var isFirst = true
    while let line = lines.next() {
        if line.bytes.isBlank { continue }
        do throws(JSONError) {
            let object = try parser.parse(UnsafeRawBufferPointer(line.bytes))
            if isFirst, object["examples"]?.kind == .array {
                rows.refuse(line: line.number, requestProblem)
                return
            }
            rows.add(line: line.number, reader.read(object))
        } catch {
            if isFirst, let problem = documentProblem(document) {
                rows.refuse(line: line.number, problem)
                return
            }
            rows.refuse(line: line.number, error.problem)
        }
        isFirst = false
    }
}

private func readJSONArray(
    _ document: UnsafeBufferPointer<UInt8>,
    _ options: ColumnOptions,
    into rows: inout RowCollector
) {
    let array: JSONValue
    do throws(JSONError) {
        array = try JSONParser().parse(UnsafeRawBufferPointer(document))
    } catch {
        var lines = Lines(document)
        var line = 1
        if let offset = error.offset {
            lines = Lines(UnsafeBufferPointer(rebasing: document[..<min(offset, document.count)]))
            while let next = lines.next() { line = next.number }
        }
        rows.refuse(line: line, error.problem)
        return
    }
    var reader = JSONRowReader(options)
    var lines = ElementLines(document)
    for element in array.elements { rows.add(line: lines.next(), reader.read(element)) }
}

private let requestProblem =
    "the file is the body of a request, not rows; write its rows alone with jq -c '.examples[]'"

/// What is wrong with a file whose first line is no object, if objects take several lines in it.
private func documentProblem(_ document: UnsafeBufferPointer<UInt8>) -> String? {
    let parser = JSONParser()
    var lines = Lines(document)
    let isOpen = lines.next()?.bytes.trimmed.elementsEqual([UInt8(ascii: "{")]) ?? false
    let value = try? parser.parse(UnsafeRawBufferPointer(document))
    if let value, value["examples"]?.kind == .array { return requestProblem }
    guard isOpen || value != nil else { return nil }
    return "expected one object a line, or an array of objects; this one ends on a later line, "
        + "jq -c . writes each on one"
}

extension RowCollector {
    /// Takes a row of JSON.
    fileprivate mutating func add(line: Int, _ row: JSONRowReader.Row) {
        switch row {
        case .found(let label, let text):
            guard let text = text.value.utf8 else { return }
            if label.isOutOfScope { return addOutOfScope(line: line, text: text) }
            if label.isSet {
                add(line: line, labels: label.elements.compactMap(\.utf8), text: text)
                return
            }
            guard let label = label.value.utf8 else { return }
            add(line: line, label: label, text: text)
        case .refused(let field, _, let problem): refuse(line: line, field: field, problem)
        }
    }
}

extension RowCollector {
    /// Takes a row whose labels are a JSON array in a cell of a table.
    mutating func add(
        line: Int,
        labelList: UnsafeBufferPointer<UInt8>,
        text: UnsafeBufferPointer<UInt8>
    ) {
        let parser = JSONParser()
        guard let list = try? parser.parse(UnsafeRawBufferPointer(labelList)), list.kind == .array,
            list.elements.allSatisfy({ $0.kind == .string })
        else {
            return refuse(
                line: line,
                field: "label",
                "begins with \"[\" in a column called labels, and is no JSON array of strings "
                    + "such as [\"a\",\"b\"]"
            )
        }
        withExtendedLifetime((parser, list)) {
            add(line: line, labels: list.elements.compactMap(\.utf8), text: text)
        }
    }
}

extension JSONError {
    /// The sentence behind a place: without a full stop, and small at its start.
    fileprivate var problem: String {
        let sentence = description.hasSuffix(".") ? description.dropLast() : description[...]
        return sentence.prefix(1).lowercased() + sentence.dropFirst()
    }

    /// The byte at which the document is wrong, if there is one.
    fileprivate var offset: Int? {
        switch self {
        case .notUTF8(let offset), .tooDeep(_, let offset), .syntax(let offset, _),
            .trailingBytes(let offset), .numberOutOfRange(let offset):
            offset
        case .empty, .tooLarge, .outOfMemory, .byteOrderMark, .duplicateKey: nil
        }
    }
}

/// The lines on which the elements of a well-formed array begin.
private struct ElementLines {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var line = 1

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        skipWhiteSpace()
        position += 1
    }

    /// The line of the next element, from 1.
    mutating func next() -> Int {
        skipWhiteSpace()
        let start = line
        var depth = 0
        var isInString = false
        while position < bytes.count {
            let byte = bytes[position]
            if isInString {
                if byte == UInt8(ascii: "\\") { position += 1 }
                if byte == UInt8(ascii: "\"") { isInString = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                case UInt8(ascii: ",") where depth == 0:
                    position += 1
                    return start
                default: countLine(byte)
                }
            }
            position += 1
        }
        return start
    }

    private mutating func skipWhiteSpace() {
        while position < bytes.count, isWhiteSpace(bytes[position]) {
            countLine(bytes[position])
            position += 1
        }
    }

    private mutating func countLine(_ byte: UInt8) {
        let isPair = byte == 0x0D && position + 1 < bytes.count && bytes[position + 1] == 0x0A
        if isLineEnd(byte) && !isPair { line += 1 }
    }
}
