private import SQLiteStore
public import Store

/// Where a store is kept, as the options of the programs name it, and how it is opened.
///
/// The one place that knows the backends. Whoever works with a store gets it opened.
public struct StoreLocation: Sendable, Equatable {
    private let directory: String
    private let keptVersions: Int
    private let maximumModels: Int?

    /// A store of this machine.
    ///
    /// - Parameters:
    ///   - directory: the state directory; its parent must exist.
    ///   - keptVersions: how many of a model's newest versions stay when one comes.
    ///   - maximumModels: how many models the clients of a server may make; nil for any number.
    public init(
        directory: String,
        keptVersions: Int = Retention.versions,
        maximumModels: Int? = nil
    ) {
        self.directory = directory
        self.keptVersions = keptVersions
        self.maximumModels = maximumModels
    }

    /// Opens the store, and makes it if it is missing.
    ///
    /// - Returns: the store.
    /// - Throws: what keeps it from being used, in words for whoever starts Elman.
    public func open() throws(StoreError) -> any Store {
        try SQLiteStore(directory: directory, keptVersions: keptVersions)
    }

    /// Opens the store for a server, which has it for itself until it lets the store go.
    ///
    /// - Returns: the store.
    /// - Throws: what keeps it from being used, or that another server has it.
    public func openForServer() throws -> any Store {
        let lock = try StateLock(directory: directory)
        return try SQLiteStore(
            directory: directory,
            keptVersions: keptVersions,
            maximumModels: maximumModels,
            lock: lock
        )
    }

    /// Whether several servers may have the store at the same time.
    public var isShared: Bool { false }

    /// Closes to other users what the store has in its place, before it is opened.
    ///
    /// - Returns: what was open to them.
    public func closeToOthers() -> [LooseMode] { StateModes.closeToOthers(directory) }

    /// Makes one file of all that the store keeps, while servers and trainers go on.
    ///
    /// The file is complete, checked and on the disk when it gets its name.
    ///
    /// - Parameters:
    ///   - file: its name, outside the state directory; only this user may read it.
    ///   - replaces: whether it may take the place of a file.
    /// - Returns: its bytes.
    /// - Throws: why there is no backup.
    /// - Complexity: O(bytes of the store).
    public func backUp(to file: String, replaces: Bool) throws(BackupError) -> Int {
        try SQLiteBackup(of: directory, to: file, replaces: replaces).make()
    }

    /// The options by which the trainer opens the same store in the same way.
    public var arguments: [String] {
        ["--state", directory, "--keep-versions", "\(keptVersions)"]
    }
}
