private import CSQLite
internal import SQLStore
package import Store

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

    package func lastNumber(of table: String, _ column: String) throws(StoreError) -> Int {
        try row("SELECT seq FROM sqlite_sequence WHERE name = ?", .text(table)) {
            $0.int("seq")
        } ?? 0
    }

    /// Tables without AUTOINCREMENT go on behind their largest number by themselves.
    package func setLastNumber(
        _ number: Int,
        of table: String,
        _ column: String
    ) throws(StoreError) {
        guard number > 0 else { return }
        try run("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", .integer(number), .text(table))
        try run(
            """
            INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2 WHERE ?1 IN
                (SELECT name FROM sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%')
                AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)
            """,
            .text(table),
            .integer(number)
        )
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
