/// The path of a proxy below which clients see this server, such as `/elman`.
public struct PathPrefix: Sendable {
    /// Without a slash at the end; empty for none.
    let text: String
    let bytes: [UInt8]

    /// No prefix.
    public static let none = PathPrefix(unchecked: "")

    private init(unchecked text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// Reads a prefix: pieces of letters, digits, `-`, `_`, `.` and `~`, each after a slash.
    ///
    /// One slash at the end counts as none; `/` alone is no prefix.
    ///
    /// - Returns: nil for anything else.
    public init?(_ text: String) {
        let text = text.hasSuffix("/") ? String(text.dropLast()) : text
        let pieces = text.split(separator: "/", omittingEmptySubsequences: false)
        guard text.isEmpty || (pieces.first == "" && text.utf8.count <= 256) else { return nil }
        for piece in pieces.dropFirst() {
            let isPlain = piece.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                    UInt8(ascii: "."), UInt8(ascii: "~"):
                    true
                default: false
                }
            }
            guard isPlain, !piece.isEmpty, piece != ".", piece != ".." else { return nil }
        }
        self.init(unchecked: text)
    }

    /// A path as clients see it.
    func outside(_ path: String) -> String { text + path }

    /// How many bytes of a path as it was sent are the prefix: 0 where a proxy has taken it off.
    func length(in path: UnsafeBufferPointer<UInt8>) -> Int {
        guard !bytes.isEmpty, path.count >= bytes.count, path.starts(with: bytes),
            path.count == bytes.count || path[bytes.count] == UInt8(ascii: "/")
        else { return 0 }
        return bytes.count
    }
}
