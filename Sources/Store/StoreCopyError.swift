/// Why a store was not copied; the target is as it was.
public enum StoreCopyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One of the stores has trouble.
    case store(StoreError)
    /// There is no store in the directory.
    case noStore(directory: String)
    /// The target has rows.
    case notEmpty(table: String)
    /// What is in the target is not what was read.
    case differs(table: String)
    /// A checkpoint of the source has another digest than its version.
    case damagedCheckpoint(model: String, version: Int)

    /// One sentence that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .store(let error): error.description
        case .noStore(let directory):
            "There is no store in the state directory '\(directory)'. Name the server's with "
                + "--from."
        case .notEmpty(let table):
            "The target is not empty: it has \(table). Give an empty database, or a directory that "
                + "is not there."
        case .differs(let table):
            "The rows of \(table) did not arrive as they were read. Nothing was kept; look after "
                + "the disks and try again."
        case .damagedCheckpoint(let model, let version):
            "Version \(version) of \(model) is damaged in the source: its bytes have another "
                + "digest. Delete it there, or restore a backup."
        }
    }
}

/// What was copied from one store to another.
public struct CopiedStore: Sendable, Equatable {
    /// Rows of all tables.
    public var rows = 0
    /// Checkpoints whose bytes have their digest.
    public var checkpoints = 0

    package init() {}
}
