package import Store

/// A store in the tables of an SQL database: all verbs, once, for every backend that speaks SQL.
///
/// A backend brings connections, tables and locks; the statements are here. They are written in
/// what SQLite 3.39 and PostgreSQL 13 both understand. A backend may read a hint (`INDEXED BY`) or
/// leave it out.
///
/// **Locks.** A transaction that changes something names what it needs for itself. A backend with
/// one write lock for all has it already; another one takes the named locks in their order.
package protocol SQLStore: Store {
    associatedtype Session: SQLSession

    /// How many of a model's newest versions stay when one comes.
    var keptVersions: Int { get }
    /// How many models clients may make; nil for any number.
    var maximumModels: Int? { get }
    /// Decides which workers are silent.
    var leases: LeaseWatch { get }
    /// Decides which workers no longer sign.
    var silence: LeaseWatch { get }

    /// Runs `body` in one transaction, after it has got the locks.
    ///
    /// - Parameters:
    ///   - locks: what no other transaction may hold or change meanwhile.
    ///   - isDurable: false for what may be lost in a power cut; saves waiting for the disk.
    ///   - body: what it throws undoes everything. It may run again from its start, where a
    ///     backend lets transactions collide.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or that the transaction could not begin or end.
    func write<Result: Sendable>(
        locks: [SQLLock],
        isDurable: Bool,
        _ body: @Sendable (Session) throws(StoreError) -> Result
    ) throws(StoreError) -> Result

    /// Runs `body`, whose statements may each see a later state than the one before; it may run
    /// again from its start.
    func read<Result: Sendable>(
        _ body: @Sendable (Session) throws(StoreError) -> Result
    ) throws(StoreError) -> Result
}

extension SQLStore {
    /// Runs `body` in one transaction with these locks, whose changes last.
    func write<Result: Sendable>(
        _ locks: SQLLock?...,
        isDurable: Bool = true,
        _ body: @Sendable (Session) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try write(locks: locks.compactMap(\.self), isDurable: isDurable, body)
    }
}

/// What one transaction has for itself, in the order in which a transaction takes them.
///
/// The order is the same everywhere, so that no two transactions wait for each other.
package enum SQLLock: Sendable, Hashable {
    /// What was answered to the requests with a key.
    case key(IdempotencyKey)
    /// How many jobs wait.
    case queue
    /// Whose turn it is.
    case claims
    /// A model: its versions, rows, golden cases and jobs.
    case model(String)
    /// Jobs with their models, each as a row that others may not change.
    case jobs([String])
    /// How many models there are.
    case modelCount
    /// Which answers are remembered.
    case predictions
    /// Which word vectors there are.
    case vectors
}

extension SQLLock {
    /// The lock of a request's key, if it has one.
    init?(_ key: IdempotencyKey?) {
        guard let key else { return nil }
        self = .key(key)
    }
}
