internal import HTTPServer

/// The origins of web pages whose scripts may read answers (CORS), each exactly as browsers send
/// it.
///
/// What a page may do is still decided by the tokens; this only lets its script see the answer, and
/// send fields such as `Authorization`.
public struct AllowedOrigins: Sendable {
    private let origins: [[UInt8]]

    /// - Parameter origins: as `isValid` has them.
    public init(_ origins: [String]) { self.origins = origins.map { Array($0.utf8) } }

    /// Whether text is an origin as browsers write it: scheme and host in small letters, and the
    /// port where it is not the scheme's own; no path, and nothing that stands for several.
    public static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let first = parts[0].utf8.first, isSmallLetter(first),
            parts[0].utf8.allSatisfy({
                isSmallLetter($0) || isDigit($0) || "+-.".utf8.contains($0)
            }),
            parts[1].hasPrefix("//")
        else { return false }
        var host = parts[1].dropFirst(2)
        if let colon = host.lastIndex(of: ":"), host.last != "]" {
            let port = host[host.index(after: colon)...]
            let isOwn = ["http:80", "https:443"].contains("\(parts[0]):\(port)")
            guard !isOwn, port.utf8.allSatisfy(isDigit), let number = UInt16(port), number > 0,
                port.first != "0"
            else { return false }
            host = host[..<colon]
        }
        if host.hasPrefix("[") {
            return host.hasSuffix("]") && host.contains(":")
                && AllowedHosts.isValid(String(host.dropFirst().dropLast()))
        }
        return !host.contains(":") && host == host.lowercased()[...]
            && AllowedHosts.isValid(String(host))
    }

    private static func isSmallLetter(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 }
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// The fields of every answer to a request: who may read it, and that others get others.
    func fields(for request: borrowing HTTPRequest) -> [(name: String, value: String)] {
        guard let origin = origin(of: request) else { return [("Vary", "Origin")] }
        return [
            ("Vary", "Origin"), ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", Self.readFields),
        ]
    }

    /// The further fields of the answer to what browsers ask before some requests; none if the page
    /// may not send them.
    ///
    /// - Parameters:
    ///   - request: an `OPTIONS` request.
    ///   - methods: what the path takes.
    /// - Returns: fields.
    func preflight(
        _ request: borrowing HTTPRequest,
        methods: String
    ) -> [(name: String, value: String)] {
        guard request.header("access-control-request-method") != nil, origin(of: request) != nil
        else { return [] }
        var fields = [
            (name: "Access-Control-Allow-Methods", value: methods),
            ("Access-Control-Allow-Headers", Self.sentFields),
            // As long as Chromium keeps it at most.
            ("Access-Control-Max-Age", "7200"),
        ]
        if request.header("access-control-request-private-network") == "true" {
            fields.append(("Access-Control-Allow-Private-Network", "true"))
        }
        return fields
    }

    /// The origin of a request, if it is one of these.
    private func origin(of request: borrowing HTTPRequest) -> String? {
        let found: String?? = request.withHeader("origin") { sent in
            origins.contains { $0.elementsEqual(sent) }
                ? String(decoding: sent, as: UTF8.self) : nil
        }
        return found ?? nil
    }

    /// What scripts may read beside what they always may.
    private static let readFields =
        "Content-Disposition, ETag, Idempotent-Replayed, Location, Preference-Applied, "
        + "Retry-After, traceparent, WWW-Authenticate, X-Request-Id"

    /// What scripts may send beside what they always may.
    private static let sentFields =
        "Authorization, Content-Type, Idempotency-Key, If-None-Match, "
        + "Inference-Header-Content-Length, Last-Event-ID, Prefer, traceparent, tracestate, "
        + "X-Amzn-SageMaker-Target-Model, X-Request-Id"
}
