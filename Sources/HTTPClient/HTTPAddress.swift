/// Where to post to: the parts of an address such as `https://collector.example/v1/traces`.
public struct HTTPAddress: Sendable, Equatable {
    package let usesTLS: Bool
    package let host: String
    package let port: String
    package let path: String
    /// Host and port as the address has them.
    public let authority: String

    /// Reads an address; nil for what is none, and for one with a user or a fragment.
    ///
    /// - Parameters:
    ///   - address: it begins with `http://` or `https://`.
    ///   - part: what is asked for below the address; nil for the address itself.
    public init?(_ address: String, below part: String? = nil) {
        let scheme = address.prefix { $0 != ":" }.lowercased()
        let marker = "://"
        guard scheme == "http" || scheme == "https",
            address.dropFirst(scheme.count).hasPrefix(marker), !address.contains("#"),
            address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        let rest = address.dropFirst(scheme.count + marker.count)
        authority = String(rest.prefix { $0 != "/" && $0 != "?" })
        let path = rest.dropFirst(authority.count)
        let directory = path.hasPrefix("/") ? String(path) : "/" + path
        self.path =
            part.map { directory.hasSuffix("/") ? directory + $0 : "\(directory)/\($0)" }
            ?? directory
        usesTLS = scheme == "https"
        var (host, port) = (authority, "")
        if let end = authority.lastIndex(of: "]") {  // [::1]:4318
            host = String(authority[..<end].dropFirst())
            port = String(authority[authority.index(after: end)...].dropFirst())
        } else if let colon = authority.lastIndex(of: ":") {
            host = String(authority[..<colon])
            port = String(authority[authority.index(after: colon)...])
        }
        self.host = host
        self.port = port.isEmpty ? (usesTLS ? "443" : "80") : port
        guard !host.isEmpty, !authority.contains("@"), UInt16(self.port) != nil else { return nil }
    }
}
