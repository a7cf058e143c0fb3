private import SQLiteStore
public import Store

/// Where a store is kept, as the options of the programs name it, and how it is opened.
///
/// The one place that knows the backends. Whoever works with a store gets it opened.
public struct StoreLocation: Sendable, Equatable {
    private let directory: String

    /// A store of this machine.
    ///
    /// - Parameter directory: the state directory; its parent must exist.
    public init(directory: String) { self.directory = directory }

    /// Opens the store, and makes it if it is missing.
    ///
    /// - Returns: the store.
    /// - Throws: what keeps it from being used, in words for whoever starts Elman.
    public func open() throws(StoreError) -> any Store { try SQLiteStore(directory: directory) }

    /// Opens the store for a server, which has it for itself until it lets the store go.
    ///
    /// - Returns: the store.
    /// - Throws: what keeps it from being used, or that another server has it.
    public func openForServer() throws -> any Store {
        try SQLiteStore(directory: directory, lock: try StateLock(directory: directory))
    }

    /// The options by which the trainer finds the same store.
    public var arguments: [String] { ["--state", directory] }
}
