internal import Glibc

/// A file to read from its start to its end; `-` is standard input.
struct InputFile: ~Copyable {
    /// What to call it in messages.
    let name: String
    private let descriptor: Int32

    /// Opens the file at `path`.
    init(_ path: String) throws {
        if path == "-" {
            name = "standard input"
            descriptor = STDIN_FILENO
            return
        }
        name = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(
                .noInput,
                "\(path) cannot be read (\(Failure.systemMessage)); check the path and its "
                    + "permissions"
            )
        }
    }

    deinit {
        if descriptor > STDERR_FILENO { close(descriptor) }
    }

    /// Appends what can be read at once, up to 64 KiB; false at the end of the file.
    func read(into bytes: inout [UInt8]) throws -> Bool {
        let count = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
            while true {
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count < 0 && errno == EINTR { continue }
                if count > 0 { bytes.append(contentsOf: buffer[..<count]) }
                return count
            }
        }
        guard count >= 0 else {
            throw Failure(.noInput, "\(name) cannot be read (\(Failure.systemMessage))")
        }
        return count > 0
    }

    /// All bytes up to the end.
    consuming func readAll() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while try read(into: &bytes) {}
        return bytes
    }
}
