/// Where a PostgreSQL database is, as libpq reads it: a URI, which may leave things to libpq's
/// environment, service and password files.
package struct PostgreSQLAddress: Sendable, Equatable {
    /// What libpq gets.
    package let uri: String

    /// - Parameter uri: `postgresql://…` or `postgres://…`.
    package init(uri: String) { self.uri = uri }

    /// Whether a string is an address of this kind.
    package static func isAddress(_ string: String) -> Bool {
        string.hasPrefix("postgresql://") || string.hasPrefix("postgres://")
    }

    /// Host and database, without user, password and parameters; for messages and logs.
    package var place: String {
        let rest = uri.drop { $0 != ":" }.dropFirst(3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest.dropFirst(authority.count).prefix { $0 != "?" }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        return "postgresql://" + host + path
    }

    /// What libpq is told, in the order in which later settings win: the address may change the
    /// first ones.
    func parameters(_ timeouts: Timeouts) -> [(key: String, value: String)] {
        let connect = max(2, Int(timeouts.connect / .seconds(1)))
        let silence = Int(timeouts.statement / .milliseconds(1))
        return [
            ("connect_timeout", "\(connect)"),
            ("tcp_user_timeout", "\(silence)"),
            ("keepalives_idle", "10"),
            ("keepalives_interval", "5"),
            ("keepalives_count", "2"),
            ("fallback_application_name", "elman"),
            ("dbname", uri),
            ("client_encoding", "UTF8"),
        ]
    }
}
