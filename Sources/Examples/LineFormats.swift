private import JSON

/// Reads tab-separated values; a text has no way to contain a tab or a line end.
func readTSV(_ bytes: UnsafeBufferPointer<UInt8>, into rows: inout RowCollector) {
    var table = TableReader(
        separator: " TAB ",
        hint: "a text cannot contain a tab; use CSV or JSON lines if it must"
    )
    var lines = Lines(bytes)
    while let line = lines.next() {
        if line.bytes.isBlank { continue }
        let fields = line.bytes
            .split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            .map { UnsafeBufferPointer(rebasing: $0) }
        guard table.add(line: line.number, fields: fields, to: &rows) else { return }
    }
}

/// Reads one JSON object a line; members other than `text` and `label` are ignored.
func readJSONLines(_ bytes: UnsafeBufferPointer<UInt8>, into rows: inout RowCollector) {
    let parser = JSONParser()
    var lines = Lines(bytes)
    while let line = lines.next() {
        if line.bytes.isBlank { continue }
        let object: JSONValue
        do throws(JSONError) {
            object = try parser.parse(UnsafeRawBufferPointer(line.bytes))
        } catch {
            rows.refuse(line: line.number, error.description)
            continue
        }
        guard object.kind == .object else {
            rows.refuse(line: line.number, #"expected an object with "text" and "label""#)
            continue
        }
        guard let label = object["label"]?.utf8 else {
            let problem = object["label"] == nil ? "is missing" : "must be a string"
            rows.refuse(line: line.number, field: "label", problem)
            continue
        }
        guard let text = object["text"]?.utf8 else {
            let problem = object["text"] == nil ? "is missing" : "must be a string"
            rows.refuse(line: line.number, field: "text", problem)
            continue
        }
        rows.add(line: line.number, label: label, text: text)
    }
}

/// Reads `__label__x text`, exactly one label a line.
func readFastText(_ bytes: UnsafeBufferPointer<UInt8>, into rows: inout RowCollector) {
    var lines = Lines(bytes)
    while let line = lines.next() {
        let row = line.bytes.trimmed
        if row.isEmpty { continue }
        guard row.starts(with: fastTextPrefix) else {
            rows.refuse(line: line.number, "the line does not start with __label__")
            continue
        }
        let end = row.firstIndex(where: isWhiteSpace) ?? row.count
        let label = UnsafeBufferPointer(rebasing: row[fastTextPrefix.count..<end])
        let text = UnsafeBufferPointer(rebasing: row[end...]).trimmed
        if text.starts(with: fastTextPrefix) {
            rows.refuse(line: line.number, "the line has several labels; Elman gives a text one")
            continue
        }
        rows.add(line: line.number, label: label, text: text)
    }
}
