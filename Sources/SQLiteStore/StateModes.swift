private import Glibc
package import Store

/// The permissions of a state directory and of what the store has in it.
package enum StateModes {
    /// Takes from other users what they may do; the store holds texts of other people.
    ///
    /// A directory that has directories in it, or is sticky, is not the store's alone. It stays as
    /// it is, and so does what belongs to another user.
    ///
    /// - Parameter directory: the state directory; nothing happens if it is missing.
    /// - Returns: what was open to others.
    package static func closeToOthers(_ directory: String) -> [LooseMode] {
        let names = [
            "elman.sqlite", "elman.sqlite-wal", "elman.sqlite-shm", "elman.sqlite-journal",
            "server.lock",
        ]
        return [close(directory: directory)].compactMap(\.self)
            + names.compactMap { close(file: directory + "/" + $0) }
    }

    private static func close(directory: String) -> LooseMode? {
        var found = stat()
        guard stat(directory, &found) == 0, found.st_mode & S_IFMT == S_IFDIR else { return nil }
        let isShared = found.st_mode & S_ISVTX != 0 || hasDirectories(directory)
        return close(
            directory,
            found.st_mode,
            obstacle: isShared ? "it holds more than the store: give that one of its own" : nil
        )
    }

    private static func close(file: String) -> LooseMode? {
        var found = stat()
        guard lstat(file, &found) == 0, found.st_mode & S_IFMT == S_IFREG else { return nil }
        return close(file, found.st_mode, obstacle: nil)
    }

    private static func close(_ path: String, _ mode: mode_t, obstacle: String?) -> LooseMode? {
        guard mode & 0o077 != 0 else { return nil }
        var obstacle = obstacle
        if obstacle == nil && chmod(path, mode & 0o7700) != 0 {
            obstacle = String(cString: strerror(errno))
        }
        return LooseMode(path: path, mode: Int(mode & 0o7777), obstacle: obstacle)
    }

    /// Whether there are directories in a directory, or nobody can tell.
    private static func hasDirectories(_ directory: String) -> Bool {
        guard let stream = opendir(directory) else { return true }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            // The root of a volume has the last one.
            if [".", "..", "lost+found"].contains(name) { continue }
            var found = stat()
            guard lstat(directory + "/" + name, &found) == 0 else { continue }
            if found.st_mode & S_IFMT == S_IFDIR { return true }
        }
        return false
    }
}
