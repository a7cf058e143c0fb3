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
                "\(path) cannot be read (\(Failure.systemMessage)); check the path and its permissions"
            )
        }
    }

    deinit {
        if descriptor > STDERR_FILENO { close(descriptor) }
    }

    /// Appends what can be read at once; false at the end of the file.
    func read(into bytes: inout [UInt8], atMost limit: Int = 1 << 16) throws -> Bool {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: limit))
        let count = bytes.withUnsafeMutableBytes { buffer -> Int in
            while true {
                let count = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: start), limit)
                if count >= 0 || errno != EINTR { return count }
            }
        }
        bytes.removeLast(limit - max(count, 0))
        guard count >= 0 else {
            throw Failure(.noInput, "\(name) cannot be read (\(Failure.systemMessage))")
        }
        return count > 0
    }

    /// All bytes up to the end.
    consuming func readAll() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while try read(into: &bytes, atMost: 1 << 20) {}
        return bytes
    }
}
