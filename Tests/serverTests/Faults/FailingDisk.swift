import Foundation

/// Makes system calls of a running server and its trainers fail, as a broken or full disk would.
///
/// Only calls on the files of the state directory fail, all of them, until `mend`.
final class FailingDisk: Sendable {
    private let strace: Process
    private let log: String

    /// Why system calls cannot be made to fail here.
    static let obstacle =
        runsUnderSanitizer
        ? "LeakSanitizer cannot look at a process that strace looks at"
        : serverTests.obstacle {
            let sleeper = Process()
            sleeper.executableURL = URL(fileURLWithPath: "/bin/sleep")
            sleeper.arguments = ["60"]
            try sleeper.run()
            defer {
                // It may block SIGTERM, as the threads of a test do.
                kill(sleeper.processIdentifier, SIGKILL)
                sleeper.waitUntilExit()
            }
            let directory = try TestDirectory()
            try FailingDisk(directory, sleeper.processIdentifier, call: "fsync", error: "EIO")
                .mend()
        }

    /// - Parameters:
    ///   - directory: the server's; its state is below.
    ///   - server: whose calls fail.
    ///   - call: the name of a system call, or several with commas.
    ///   - error: how they fail, such as `EIO`.
    /// - Throws: when strace cannot be started.
    init(_ directory: TestDirectory, _ server: pid_t, call: String, error: String) throws {
        strace = Process()
        strace.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        log = directory.path + "/strace-\(UUID().uuidString)"
        let files = ["", "-wal", "-shm"].flatMap {
            ["-P", directory.path + "/state/elman.sqlite" + $0]
        }
        strace.arguments =
            ["strace", "-f", "-p", "\(server)", "-o", "/dev/null"] + files
            + ["-e", "trace=\(call)", "-e", "inject=\(call):error=\(error)"]
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        strace.standardError = FileHandle(forWritingAtPath: log)
        // The threads of a test block signals; strace would inherit that and heed no SIGTERM.
        var (none, before) = (sigset_t(), sigset_t())
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try strace.run()
        try wait("strace") { said.contains("attached") || !strace.isRunning }
        guard strace.isRunning else { throw CommandError(description: said) }
    }

    deinit { mend() }

    private var said: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Lets the calls succeed again.
    func mend() {
        guard strace.isRunning else { return }
        strace.terminate()
        strace.waitUntilExit()
    }
}
