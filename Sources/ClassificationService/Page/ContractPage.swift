internal import CEmbedded
internal import Digest
internal import HTTPServer

/// openapi.yaml for people: docs/api.html, from inside the program.
struct ContractPage: Sendable {
    /// The page.
    static let bytes = Array(
        UnsafeBufferPointer(start: embedded_api_page(), count: embedded_api_page_bytes())
    )

    /// The SHA-256 of the page, in quotes.
    private static let tag = "\"\(SHA256.hexadecimal(of: bytes))\""

    /// Nothing but the page and the one style that stands in it.
    private static let policy: String = {
        let text = String(decoding: bytes, as: UTF8.self)
        var digest = SHA256()
        if let start = text.firstRange(of: "<style>"), let end = text.firstRange(of: "</style>") {
            digest.update(String(text[start.upperBound..<end.lowerBound]))
        }
        let style = "'sha256-\(Base64.encoded(digest.digest()))'"
        return "default-src 'none'; style-src \(style); base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'"
    }()

    /// The page, or that the client has it.
    func answer(_ request: borrowing HTTPRequest) -> Answer {
        let headers = [
            ("ETag", Self.tag), ("Content-Security-Policy", Self.policy),
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ]
        let given = request.header("if-none-match")
        let isKnown = given.map { VersionHandlers.matches($0, Self.tag) } ?? false
        var answer =
            isKnown
            ? Answer.empty(304, headers: headers)
            : Answer(contentType: "text/html; charset=utf-8", headers: headers, body: Self.bytes)
        answer.isRevalidated = true
        return answer
    }
}
