private import Digest
private import Glibc
internal import SQLStore
package import Store

/// One file with all that a store keeps, made while others use the store.
package struct SQLiteBackup {
    private let directory: String
    private let file: String
    private let replaces: Bool

    /// - Parameters:
    ///   - directory: the state directory.
    ///   - file: the backup; its directory must exist.
    ///   - replaces: whether it may take the place of a file.
    package init(of directory: String, to file: String, replaces: Bool) {
        self.directory = directory
        self.file = file
        self.replaces = replaces
    }

    /// Copies the store as it is at one moment, checks the copy, and gives it its name.
    ///
    /// The file is on the disk when this returns. It needs no log, and only this user may read it.
    ///
    /// - Returns: its bytes.
    /// - Throws: why there is no backup.
    package func make() throws(BackupError) -> Int {
        let database = directory + "/elman.sqlite"
        try reading { () throws(StoreError) in try refuseLogWithoutDatabase(database) }
        guard access(database, F_OK) == 0 else { throw .noStore(directory: directory) }
        try checkPlace()
        let source = try reading { () throws(StoreError) in
            let source = try SQLConnection(path: database, purpose: .readOnly)
            try Schema.requireStore(source, path: database)
            return source
        }
        let partial = RandomIdentifier.make(prefix: file + ".partial-")
        defer { for suffix in [""] + Self.companions { unlink(partial + suffix) } }
        let descriptor = open(partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw cannotWrite() }
        // Closed last: the end of a descriptor takes SQLite's locks on the file with it.
        defer { close(descriptor) }
        try copy(source, to: partial, named: database)
        guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else { throw cannotWrite() }
        var written = stat()
        guard fstat(descriptor, &written) == 0 else { throw cannotWrite() }
        try rename(partial)
        return Int(written.st_size)
    }

    /// What SQLite may put beside a database.
    private static let companions = ["-wal", "-shm", "-journal"]

    private func checkPlace() throws(BackupError) {
        if let found = try status(file) {
            guard found.st_mode & S_IFMT == S_IFREG else { throw .notAFile(file: file) }
            guard replaces else { throw .exists(file: file) }
        }
        guard let last = file.split(separator: "/", omittingEmptySubsequences: false).last,
            !["", ".", ".."].contains(last)
        else { throw .notAFile(file: file) }
        var (own, place) = (stat(), stat())
        guard stat(parent, &place) == 0 else { throw cannotWrite() }
        if stat(directory, &own) == 0, own.st_dev == place.st_dev, own.st_ino == place.st_ino {
            throw .amongStore(file: file)
        }
        for suffix in Self.companions where try status(file + suffix) != nil {
            throw .foreignLog(log: file + suffix)
        }
    }

    private func copy(
        _ source: SQLConnection,
        to partial: String,
        named database: String
    ) throws(BackupError) {
        let damage: String?
        do throws(StoreError) {
            let copy = try SQLConnection(path: partial, purpose: .readWrite)
            // The file is synchronized once, at the end.
            try copy.execute("PRAGMA synchronous = OFF")
            try source.copy(to: copy)
            // The copy says that it has a write-ahead log, as the store has.
            _ = try copy.row("PRAGMA journal_mode = DELETE") { $0.text("journal_mode") }
            damage = try copy.firstDamage()
        } catch {
            switch error {
            case .corrupt: throw .store(.corrupt(place: database))
            case .busy: throw .store(error)
            case .diskFull: throw .cannotWrite(file: file, reason: "the disk is full")
            case .inputOutput(let reason), .cannotOpen(_, let reason, _):
                throw .cannotWrite(file: file, reason: reason)
            default: throw .cannotWrite(file: file, reason: error.description)
            }
        }
        if damage != nil { throw .store(.corrupt(place: database)) }
    }

    /// Gives the complete backup its name, which then is on the disk too.
    private func rename(_ partial: String) throws(BackupError) {
        if !replaces {
            // Unlike a rename this fails if another file has come meanwhile. `make` unlinks the
            // first name.
            if link(partial, file) == 0 { return synchronize(directory: parent) }
            // The file system may have no links.
            guard [EPERM, EOPNOTSUPP, ENOSYS].contains(errno) else {
                throw errno == EEXIST ? .exists(file: file) : cannotWrite()
            }
            guard try status(file) == nil else { throw .exists(file: file) }
        }
        guard Glibc.rename(partial, file) == 0 else { throw cannotWrite() }
        synchronize(directory: parent)
    }

    private var parent: String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }

    /// The status of a file, of a link itself; nil if there is none.
    private func status(_ path: String) throws(BackupError) -> stat? {
        var found = stat()
        if lstat(path, &found) == 0 { return found }
        if errno == ENOENT { return nil }
        throw cannotWrite()
    }

    private func cannotWrite() -> BackupError {
        .cannotWrite(file: file, reason: String(cString: strerror(errno)))
    }
}

private func reading<Result>(
    _ body: () throws(StoreError) -> Result
) throws(BackupError) -> Result {
    do throws(StoreError) { return try body() } catch { throw .store(error) }
}
