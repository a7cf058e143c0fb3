private import Glibc
package import SQLStore
package import Store
internal import Synchronization

/// A store in one SQLite database of a state directory.
///
/// Server and trainers open the same file. A change is on the disk when its verb returns
/// (write-ahead log, `synchronous=FULL`). Every change takes the one write lock at its start, so
/// changes happen one after the other, and a check holds until its transaction ends. A reader sees
/// the state of its snapshot and waits for no writer.
///
/// Each handle has three connections: one writes, one reads, and one asks for changes, so that
/// this waits for neither.
package final class SQLiteStore: SQLStore {
    /// The database file.
    package let path: String

    package let keptVersions: Int
    package let maximumModels: Int?
    private let lock: StateLock?
    private let writer: Mutex<SQLConnection>
    private let reader: Mutex<SQLConnection>
    private let poll: Mutex<SQLConnection>
    private let trouble = Mutex<StoreError?>(nil)
    package let leases: LeaseWatch
    package let silence: LeaseWatch

    /// Opens the store of a state directory and makes both if they are missing.
    ///
    /// - Parameters:
    ///   - directory: the state directory.
    ///   - keptVersions: how many of a model's newest versions stay when one comes.
    ///   - maximumModels: how many models clients may make; nil for any number.
    ///   - lock: keeps other servers off the directory; held as long as the store is open.
    ///   - busyTimeout: how long a call waits for another process before it throws `busy`.
    ///   - clock: returns the time since any fixed moment; never goes back.
    /// - Throws: what keeps the store from being used, in words for whoever starts Elman.
    package init(
        directory: String,
        keptVersions: Int = Retention.versions,
        maximumModels: Int? = nil,
        lock: consuming StateLock? = nil,
        busyTimeout: Duration = .seconds(5),
        clock: @escaping @Sendable () -> Duration = monotonicTime
    ) throws(StoreError) {
        let path = directory + "/elman.sqlite"
        try refuseLogWithoutDatabase(path)
        try makeFile(path: path, directory: directory)
        let writer = try SQLConnection(path: path, purpose: .readWrite, busyTimeout: busyTimeout)
        try Self.useWriteAheadLog(writer, busyTimeout: busyTimeout)
        try writer.execute(
            """
            PRAGMA synchronous = FULL;
            PRAGMA foreign_keys = ON;
            PRAGMA trusted_schema = OFF;
            PRAGMA cell_size_check = ON;
            PRAGMA journal_size_limit = 16777216;
            """
        )
        try Schema.migrate(writer, path: path)
        let reader = try SQLConnection(path: path, purpose: .readOnly, busyTimeout: busyTimeout)
        let poll = try SQLConnection(path: path, purpose: .readOnly, busyTimeout: busyTimeout)
        self.path = path
        self.keptVersions = keptVersions
        self.maximumModels = maximumModels
        self.lock = lock
        self.writer = Mutex(writer)
        self.reader = Mutex(reader)
        self.poll = Mutex(poll)
        self.leases = LeaseWatch(clock: clock)
        self.silence = LeaseWatch(clock: clock)
    }

    /// Whether there is a database in a directory.
    package static func isThere(in directory: String) -> Bool {
        access(directory + "/elman.sqlite", F_OK) == 0
    }

    /// A read of shared memory, which other connections of this process change too.
    package func changeMark() throws(StoreError) -> ChangeMark {
        try poll.withLock { connection throws(StoreError) in
            ChangeMark(try connection.row("PRAGMA data_version") { $0.int("data_version") } ?? 0)
        }
    }

    /// A look is a read of shared memory.
    package var lookInterval: Duration { .zero }

    /// Nothing to do: followers look all the time.
    package func announceChanges(to wake: @escaping @Sendable () -> Void) {}

    package var writeTrouble: StoreError? { trouble.withLock { $0 } }

    /// The database with its log and the log's index.
    package var byteCount: Int {
        ["", "-wal", "-shm"].reduce(0) { sum, suffix in
            var status = stat()
            return stat(path + suffix, &status) == 0 ? sum + Int(status.st_size) : sum
        }
    }

    package func tryWriting() throws(StoreError) { try write(locks: [], isDurable: true) { _ in } }

    /// Copies the log into the database; what another handle still reads stays in the log alone.
    package func settle() throws(StoreError) {
        try writer.withLock { connection throws(StoreError) in
            try connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        }
    }

    package func firstDamage() throws(StoreError) -> String? {
        try SQLConnection(path: path, purpose: .readOnly).firstDamage()
    }

    /// Runs `body` in one transaction that alone may write.
    ///
    /// A transaction that the disk did not take is undone, but what has reached the log of it could
    /// come back with a crash. So the next one always writes, over that, even if `body` finds
    /// nothing to change: else it would acknowledge what a crash then undoes.
    ///
    /// - Parameters:
    ///   - locks: nothing is to be done for them, as no other transaction writes meanwhile.
    ///   - isDurable: false for what may be lost in a power cut; saves waiting for the disk.
    ///   - body: what it throws undoes everything.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or that the transaction could not begin or end.
    package func write<Result: Sendable>(
        locks: [SQLLock],
        isDurable: Bool,
        _ body: @Sendable (SQLConnection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        do throws(StoreError) {
            return try StoreAccess.observed(.write, "sqlite") { () throws(StoreError) in
                try writer.withLock { connection throws(StoreError) in
                    let isInDoubt = writeTrouble != nil
                    let isLazy = !isDurable && !isInDoubt
                    if isLazy { try connection.execute("PRAGMA synchronous = NORMAL") }
                    defer { if isLazy { try? connection.execute("PRAGMA synchronous = FULL") } }
                    let result = try connection.transaction { connection throws(StoreError) in
                        if isInDoubt { try Schema.rewriteVersion(connection) }
                        return try body(connection)
                    }
                    if isInDoubt { trouble.withLock { $0 = nil } }
                    return result
                }
            }
        } catch {
            if error.isOutage { trouble.withLock { $0 = error } }
            throw error
        }
    }

    /// Runs `body`, whose statements may each see a later state than the one before.
    package func read<Result: Sendable>(
        _ body: @Sendable (SQLConnection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        do throws(StoreError) {
            return try StoreAccess.observed(.read, "sqlite") { () throws(StoreError) in
                try reader.withLock { connection throws(StoreError) in try body(connection) }
            }
        } catch {
            if case .corrupt = error { trouble.withLock { $0 = error } }
            throw error
        }
    }

    /// Switches a database to the write-ahead log.
    ///
    /// SQLite does not wait here when another process is doing the same, so this does.
    private static func useWriteAheadLog(
        _ connection: SQLConnection,
        busyTimeout: Duration
    ) throws(StoreError) {
        let deadline = monotonicTime() + busyTimeout
        while true {
            do throws(StoreError) {
                _ = try connection.row("PRAGMA journal_mode = WAL") { $0.text("journal_mode") }
                return
            } catch {
                guard error == .busy, monotonicTime() < deadline else { throw error }
                usleep(10_000)
            }
        }
    }
}

/// Makes the directory and an empty database that only this user can read: it holds texts of
/// other people.
private func makeFile(path: String, directory: String) throws(StoreError) {
    func failure() -> StoreError {
        .cannotOpen(file: path, String(cString: strerror(errno)))
    }
    if mkdir(directory, 0o700) == 0 {
        synchronize(directory: directory + "/..")
    } else if errno != EEXIST {
        throw failure()
    }
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if file >= 0 {
        close(file)
        synchronize(directory: directory)  // Else the name could be lost in a power cut.
    } else if errno != EEXIST {
        throw failure()
    }
}

/// Refuses a database that was lost beside its log: SQLite would delete the log.
func refuseLogWithoutDatabase(_ path: String) throws(StoreError) {
    var (database, log) = (stat(), stat())
    let isThere = stat(path, &database) == 0
    guard isThere ? database.st_size == 0 : errno == ENOENT else { return }
    guard stat(path + "-wal", &log) == 0, log.st_size > 0 else { return }
    throw .logWithoutDatabase(place: path)
}

/// Waits until the names in a directory are on the disk.
///
/// A file system that cannot do this is no reason to refuse to work.
func synchronize(directory: String) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
}

extension StoreError {
    /// That a file or directory cannot be opened, with what to look at.
    static func cannotOpen(file path: String, _ reason: String) -> StoreError {
        .cannotOpen(
            place: path,
            reason: reason,
            remedy: "Check the directory and its rights."
        )
    }
}
