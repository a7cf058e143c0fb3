internal import Examples
internal import HTTPServer

/// What kind of content a request brings.
enum RequestContent {
    case json
    case plainText
    /// Labelled rows, one a line.
    case rows(ExampleFormat)
    /// `application/x-www-form-urlencoded`, which curl says of all that `-d` sends.
    case form
    /// `multipart/form-data` with this boundary.
    case multipart(boundary: String)
    /// Anything else, as it came; empty if nothing was said.
    case other(String)

    /// Reads `Content-Type`: a media type that routes take, with no charset but UTF-8.
    init(of request: borrowing HTTPRequest) {
        let found: RequestContent? = request.withHeader("content-type") { bytes in
            if bytes.holds("application/json") { return .json }
            return RequestContent(field: String(decoding: bytes, as: UTF8.self))
        }
        self = found ?? .other("")
    }

    /// Reads the value of a `Content-Type` field.
    init(field: String) {
        let parts = field.split(separator: ";", omittingEmptySubsequences: false)
            .map { trimmed($0) }
        var boundary: String?
        for parameter in parts.dropFirst() where !parameter.isEmpty {
            let pair = parameter.split(separator: "=", maxSplits: 1).map { trimmed($0) }
            guard pair.count == 2 else { continue }
            let value = pair[1].filter { $0 != "\"" }
            if pair[0].lowercased() == "boundary" { boundary = value }
            guard
                pair[0].lowercased() != "charset"
                    || ["utf-8", "utf8", "us-ascii"].contains(value.lowercased())
            else {
                self = .other(field)
                return
            }
        }
        self = Self.named(parts[0].lowercased(), boundary) ?? .other(field)
    }

    private static func named(_ type: String, _ boundary: String?) -> RequestContent? {
        switch type {
        case "application/json": return .json
        case "text/plain": return .plainText
        case "text/csv": return .rows(.csv)
        case "text/tab-separated-values": return .rows(.tsv)
        case "application/jsonl", "application/x-ndjson", "application/ndjson":
            return .rows(.jsonLines)
        case "text/x-fasttext": return .rows(.fastText)
        case "application/x-www-form-urlencoded": return .form
        case "multipart/form-data":
            return boundary.flatMap { $0.isEmpty ? nil : .multipart(boundary: $0) }
        default: return nil
        }
    }

    /// What a refusal says of it.
    var name: String {
        switch self {
        case .json: "application/json"
        case .plainText: "text/plain"
        case .rows(let format): format.rawValue
        case .form: "application/x-www-form-urlencoded"
        case .multipart: "multipart/form-data"
        case .other(let field):
            String(
                field.unicodeScalars.filter { 0x20...0x7E ~= $0.value }.prefix(80).map(
                    Character.init
                )
            )
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
