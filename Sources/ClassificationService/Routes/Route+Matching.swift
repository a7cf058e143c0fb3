internal import HTTPServer

extension Route {
    /// Finds the route of a request and the parts of its path that vary, decoded.
    ///
    /// An encoded slash belongs to no name, so a path with one matches nothing.
    static func match(_ request: borrowing HTTPRequest) -> (route: Route, parts: [String])? {
        let raw = request.rawPath
        guard raw.utf8.count <= 1024 else { return nil }
        if raw == Route.classify.template { return (.classify, []) }
        guard !holdsEncodedSlash(raw) else { return nil }
        let path = request.path
        let pieces = path.utf8.dropFirst().split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        )
        for route in allCases {
            if let parts = parts(of: pieces, like: route.pieces) { return (route, parts) }
        }
        return nil
    }

    private var pieces: [Substring] {
        template.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }

    private static func parts(
        of pieces: [Substring.UTF8View],
        like template: [Substring]
    ) -> [String]? {
        guard pieces.count == template.count else { return nil }
        var parts: [String] = []
        for (piece, expected) in zip(pieces, template) {
            let text = String(Substring(piece))
            if expected.hasPrefix("{") {
                guard !text.isEmpty else { return nil }
                parts.append(text)
            } else if text != expected {
                return nil
            }
        }
        return parts
    }

    private static func holdsEncodedSlash(_ path: String) -> Bool {
        var last: (UInt8, UInt8) = (0, 0)
        for byte in path.utf8 {
            if last == (UInt8(ascii: "%"), UInt8(ascii: "2")), byte | 0x20 == UInt8(ascii: "f") {
                return true
            }
            last = (last.1, byte)
        }
        return false
    }
}
