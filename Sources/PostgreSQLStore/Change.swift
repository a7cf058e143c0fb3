private import Glibc
internal import SQLStore
internal import Store

/// A transaction that changes something: begun with its locks, tried again where that is safe, and
/// known to be kept or not.
struct Change {
    private let pool: ConnectionPool
    private let timeouts: Timeouts
    private let locks: [SQLLock]
    private let isDurable: Bool

    /// How often transactions may give way to others before a verb says `busy`.
    private static let collisions = 10

    init(_ pool: ConnectionPool, _ timeouts: Timeouts, locks: [SQLLock], isDurable: Bool) {
        self.pool = pool
        self.timeouts = timeouts
        self.locks = locks
        self.isDurable = isDurable
    }

    /// What a transaction has come to when its connection is lost.
    private final class Course {
        /// The transaction's number, once its end is on its way to the server.
        var doubtful: String?
    }

    /// Runs `body` in a transaction.
    ///
    /// It runs again when two transactions waited for each other, and once more when the connection
    /// was lost before the end was sent. If it was lost after that, the server is asked whether the
    /// transaction was kept.
    ///
    /// - Throws: what `body` throws; then nothing was changed. `unreachable` also when nobody can
    ///   tell whether the change was kept, which the reason says.
    func run<Result>(
        _ body: (PostgreSQLConnection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        var collisions = 0
        var isFirst = true
        while true {
            let course = Course()
            // Kept outside, as the answer to the end may be lost.
            var outcome: Result?
            do throws(ConnectionPool.Failure) {
                return try pool.use { connection throws(StoreError) in
                    try transaction(on: connection, course, &outcome, body)
                }
            } catch {
                if let number = course.doubtful, error.trouble != nil {
                    if try wasKept(number, after: error.error), let outcome { return outcome }
                    throw error.error
                }
                switch error.trouble {
                case .collision where collisions < Self.collisions:
                    collisions += 1
                    usleep(UInt32.random(in: 1_000...20_000) * UInt32(collisions))
                case .lost where isFirst:
                    isFirst = false
                    pool.discardIdle()
                default: throw error.error
                }
            }
        }
    }

    private func transaction<Result>(
        on connection: PostgreSQLConnection,
        _ course: Course,
        _ outcome: inout Result?,
        _ body: (PostgreSQLConnection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        do throws(StoreError) {
            let number = try connection.execute(beginning)
            if let last = locks.last, case .jobs = last { try connection.lock([last]) }
            let result = try body(connection)
            outcome = result
            guard !connection.isFailed else {
                throw .unexpected(code: 0, message: "a failed statement was passed over")
            }
            course.doubtful = number
            try connection.execute(
                "SELECT pg_notify('elman.' || current_schema(), ''); COMMIT"
            )
            return result
        } catch {
            connection.rollBack()
            throw error
        }
    }

    /// All in one message: limits of time, the transaction's number, and the locks in their order.
    private var beginning: String {
        var script = """
            BEGIN ISOLATION LEVEL READ COMMITTED;
            SET LOCAL statement_timeout = \(Int(timeouts.statement / .milliseconds(1)));
            SET LOCAL lock_timeout = \(Int(timeouts.lock / .milliseconds(1)));
            """
        if !isDurable { script += "SET LOCAL synchronous_commit = off;" }
        for lock in locks {
            if case .jobs = lock { continue }
            script += """
                SELECT NULL FROM
                pg_advisory_xact_lock(hashtextextended(current_schema(), \(lock.key)));
                """
        }
        return script + "SELECT pg_current_xact_id()"
    }

    /// Whether a transaction whose end was sent was kept; waits for a server that starts again.
    private func wasKept(_ number: String, after loss: StoreError) throws(StoreError) -> Bool {
        let deadline = monotonicTime() + timeouts.lock
        pool.discardIdle()
        while monotonicTime() < deadline {
            do throws(ConnectionPool.Failure) {
                let status = try pool.use { connection throws(StoreError) in
                    try connection.row(
                        "SELECT pg_xact_status(CAST(? AS xid8)) AS status",
                        .text(number)
                    ) { $0.text("status") }
                }
                if status == "committed" { return true }
                if status == "aborted" { return false }
            } catch {
                // A server that crashed before it wrote the transaction gives out its number again.
                if case .unexpected = error.error { return false }
            }
            usleep(100_000)
        }
        guard case .unreachable(let place, _) = loss else { throw loss }
        throw .unreachable(
            place: place,
            reason: "the connection was lost while the change was stored; it may have been kept"
        )
    }
}
