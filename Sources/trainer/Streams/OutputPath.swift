internal import Glibc

/// Where a file will be written.
enum OutputPath {
    /// Refuses a path that cannot be written, before the training rather than after it.
    static func check(_ path: String) throws {
        let directory = path.lastIndex(of: "/").map { path[..<$0].isEmpty ? "/" : path[..<$0] }
        let name = directory.map(String.init) ?? "."
        var status = stat()
        guard stat(name, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw Failure(
                .cannotCreate,
                "\(path) cannot be written: there is no directory \(name); create it or give "
                    + "another path"
            )
        }
        guard access(name, W_OK) == 0 else {
            throw Failure(
                .cannotCreate,
                "\(path) cannot be written: \(name) may not be written to; give another path"
            )
        }
        guard stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(.cannotCreate, "\(path) is there and no regular file; give another path")
        }
    }
}
