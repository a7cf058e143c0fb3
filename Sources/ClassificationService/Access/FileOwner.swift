internal import Glibc

/// Whose a file is, and who may open it.
struct FileOwner {
    /// Who wants to read a file.
    struct Reader {
        var user: uid_t
        var groups: Set<gid_t>

        /// This process.
        static var current: Reader {
            let count = max(0, getgroups(0, nil))
            var groups = [gid_t](repeating: 0, count: Int(count))
            let found = max(0, getgroups(count, &groups))
            return Reader(
                user: geteuid(),
                groups: Set(groups.prefix(Int(found))).union([getegid()])
            )
        }
    }

    var user: uid_t
    var group: gid_t
    /// The permissions, such as 0o600.
    var mode: mode_t

    init(user: uid_t, group: gid_t, mode: mode_t) {
        (self.user, self.group, self.mode) = (user, group, mode)
    }

    init(of status: stat) {
        self.init(user: status.st_uid, group: status.st_gid, mode: status.st_mode & 0o7777)
    }

    /// Whether nobody but the reader and the system's administrator can have written it.
    func isTrusted(by reader: Reader) -> Bool { user == reader.user || user == 0 }

    /// Whether nobody can open it but its owner and the reader.
    ///
    /// A secret that is mounted belongs to the administrator, so an ordinary reader gets it as a
    /// member of its group, which may not write.
    func isClosed(to reader: Reader) -> Bool {
        let isMounted = user == 0 && reader.user != 0 && reader.groups.contains(group)
        return mode & (isMounted ? 0o037 : 0o077) == 0
    }
}
