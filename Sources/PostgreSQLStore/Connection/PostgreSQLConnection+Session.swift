private import CPostgreSQL
package import SQLStore
package import Store

extension PostgreSQLConnection: SQLSession {
    package typealias Row = PostgreSQLRow

    package static var lockingRows: String { " FOR UPDATE SKIP LOCKED" }
    package static var byteOrder: String { #" COLLATE "C""# }

    @discardableResult
    package func run(_ sql: String, _ values: SQLValue...) throws(StoreError) -> Int {
        try send(sql, values)
        return try collect { result throws(StoreError) in changed(result) }.reduce(0, +)
    }

    package func rows<Result>(
        _ sql: String,
        _ values: SQLValue...,
        decode: (PostgreSQLRow) -> Result
    ) throws(StoreError) -> [Result] {
        try send(sql, values)
        return try collectRows(decode)
    }

    package func row<Result>(
        _ sql: String,
        _ values: SQLValue...,
        decode: (PostgreSQLRow) -> Result
    ) throws(StoreError) -> Result? {
        try send(sql, values)
        return try collectRows(decode).first
    }

    @discardableResult
    package func runAll(_ sql: String, _ sets: [[SQLValue]]) throws(StoreError) -> Int {
        try pipeline(sql, sets) { result in changed(result) }.reduce(0, +)
    }

    @discardableResult
    package func allRows<Result>(
        _ sql: String,
        _ sets: [[SQLValue]],
        decode: (PostgreSQLRow) -> Result
    ) throws(StoreError) -> [Result] {
        try pipeline(sql, sets) { result in Self.decoded(result, decode) }.flatMap(\.self)
    }

    package func snapshot<Result>(
        _ body: (PostgreSQLConnection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        do throws(StoreError) {
            let result = try body(self)
            try execute("COMMIT")
            return result
        } catch {
            rollBack()
            throw error
        }
    }

    package func lastNumber(of table: String, _ column: String) throws(StoreError) -> Int {
        try row(
            """
            SELECT coalesce(last_value, 0) AS last FROM pg_sequences
            WHERE CAST(quote_ident(schemaname) || '.' || quote_ident(sequencename) AS regclass)
                = CAST(pg_get_serial_sequence(?, ?) AS regclass)
            """,
            .text(table),
            .text(column)
        ) { $0.int("last") } ?? 0
    }

    package func setLastNumber(
        _ number: Int,
        of table: String,
        _ column: String
    ) throws(StoreError) {
        guard number > 0 else { return }
        try run(
            "SELECT setval(CAST(pg_get_serial_sequence(?, ?) AS regclass), ?)",
            .text(table),
            .text(column),
            .integer(number)
        )
    }

    /// Ends a transaction whose changes are not wanted.
    func rollBack() {
        guard !isGone else { return }
        _ = try? execute("ROLLBACK")
    }

    package func lock(_ locks: [SQLLock]) throws(StoreError) {
        for next in locks {
            if case .jobs(let ids) = next {
                try lock(jobs: ids)
            } else {
                try lock(keys: [next.key])
            }
        }
    }

    /// Waits for advisory locks, in the same order as everybody.
    private func lock(keys: [Int]) throws(StoreError) {
        try runAll(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema(), ?))",
            Set(keys).sorted().map { [.integer($0)] }
        )
    }

    /// Waits for the models of jobs, and then for the jobs: a report needs only the job.
    private func lock(jobs ids: [String]) throws(StoreError) {
        let ids = Set(ids).sorted()
        let models = try allRows(
            "SELECT model FROM jobs WHERE id = ?",
            ids.map { [.text($0)] }
        ) { $0.text("model") }
        try lock(keys: models.map { SQLLock.model($0).key })
        try allRows("SELECT 1 FROM jobs WHERE id = ? FOR UPDATE", ids.map { [.text($0)] }) { _ in }
    }

    /// Runs a script of the backend's own, without parameters; returns the text of the last
    /// result's only value.
    @discardableResult
    func execute(_ script: String) throws(StoreError) -> String {
        guard pq_send_script(handle, script) else { throw lost() }
        try flush()
        return try collect { result throws(StoreError) in
            guard pq_row_count(result) > 0, let value = pq_value(result, 0, 0) else { return "" }
            return String(cString: value)
        }.last { !$0.isEmpty } ?? ""
    }

    // MARK: One statement

    private func send(_ sql: String, _ values: [SQLValue]) throws(StoreError) {
        let parameters = Parameters(values)
        let isSent = parameters.withPointers { pointers, lengths, formats in
            pq_send(
                handle,
                translated(sql),
                Int32(values.count),
                parameters.types,
                pointers,
                lengths,
                formats
            )
        }
        guard isSent else { throw lost() }
        try flush()
    }

    private func collectRows<Result>(
        _ decode: (PostgreSQLRow) -> Result
    ) throws(StoreError) -> [Result] {
        try collect { result throws(StoreError) in Self.decoded(result, decode) }.flatMap(\.self)
    }

    /// Reads all results of what was sent; throws the first failure behind the last result.
    private func collect<Value>(
        _ body: (OpaquePointer) throws(StoreError) -> Value
    ) throws(StoreError) -> [Value] {
        var values: [Value] = []
        var failure: StoreError?
        while let result = try nextResult() {
            defer { pq_clear(result) }
            if pq_kind(result) == PQ_RESULT_DONE {
                values.append(try body(result))
            } else if failure == nil {
                failure = error(result)
                // A result without an end would follow.
                if isGone { break }
            }
        }
        if let failure { throw failure }
        return values
    }

    // MARK: Many sets of values

    /// Sets that are under way at once: enough to hide the way to the server and back, and few
    /// enough for the server's answers not to fill its buffers.
    private static var batch: Int { 512 }

    /// Prepares a statement once and runs it for each set, without waiting for the answers one by
    /// one.
    ///
    /// - Precondition: in a transaction, as all of it goes to one session.
    private func pipeline<Value>(
        _ sql: String,
        _ sets: [[SQLValue]],
        _ body: (OpaquePointer) -> Value
    ) throws(StoreError) -> [Value] {
        guard let first = sets.first else { return [] }
        guard pq_enter_pipeline(handle) else { throw lost() }
        var values: [Value] = []
        values.reserveCapacity(sets.count)
        do throws(StoreError) {
            let types = Parameters(first).types
            guard pq_send_prepare(handle, translated(sql), Int32(types.count), types) else {
                throw lost()
            }
            for start in stride(from: 0, to: sets.count, by: Self.batch) {
                for set in sets[start..<min(start + Self.batch, sets.count)] { try sendSet(set) }
                guard pq_sync_pipeline(handle) else { throw lost() }
                try flush()
                try collectBatch(preparing: start == 0) { values.append(body($0)) }
            }
        } catch {
            if !isGone && !pq_exit_pipeline(handle) { _ = lost() }
            throw error
        }
        guard pq_exit_pipeline(handle) else { throw lost() }
        return values
    }

    private func sendSet(_ set: [SQLValue]) throws(StoreError) {
        let isSent = Parameters(set).withPointers { pointers, lengths, formats in
            pq_send_prepared(handle, Int32(set.count), pointers, lengths, formats)
        }
        guard isSent else { throw lost() }
    }

    /// Reads results up to the end of a batch; throws the first failure then.
    private func collectBatch(
        preparing: Bool,
        _ body: (OpaquePointer) -> Void
    ) throws(StoreError) {
        var isPreparing = preparing
        var failure: StoreError?
        var isBetween = false
        while true {
            guard let result = try nextResult() else {
                // One comes behind each result, and no two without a connection that is gone.
                if isBetween { throw lost() }
                isBetween = true
                continue
            }
            isBetween = false
            defer { pq_clear(result) }
            switch pq_kind(result) {
            case PQ_RESULT_SYNC:
                if let failure { throw failure }
                return
            case PQ_RESULT_DONE:
                if isPreparing { isPreparing = false } else { body(result) }
            case PQ_RESULT_ABORTED: break
            default:
                if failure == nil { failure = error(result) }
                if isGone, let failure { throw failure }
            }
        }
    }

    // MARK: Results

    private static func decoded<Result>(
        _ result: OpaquePointer,
        _ decode: (PostgreSQLRow) -> Result
    ) -> [Result] {
        let columns = PostgreSQLRow.Columns(of: result)
        return (0..<pq_row_count(result)).map {
            decode(PostgreSQLRow(result, columns, row: $0))
        }
    }

    private func changed(_ result: OpaquePointer) -> Int {
        Int(String(cString: pq_changed(result))) ?? 0
    }
}
