internal import Glibc
internal import TextForm

/// The reader of standard output has gone.
struct OutputClosed: Error {}

/// Results for people and programs.
enum StandardOutput {
    /// Writes all of `bytes`.
    ///
    /// - Throws: `OutputClosed` if nobody reads any more, `Failure` if writing fails.
    static func write(_ bytes: [UInt8]) throws {
        guard let problem = writeAll(bytes, to: STDOUT_FILENO) else { return }
        if problem == EPIPE { throw OutputClosed() }
        throw Failure(
            .inputOutput,
            "the output cannot be written: \(String(cString: strerror(problem)))"
        )
    }

    /// Writes a page for people; what a file put into it cannot drive their terminal.
    static func write(page: String) throws { try write(Array(Printable.page(page).utf8)) }

    /// Writes JSON and a line feed, likewise.
    static func write(json: [UInt8]) throws {
        try write(Printable.json(json) + Array("\n".utf8))
    }
}

/// Progress and messages.
enum StandardError {
    /// Whether a person watches.
    static var isTerminal: Bool {
        isatty(STDERR_FILENO) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"
    }

    /// The width of the terminal, in characters.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return Int(size.ws_col)
    }

    /// Writes a message, each of its lines after the program's name; what a file put into it cannot
    /// drive a terminal.
    static func say(_ message: String) {
        let lines = Printable.page(message).split(separator: "\n").map { "trainer: \($0)\n" }
        write(lines.joined())
    }

    /// Writes text as it is; that nobody reads it is no reason to stop.
    static func write(_ text: String) {
        _ = writeAll(Array(text.utf8), to: STDERR_FILENO)
    }
}

/// Writes everything; the system's error number if that fails.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
    bytes.withUnsafeBytes { buffer in
        var rest = buffer[...]
        while !rest.isEmpty {
            let count = Glibc.write(
                descriptor,
                UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                rest.count
            )
            if count < 0 {
                if errno == EINTR { continue }
                return errno
            }
            rest = rest.dropFirst(count)
        }
        return nil
    }
}
