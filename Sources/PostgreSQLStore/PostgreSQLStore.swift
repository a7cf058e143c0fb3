package import SQLStore
package import Store
internal import Synchronization

/// A store in a PostgreSQL database, which servers and workers on many machines share.
///
/// Changes run under READ COMMITTED with explicit locks (`SQLLock`): an advisory lock for each
/// model, and for what has no row. So a check holds until its transaction ends, and changes of
/// different models do not wait for each other. Readers see a snapshot and wait for nobody.
///
/// A store opens without its database. Until that answers, every verb throws `unreachable`.
package final class PostgreSQLStore: SQLStore {
    package let keptVersions: Int
    package let maximumModels: Int?
    package let leases: LeaseWatch
    package let silence: LeaseWatch

    private let timeouts: Timeouts
    /// Where changes are announced; nil to look for them alone.
    private let listenAddress: PostgreSQLAddress?
    private let listeners = Mutex<[ChangeListener]>([])
    private let pool: ConnectionPool
    /// Asks for changes, so that this waits for no verb.
    private let poll: ConnectionPool
    /// Whether the tables are known to be there.
    private let isPrepared = Mutex(false)
    private let trouble = Mutex<StoreError?>(nil)
    private let size = Mutex((bytes: 0, measured: nil as Duration?))

    /// How many connections verbs use at once.
    package static let connections = 6

    /// Opens a store without asking its database.
    ///
    /// - Parameters:
    ///   - address: where the database is.
    ///   - listenAddress: the same database without a pooler in between, where changes are
    ///     announced; nil to look for them alone.
    ///   - keptVersions: how many of a model's newest versions stay when one comes.
    ///   - maximumModels: how many models clients may make; nil for any number.
    ///   - connections: how many verbs may be under way at once.
    ///   - timeouts: how long to wait for what.
    ///   - clock: returns the time since any fixed moment; never goes back.
    package init(
        _ address: PostgreSQLAddress,
        listeningAt listenAddress: PostgreSQLAddress? = nil,
        keptVersions: Int = Retention.versions,
        maximumModels: Int? = nil,
        connections: Int = PostgreSQLStore.connections,
        timeouts: Timeouts = Timeouts(),
        clock: @escaping @Sendable () -> Duration = monotonicTime
    ) {
        self.listenAddress = listenAddress
        self.keptVersions = keptVersions
        self.maximumModels = maximumModels
        self.timeouts = timeouts
        pool = ConnectionPool(address, limit: connections, timeouts)
        poll = ConnectionPool(address, limit: 1, timeouts)
        leases = LeaseWatch(clock: clock)
        silence = LeaseWatch(clock: clock)
    }

    deinit { for listener in listeners.withLock({ $0 }) { listener.stop() } }

    /// Connects, and makes the tables if they are missing.
    ///
    /// - Throws: `unreachable` when the database does not answer; `newerSchema`, `notAStore` and
    ///   `cannotOpen` when it cannot be used.
    package func prepare() throws(StoreError) {
        if isPrepared.withLock({ $0 }) { return }
        try reading(from: pool) { connection throws(StoreError) in
            try PostgreSQLSchema.migrate(connection)
        }
        isPrepared.withLock { $0 = true }
    }

    /// How long a change may stay unseen when nothing announces it.
    package var lookInterval: Duration { .milliseconds(500) }

    package func announceChanges(to wake: @escaping @Sendable () -> Void) {
        guard let listenAddress else { return }
        let listener = ChangeListener(listenAddress, timeouts, wake)
        listeners.withLock { $0.append(listener) }
        listener.start()
    }

    package var writeTrouble: StoreError? { trouble.withLock { $0 } }

    package func tryWriting() throws(StoreError) {
        try write(locks: [], isDurable: true) { connection throws(StoreError) in
            _ = try connection.run("UPDATE elman_schema SET version = version")
        }
    }

    /// PostgreSQL settles its files by itself.
    package func settle() throws(StoreError) {}

    /// The pages are PostgreSQL's, which checks them (`data_checksums`, pg_amcheck).
    package func firstDamage() throws(StoreError) -> String? { nil }

    /// The bytes of all tables at the last look for changes.
    package var byteCount: Int { size.withLock { $0.bytes } }

    /// A snapshot of which transactions have ended: every one that wrote and has ended changes it.
    package func changeMark() throws(StoreError) -> ChangeMark {
        try prepare()
        return try reading(from: poll) { connection throws(StoreError) in
            let snapshot = try connection.row(
                "SELECT CAST(pg_current_snapshot() AS text) AS snapshot"
            ) { $0.text("snapshot") }
            try measure(connection)
            return ChangeMark(Int(truncatingIfNeeded: fingerprint(snapshot ?? "")))
        }
    }

    package func write<Result: Sendable>(
        locks: [SQLLock],
        isDurable: Bool,
        _ body: @Sendable (PostgreSQLConnection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        do throws(StoreError) {
            try prepare()
            let change = Change(pool, timeouts, locks: locks, isDurable: isDurable)
            let result = try StoreAccess.observed(.write, "postgresql") { () throws(StoreError) in
                try change.run(body)
            }
            trouble.withLock { $0 = nil }
            return result
        } catch {
            if error.isOutage { trouble.withLock { $0 = error } }
            throw error
        }
    }

    package func read<Result: Sendable>(
        _ body: @Sendable (PostgreSQLConnection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try prepare()
        return try StoreAccess.observed(.read, "postgresql") { () throws(StoreError) in
            try reading(from: pool, body)
        }
    }

    /// Runs `body`, and again on a new connection if that which was idle turns out to be dead.
    private func reading<Result>(
        from pool: ConnectionPool,
        _ body: (PostgreSQLConnection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        do throws(ConnectionPool.Failure) { return try pool.use(body) } catch {
            guard error.trouble == .lost else { throw error.error }
            pool.discardIdle()
        }
        do throws(ConnectionPool.Failure) { return try pool.use(body) } catch {
            throw error.error
        }
    }

    /// Measures the tables once a second.
    private func measure(_ connection: PostgreSQLConnection) throws(StoreError) {
        let now = monotonicTime()
        let last = size.withLock { $0.measured }
        if let last, now - last < .seconds(1) { return }
        let bytes = try connection.row(
            """
            SELECT CAST(coalesce(sum(pg_total_relation_size(oid)), 0) AS bigint) AS bytes
            FROM pg_class WHERE relkind = 'r'
                AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
            """
        ) { $0.int("bytes") }
        size.withLock { $0 = (bytes ?? 0, now) }
    }
}
