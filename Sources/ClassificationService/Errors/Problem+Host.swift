extension Problem {
    /// What a request for another host than this server's is told.
    ///
    /// - Parameters:
    ///   - host: the host; nil if the request names none.
    ///   - allowed: what would be allowed, in words.
    /// - Returns: a 421.
    static func hostNotAllowed(_ host: String?, allowed: String) -> Problem {
        let (what, wayOut) =
            if let host {
                ("The request is for the host '\(host)'", "--allowed-hosts \(host) adds this one")
            } else { ("The request names no host", "--allowed-hosts adds names") }
        return Problem(
            421,
            "host_not_allowed",
            "\(what); without tokens this server answers for \(allowed) alone. \(wayOut); with "
                + "--tokens the host does not matter."
        )
    }
}
