internal import Digest
internal import HTTPServer
internal import Report

/// The page for people: files of the program, sent as they are.
///
/// It has no other powers than any client: what it does, it does by the public operations.
struct PageHandlers: Sendable {
    /// Nothing from elsewhere, no script and no style in the markup, in nobody's frame; scripts
    /// make no markup of strings.
    ///
    /// A report, which is shown in a frame of the page, is under this policy too. So it names the
    /// digest of the one style sheet of reports.
    private static let policy = [
        "default-src 'none'", "script-src 'self'",
        "style-src 'self' 'sha256-\(styleDigest)'",
        "img-src 'self'", "connect-src 'self'", "worker-src 'self'", "frame-src blob:",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types elman",
    ].joined(separator: "; ")

    /// The digest of the style sheet of reports, as a policy writes it.
    private static var styleDigest: String {
        var digest = SHA256()
        digest.update(ReportPage.styleSheet)
        return Base64.encoded(digest.digest())
    }

    /// The page, for who prefers it to the JSON of the index; nil for others.
    func start(_ request: borrowing HTTPRequest) -> Answer? {
        guard let accept = request.header("accept"), MediaPreference.wantsPage(accept),
            let file = PageFile.all[PageFile.start]
        else { return nil }
        // What the page loads is found from here only with a slash at the end.
        let isWithoutSlash = request.withRawPath { $0.last != UInt8(ascii: "/") }
        if isWithoutSlash { return .empty(308, headers: [("Location", "/")]) }
        return answer(file, request, headers: [("Vary", "Accept")])
    }

    /// One of the files that the page loads.
    func file(
        _ request: borrowing HTTPRequest,
        _ path: PathValues
    ) throws(ServiceError) -> Answer {
        guard let file = path[.file].flatMap({ PageFile.all[$0] }) else { throw .pathNotFound }
        return answer(file, request, headers: [])
    }

    private func answer(
        _ file: PageFile,
        _ request: borrowing HTTPRequest,
        headers: [(name: String, value: String)]
    ) -> Answer {
        let headers =
            headers + [
                ("ETag", file.tag), ("Content-Security-Policy", Self.policy),
                ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ]
        let isKnown =
            request.header("if-none-match").map { VersionHandlers.matches($0, file.tag) } ?? false
        var answer =
            isKnown
            ? Answer.empty(304, headers: headers)
            : Answer(contentType: file.contentType, headers: headers, body: file.bytes)
        answer.isRevalidated = true
        return answer
    }
}
