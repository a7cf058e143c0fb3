private import Digest
package import Store
internal import Synchronization

/// Moves everything from one store to another, whatever their backends.
package struct StoreCopy {
    /// Copies a store as it is at one moment, in one transaction of the other.
    ///
    /// What was written is read again, and has to have the digest of what was read first. Each
    /// checkpoint has to have the digest of its version.
    ///
    /// - Parameters:
    ///   - source: the store that is read; others may go on with it.
    ///   - target: an empty store.
    ///   - progress: learns which table is next.
    /// - Returns: what was copied.
    /// - Throws: why it was not; then the target is as empty as before.
    /// - Complexity: O(bytes of the store), with a page of rows or one checkpoint in memory.
    package static func copy(
        from source: some SQLStore,
        to target: some SQLStore,
        progress: @escaping @Sendable (_ table: String) -> Void = { _ in }
    ) throws(StoreCopyError) -> CopiedStore {
        // Only an error of the store ends a transaction, so another reason waits here meanwhile.
        let refusal = Mutex<StoreCopyError?>(nil)
        do throws(StoreError) {
            return try source.read { reading throws(StoreError) in
                try reading.snapshot { reading throws(StoreError) in
                    let course = Course(reading, progress) { reason in
                        refusal.withLock { $0 = reason }
                    }
                    let copied = try target.write { writing throws(StoreError) in
                        try course.run(into: writing)
                    }
                    return copied
                }
            }
        } catch {
            throw refusal.withLock { $0 } ?? .store(error)
        }
    }
}

/// A copy out of a snapshot; it may run again from its start.
private struct Course<Reading: SQLSession>: @unchecked Sendable {
    // The session that is read belongs to the thread that copies: the target's transaction runs on
    // that thread too.
    private let reading: Reading
    private let progress: @Sendable (String) -> Void
    private let refuse: @Sendable (StoreCopyError) -> Void

    init(
        _ reading: Reading,
        _ progress: @escaping @Sendable (String) -> Void,
        refusing refuse: @escaping @Sendable (StoreCopyError) -> Void
    ) {
        self.reading = reading
        self.progress = progress
        self.refuse = refuse
    }

    /// Notes why the copy is refused.
    ///
    /// - Returns: what ends the transaction.
    private func refused(_ reason: StoreCopyError) -> StoreError {
        refuse(reason)
        return .unexpected(code: 0, message: "refused")
    }

    func run(into writing: some SQLSession) throws(StoreError) -> CopiedStore {
        for table in CopiedTable.all {
            let found = try writing.row("SELECT 1 FROM \(table.name) LIMIT 1") { _ in true }
            guard found == nil else {
                throw refused(.notEmpty(table: table.name))
            }
        }
        var figures = CopiedStore()
        for table in CopiedTable.all {
            progress(table.name)
            let count = try copy(table, into: writing)
            figures.rows += count
        }
        figures.checkpoints = try checkCheckpoints(writing)
        return figures
    }

    private func copy(
        _ table: CopiedTable,
        into writing: some SQLSession
    ) throws(StoreError) -> Int {
        var before = TableDigest()
        try Self.read(table, from: reading) { rows throws(StoreError) in
            for row in rows { before.add(row) }
            try writing.runAll(table.insertion, rows)
        }
        var after = TableDigest()
        try Self.read(table, from: writing) { rows in for row in rows { after.add(row) } }
        guard before.count == after.count, before.value == after.value else {
            throw refused(.differs(table: table.name))
        }
        switch table.numbering {
        case .none: break
        case .fromLargest:
            let largest = try reading.row("SELECT max(id) AS id FROM \(table.name)") {
                $0.int("id")
            }
            try writing.setLastNumber(largest ?? 0, of: table.name, table.columns[0].name)
        case .fromLast:
            let last = try reading.lastNumber(of: table.name, table.columns[0].name)
            try writing.setLastNumber(last, of: table.name, table.columns[0].name)
        }
        return before.count
    }

    private static func read<Session: SQLSession>(
        _ table: CopiedTable,
        from session: Session,
        _ body: ([[SQLValue]]) throws(StoreError) -> Void
    ) throws(StoreError) {
        var last: [SQLValue]?
        while true {
            let query = table.pageQuery(
                isFirst: last == nil,
                byteOrder: Session.byteOrder
            )
            let rows = try session.allRows(query, [last ?? []]) { table.values($0) }
            if !rows.isEmpty { try body(rows) }
            guard rows.count == table.page, let end = rows.last else { return }
            last = Array(end.prefix(table.keyCount))
        }
    }

    /// Compares each checkpoint with the digest that its version has.
    private func checkCheckpoints(_ writing: some SQLSession) throws(StoreError) -> Int {
        let versions = try writing.allRows(
            """
            SELECT checkpoints.id AS id, name, versions.number AS number, digest
            FROM checkpoints JOIN models ON models.id = checkpoints.model
                JOIN versions ON versions.model = models.id
                    AND versions.number = checkpoints.number
            ORDER BY checkpoints.id
            """,
            [[]]
        ) { row in
            (
                id: row.int("id"), name: row.text("name"), number: row.int("number"),
                digest: row.text("digest")
            )
        }
        for version in versions {
            let digest = try writing.row(
                "SELECT bytes FROM checkpoints WHERE id = ?",
                .integer(version.id)
            ) { SHA256.hexadecimal(of: $0.blob("bytes")) }
            guard digest == version.digest else {
                throw refused(.damagedCheckpoint(model: version.name, version: version.number))
            }
        }
        return versions.count
    }
}

/// A digest of rows in their order.
private struct TableDigest {
    private(set) var count = 0
    private(set) var value: [UInt8] = []

    mutating func add(_ row: [SQLValue]) {
        count += 1
        var bytes = value
        for value in row { value.append(to: &bytes) }
        value = Array(SHA256.hexadecimal(of: bytes).utf8)
    }
}

extension SQLValue {
    /// Appends a form that no other value has.
    fileprivate func append(to bytes: inout [UInt8]) {
        func append(_ kind: UInt8, _ content: some Collection<UInt8>) {
            bytes.append(kind)
            Swift.withUnsafeBytes(of: UInt64(content.count)) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: content)
        }
        switch self {
        case .integer(nil), .real(nil), .text(nil), .blob(nil): bytes.append(0)
        case .integer(let number?): append(1, "\(number)".utf8)
        case .real(let number?): append(2, "\(number.bitPattern)".utf8)
        case .text(let text?): append(3, text.utf8)
        case .blob(let blob?): append(4, blob)
        }
    }
}
