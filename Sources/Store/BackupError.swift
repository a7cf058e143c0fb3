/// Why a store was not backed up.
///
/// What was at the place of the backup is still there.
public enum BackupError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The store cannot be read.
    case store(StoreError)
    /// The store is in a database, which has tools of its own for this.
    case notAFileStore(place: String)
    /// There is no store in the directory.
    case noStore(directory: String)
    /// There is a file already, and nobody said that it may be replaced.
    case exists(file: String)
    /// What is there is a directory, a link or a device.
    case notAFile(file: String)
    /// The file would be among those of the store.
    case amongStore(file: String)
    /// A log of another database would be taken for the log of the backup.
    case foreignLog(log: String)
    /// The system does not let the file be written.
    case cannotWrite(file: String, reason: String)

    /// One sentence that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .store(let error): error.description
        case .notAFileStore(let place):
            "The store is in the database \(place). Back it up with pg_dump, or copy it into a "
                + "state directory with server store copy."
        case .noStore(let directory):
            "There is no store in the state directory '\(directory)'. Name the server's with "
                + "--state."
        case .exists(let file):
            "The file '\(file)' exists. Give another name, or --replace to replace it when the "
                + "backup is complete."
        case .notAFile(let file):
            "'\(file)' is a directory, a link or a device. Give the name of a file."
        case .amongStore(let file):
            "'\(file)' is in the state directory. Give a place outside it, best on another disk."
        case .foreignLog(let log):
            "There is a log '\(log)', which would change the backup when that is opened. Move it "
                + "away, or give another name."
        case .cannotWrite(let file, let reason):
            "The backup '\(file)' cannot be written (\(reason)). Check the directory, its rights "
                + "and its free space."
        }
    }
}
