internal import Examples
internal import HTTPServer

/// What kind of content a request brings.
enum RequestContent {
    case json
    case plainText
    /// Labelled rows, one a line.
    case rows(ExampleFormat)
    case other

    /// Reads `Content-Type`: a media type that routes take, with no charset but UTF-8.
    init(of request: borrowing HTTPRequest) {
        let found: RequestContent? = request.withHeader("content-type") { bytes in
            if bytes.holds("application/json") { return .json }
            return Self.parse(String(decoding: bytes, as: UTF8.self).lowercased())
        }
        self = found ?? .other
    }

    private static func parse(_ field: String) -> RequestContent {
        let parts = field.split(separator: ";", omittingEmptySubsequences: false)
            .map { trimmed($0) }
        for parameter in parts.dropFirst() where !parameter.isEmpty {
            let pair = parameter.split(separator: "=", maxSplits: 1).map { trimmed($0) }
            guard pair.first == "charset", pair.count == 2 else { continue }
            let value = pair[1].filter { $0 != "\"" }
            guard ["utf-8", "utf8", "us-ascii"].contains(value) else { return .other }
        }
        switch parts.first {
        case "application/json": return .json
        case "text/plain": return .plainText
        case "text/csv": return .rows(.csv)
        case "text/tab-separated-values": return .rows(.tsv)
        case "application/jsonl", "application/x-ndjson", "application/ndjson":
            return .rows(.jsonLines)
        case "text/x-fasttext": return .rows(.fastText)
        default: return .other
        }
    }
}

/// Without the blanks and tabs around it.
func trimmed(_ text: Substring) -> Substring {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    var text = text.drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return text
}
