private import CSQLite
internal import SQLStore
internal import Store

extension SQLConnection {
    /// Copies the database as it is at one moment, and what was there is gone.
    ///
    /// Writers go on meanwhile: the copy is made in one read transaction of the write-ahead log.
    ///
    /// - Parameter destination: the connection to an empty database.
    /// - Throws: `corrupt` or `busy` of this database; else what `destination` has met.
    func copy(to destination: SQLConnection) throws(StoreError) {
        guard let backup = sqlite3_backup_init(destination.handle, "main", handle, "main") else {
            throw destination.error()
        }
        _ = sqlite3_backup_step(backup, -1)
        let code = sqlite3_backup_finish(backup)
        switch code & 0xFF {
        case SQLITE_OK: return
        case SQLITE_CORRUPT, SQLITE_NOTADB: throw .corrupt(place: path)
        case SQLITE_BUSY, SQLITE_LOCKED: throw .busy
        default: throw destination.error()
        }
    }

    /// The first thing that is wrong with the structure of the database; nil if nothing is.
    ///
    /// - Throws: an outage, `corrupt` too.
    /// - Complexity: reads the whole file.
    func firstDamage() throws(StoreError) -> String? {
        // Each page is read once, so a cache would only take memory.
        try execute("PRAGMA cache_size = -100")
        let finding = try row("PRAGMA quick_check(1)") { $0.text("quick_check") } ?? ""
        if finding == "ok" { return nil }
        return finding.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
