internal import CEmbedded
internal import Digest

/// A file of the page for people, from inside the program.
struct PageFile: Sendable {
    let name: String
    let bytes: [UInt8]
    let contentType: String
    /// The SHA-256 of the bytes, in quotes.
    let tag: String

    /// The file that the page begins with.
    static let start = "index.html"

    /// All files of Sources/Page, by name.
    static let all: [String: PageFile] = {
        let files = UnsafeBufferPointer(start: embedded_page(), count: embedded_page_count())
        return Dictionary(uniqueKeysWithValues: files.map { ($0.fileName, PageFile($0)) })
    }()

    private init(_ file: embedded_file) {
        name = file.fileName
        bytes = Array(UnsafeBufferPointer(start: file.bytes, count: file.byte_count))
        tag = "\"\(SHA256.hexadecimal(of: bytes))\""
        contentType =
            switch name.split(separator: ".").last {
            case "html": "text/html; charset=utf-8"
            case "css": "text/css; charset=utf-8"
            case "svg": "image/svg+xml"
            default: "text/javascript; charset=utf-8"
            }
    }
}

extension embedded_file {
    fileprivate var fileName: String { String(cString: name) }
}
