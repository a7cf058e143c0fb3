private import PostgreSQLStore
private import SQLStore
private import SQLiteStore
public import Store

/// Where a store is kept, as the options of the programs name it, and how it is opened.
///
/// The one place that knows the backends. Whoever works with a store gets it opened.
public struct StoreLocation: Sendable, Equatable {
    /// Where a backend keeps a store.
    private enum Place: Equatable {
        case directory(String)
        case database(PostgreSQLAddress, listen: PostgreSQLAddress?)
    }

    private let place: Place
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
        place = .directory(directory)
        self.keptVersions = keptVersions
        self.maximumModels = maximumModels
    }

    /// A store in a database, if there is one, else of this machine.
    ///
    /// - Parameters:
    ///   - address: the database that servers and workers share; nil for the directory.
    ///   - listenAddress: the same database without a pooler in between, for announcements of
    ///     changes; "off" for none, nil for the address itself.
    ///   - directory: the state directory; its parent must exist.
    ///   - keptVersions: how many of a model's newest versions stay when one comes.
    ///   - maximumModels: how many models the clients of a server may make; nil for any number.
    /// - Precondition: the addresses are some, as `isAddress` says.
    public init(
        address: String?,
        listenAddress: String? = nil,
        directory: String,
        keptVersions: Int = Retention.versions,
        maximumModels: Int? = nil
    ) {
        place =
            if let address {
                .database(
                    PostgreSQLAddress(uri: address),
                    listen: listenAddress == "off"
                        ? nil : PostgreSQLAddress(uri: listenAddress ?? address)
                )
            } else { .directory(directory) }
        self.keptVersions = keptVersions
        self.maximumModels = maximumModels
    }

    /// Whether a string is the address of a database.
    public static func isAddress(_ string: String) -> Bool {
        PostgreSQLAddress.isAddress(string)
    }

    /// Whether servers may share the store.
    public var isShared: Bool { if case .database = place { true } else { false } }

    /// Opens the store, and makes it if it is missing.
    ///
    /// A database may be away: the verbs work as soon as it is there.
    ///
    /// - Returns: the store.
    /// - Throws: what keeps it from being used, in words for whoever starts Elman.
    public func open() throws(StoreError) -> any Store {
        switch place {
        case .directory(let directory):
            return try SQLiteStore(directory: directory, keptVersions: keptVersions)
        case .database(let address, let listen):
            let store = PostgreSQLStore(address, listeningAt: listen, keptVersions: keptVersions)
            do throws(StoreError) { try store.prepare() } catch .unreachable {}
            return store
        }
    }

    /// Opens the store for a server.
    ///
    /// A state directory is the server's alone until it lets the store go. A database may be away,
    /// as for `open`.
    ///
    /// - Returns: the store.
    /// - Throws: what keeps it from being used, or that another server has the directory.
    public func openForServer() throws -> any Store {
        switch place {
        case .directory(let directory):
            let lock = try StateLock(directory: directory)
            return try SQLiteStore(
                directory: directory,
                keptVersions: keptVersions,
                maximumModels: maximumModels,
                lock: lock
            )
        case .database(let address, let listen):
            let store = PostgreSQLStore(
                address,
                listeningAt: listen,
                keptVersions: keptVersions,
                maximumModels: maximumModels
            )
            do throws(StoreError) { try store.prepare() } catch .unreachable {}
            return store
        }
    }

    /// Closes to other users what the store has in its place, before it is opened.
    ///
    /// - Returns: what was open to them.
    public func closeToOthers() -> [LooseMode] {
        guard case .directory(let directory) = place else { return [] }
        return StateModes.closeToOthers(directory)
    }

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
        switch place {
        case .directory(let directory):
            try SQLiteBackup(of: directory, to: file, replaces: replaces).make()
        case .database(let address, _): throw .notAFileStore(place: address.place)
        }
    }

    /// Copies everything to an empty place, in one transaction there, and compares what arrived.
    ///
    /// - Parameters:
    ///   - target: where to; a directory is made if it is missing.
    ///   - progress: learns which table is next.
    /// - Returns: what was copied.
    /// - Throws: why it was not; then the target is as empty as before.
    /// - Complexity: O(bytes of the store).
    public func copy(
        to target: StoreLocation,
        progress: @escaping @Sendable (_ table: String) -> Void
    ) throws -> CopiedStore {
        let source: any SQLStore
        switch place {
        case .directory(let directory):
            guard SQLiteStore.isThere(in: directory) else {
                throw StoreCopyError.noStore(directory: directory)
            }
            source = try SQLiteStore(directory: directory)
        case .database(let address, _):
            let store = PostgreSQLStore(address)
            try store.prepare()
            source = store
        }
        switch target.place {
        case .directory(let directory):
            let lock = try StateLock(directory: directory)
            let store = try SQLiteStore(directory: directory, lock: lock)
            return try StoreCopy.copy(from: source, to: store, progress: progress)
        case .database(let address, _):
            let store = PostgreSQLStore(address)
            try store.prepare()
            return try StoreCopy.copy(from: source, to: store, progress: progress)
        }
    }

    /// The options by which the trainer opens the same store in the same way; an address goes by
    /// the environment, as it may have a password.
    public var arguments: [String] {
        let kept = ["--keep-versions", "\(keptVersions)"]
        guard case .directory(let directory) = place else { return kept }
        return ["--state", directory] + kept
    }
}
