internal import Digest
internal import Glibc

/// Reads checkpoint files with bounded trust, and writes them all or nothing.
public enum CheckpointFile {
    /// The most bytes that a checkpoint may have.
    public static let maximumBytes = 64 << 20

    /// The bytes of the file at `path`.
    ///
    /// Refuses at once what is not a regular file (a pipe would block, a device has no end), and
    /// what is larger than `maximumBytes`. Symbolic links are followed, as mounted configuration
    /// volumes need, unless `followsLinks` is false.
    ///
    /// - Parameters:
    ///   - path: where the file is.
    ///   - followsLinks: whether the last part of the path may be a symbolic link.
    /// - Returns: All bytes of the file.
    /// - Throws: `CheckpointError` with the path as its source.
    public static func read(
        _ path: String,
        followsLinks: Bool = true
    ) throws(CheckpointError) -> [UInt8] {
        func fail(_ problem: CheckpointError.Problem) -> CheckpointError {
            CheckpointError(source: path, problem: problem)
        }
        guard !path.utf8.contains(0) else { throw fail(.unreadable("the path holds a zero byte")) }
        // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | (followsLinks ? 0 : O_NOFOLLOW)
        let descriptor = open(path, flags)
        guard descriptor >= 0 else {
            if errno == ELOOP && !followsLinks { throw fail(.notARegularFile) }
            throw fail(.unreadable(systemMessage()))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw fail(.unreadable(systemMessage())) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw fail(.notARegularFile) }
        guard status.st_size <= maximumBytes else { throw fail(.tooLarge(limit: maximumBytes)) }
        // One byte of room shows a file that grows while it is read.
        let capacity = Int(status.st_size) + 1
        var failure: CheckpointError.Problem?
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            while count < capacity {
                guard let start = buffer.baseAddress else { return }
                let result = Self.readSome(descriptor, start + count, capacity - count)
                if result == 0 { return }
                if result < 0 {
                    failure = .unreadable(systemMessage())
                    return
                }
                count += result
            }
        }
        if let failure { throw fail(failure) }
        guard bytes.count < capacity else {
            throw fail(.unreadable("the file grew while it was read"))
        }
        return bytes
    }

    /// Puts `bytes` at `path`: after this returns they survive a power cut, and before it nobody
    /// sees a part of them.
    ///
    /// Writes a temporary file in the same directory, syncs it, renames it, syncs the directory.
    /// If any of that fails the temporary file is removed and what was at `path` stays.
    ///
    /// - Throws: `CheckpointError` with the path as its source.
    public static func write(_ bytes: [UInt8], to path: String) throws(CheckpointError) {
        func fail() -> CheckpointError {
            CheckpointError(source: path, problem: .unwritable(systemMessage()))
        }
        let (directory, name) = split(path)
        let temporary = "\(directory)/.\(RandomIdentifier.make(prefix: "checkpoint-")).tmp"
        guard !name.isEmpty, !path.utf8.contains(0) else {
            throw CheckpointError(source: path, problem: .unwritable("the path names no file"))
        }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw fail() }
        // A failed fsync is never tried again: the kernel may have dropped the pages.
        guard writeAll(bytes, to: descriptor), fsync(descriptor) == 0 else {
            let error = fail()
            close(descriptor)
            unlink(temporary)
            throw error
        }
        guard close(descriptor) == 0, rename(temporary, path) == 0 else {
            let error = fail()
            unlink(temporary)
            throw error
        }
        guard syncDirectory(directory) else { throw fail() }
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let directory = path[..<slash]
        return (
            directory.isEmpty ? "/" : String(directory), String(path[path.index(after: slash)...])
        )
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                guard let start = buffer.baseAddress else { return true }
                let result = Glibc.write(descriptor, start + written, buffer.count - written)
                if result < 0 && errno == EINTR { continue }
                if result <= 0 { return false }
                written += result
            }
            return true
        }
    }

    private static func readSome(
        _ descriptor: CInt,
        _ start: UnsafeMutablePointer<UInt8>,
        _ count: Int
    ) -> Int {
        while true {
            let result = Glibc.read(descriptor, start, count)
            if result >= 0 || errno != EINTR { return result }
        }
    }

    private static func syncDirectory(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }

    private static func systemMessage() -> String {
        String(cString: strerror(errno))
    }
}
