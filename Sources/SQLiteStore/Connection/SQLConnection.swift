private import CSQLite
package import SQLStore
package import Store

/// One connection to an SQLite database, with its prepared statements.
///
/// Values reach SQL as bound parameters only. One thread at a time.
package final class SQLConnection: SQLSession {
    package static let lockingRows = ""
    package static let byteOrder = ""

    let handle: OpaquePointer
    let path: String
    private var statements: [String: SQLStatement] = [:]
    /// SQLite keeps a pointer to it.
    private let patience: LockPatience

    /// How a connection is to be used.
    package enum Purpose {
        /// Reads and writes; makes the file when there is none.
        case readWrite
        /// Reads, and never waits for a writer.
        case readOnly
    }

    /// Opens the database at `path`.
    ///
    /// - Parameters:
    ///   - path: the file; never taken for a URI.
    ///   - purpose: what the connection may do.
    ///   - busyTimeout: how long a statement waits for a lock that another connection holds.
    /// - Throws: `cannotOpen`.
    package init(
        path: String,
        purpose: Purpose,
        busyTimeout: Duration = .seconds(5)
    ) throws(StoreError) {
        // The owner sees to it that one thread at a time uses the connection (NOMUTEX).
        let access =
            purpose == .readWrite
            ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
        var handle: OpaquePointer?
        let code = sqlite3_open_v2(path, &handle, access | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let handle else {
            let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(handle)
            throw .cannotOpen(file: path, message)
        }
        self.handle = handle
        self.path = path
        sqlite3_extended_result_codes(handle, 1)
        patience = LockPatience(busyTimeout)
        patience.apply(to: handle)
    }

    deinit {
        statements.removeAll()  // Finalizes them; the connection closes afterwards.
        sqlite3_close_v2(handle)
    }

    /// Runs a script without parameters and results.
    package func execute(_ script: String) throws(StoreError) {
        guard sqlite3_exec(handle, script, nil, nil, nil) == SQLITE_OK else { throw error() }
    }

    /// Runs one statement and returns how many rows it changed.
    @discardableResult
    package func run(_ sql: String, _ values: SQLValue...) throws(StoreError) -> Int {
        let statement = try prepare(sql)
        defer { statement.reset() }
        guard statement.bind(values) else { throw error() }
        while try step(statement) {}
        return Int(sqlite3_changes(handle))
    }

    /// Runs one statement and returns what `decode` makes of each row.
    package func rows<Row>(
        _ sql: String,
        _ values: SQLValue...,
        decode: (SQLStatement) -> Row
    ) throws(StoreError) -> [Row] {
        let statement = try prepare(sql)
        defer { statement.reset() }
        guard statement.bind(values) else { throw error() }
        var rows: [Row] = []
        while try step(statement) { rows.append(decode(statement)) }
        return rows
    }

    @discardableResult
    package func runAll(_ sql: String, _ sets: [[SQLValue]]) throws(StoreError) -> Int {
        if sets.isEmpty { return 0 }
        let statement = try prepare(sql)
        var changed = 0
        for values in sets {
            defer { statement.reset() }
            guard statement.bind(values) else { throw error() }
            while try step(statement) {}
            changed += Int(sqlite3_changes(handle))
        }
        return changed
    }

    package func allRows<Result>(
        _ sql: String,
        _ sets: [[SQLValue]],
        decode: (SQLStatement) -> Result
    ) throws(StoreError) -> [Result] {
        if sets.isEmpty { return [] }
        let statement = try prepare(sql)
        var rows: [Result] = []
        for values in sets {
            defer { statement.reset() }
            guard statement.bind(values) else { throw error() }
            while try step(statement) { rows.append(decode(statement)) }
        }
        return rows
    }

    /// Runs one statement and returns what `decode` makes of its first row; nil without rows.
    package func row<Row>(
        _ sql: String,
        _ values: SQLValue...,
        decode: (SQLStatement) -> Row
    ) throws(StoreError) -> Row? {
        let statement = try prepare(sql)
        defer { statement.reset() }
        guard statement.bind(values) else { throw error() }
        guard try step(statement) else { return nil }
        let row = decode(statement)
        while try step(statement) {}  // A statement with RETURNING is done at its end only.
        return row
    }

    /// Runs `body` in one transaction that has the write lock from its start.
    ///
    /// Waits for the lock as long as the busy timeout says. What `body` throws rolls back.
    package func transaction<Result>(
        _ body: (SQLConnection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try transaction(begin: "BEGIN IMMEDIATE", body)
    }

    /// Runs `body`, whose statements all see one state of the database; it cannot write.
    package func snapshot<Result>(
        _ body: (SQLConnection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try transaction(begin: "BEGIN", body)
    }

    private func transaction<Result>(
        begin: String,
        _ body: (SQLConnection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try run(begin)
        do throws(StoreError) {
            let result = try body(self)
            try run("COMMIT")
            return result
        } catch {
            // SQLite has rolled back by itself after some errors, such as a full disk.
            if sqlite3_get_autocommit(handle) == 0 { _ = try? run("ROLLBACK") }
            throw error
        }
    }

    /// Who writes has the one lock from the start.
    package func lock(_ locks: [SQLLock]) {}

    private func prepare(_ sql: String) throws(StoreError) -> SQLStatement {
        if let statement = statements[sql] { return statement }
        var prepared: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = sqlite3_prepare_v3(handle, sql, -1, flags, &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw error() }
        let statement = SQLStatement(prepared)
        statements[sql] = statement
        return statement
    }

    /// Moves to the next row and returns whether there is one.
    private func step(_ statement: SQLStatement) throws(StoreError) -> Bool {
        switch statement.step() {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw error()
        }
    }

    /// The last failure, in the store's words.
    func error() -> StoreError {
        let code = sqlite3_extended_errcode(handle)
        let message = String(cString: sqlite3_errmsg(handle))
        switch code & 0xFF {
        case SQLITE_FULL: return .diskFull
        case SQLITE_READONLY, SQLITE_PERM: return .readOnly
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy
        case SQLITE_CORRUPT, SQLITE_NOTADB: return .corrupt(place: path)
        case SQLITE_CANTOPEN: return .cannotOpen(file: path, message)
        case SQLITE_IOERR: return .inputOutput("\(message), code \(code)")
        default: return .unexpected(code: Int(code), message: message)
        }
    }
}
