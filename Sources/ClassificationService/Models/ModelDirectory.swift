#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// The directory of checkpoint files, as it was when the service started.
struct ModelDirectory {
    let path: String
    /// The files `*.json`, in the order of their names; those that begin with a dot are left out.
    let files: [String]

    /// Lists a directory.
    ///
    /// - Throws: if it cannot be read.
    init(_ path: String) throws(ModelDirectoryError) {
        guard let stream = opendir(path) else {
            throw ModelDirectoryError(directory: path, reason: String(cString: strerror(errno)))
        }
        defer { closedir(stream) }
        var files: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".json") && !name.hasPrefix(".") { files.append(name) }
        }
        self.path = path
        self.files = files.sorted()
    }
}

/// The directory of checkpoint files cannot be read.
public struct ModelDirectoryError: Error, Equatable, Sendable, CustomStringConvertible {
    let directory: String
    let reason: String

    /// One sentence that says what to do.
    public var description: String {
        "the models directory '\(directory)' cannot be read (\(reason)): create it, or name another "
            + "with --models"
    }
}
