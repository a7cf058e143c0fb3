internal import Glibc
internal import Synchronization

/// A running `trainer work`.
///
/// It cannot outlive the server: it ends when its standard input does, and the kernel closes that
/// pipe however the server dies.
final class TrainerProcess: Sendable {
    /// How a process ended.
    enum Ending: Sendable, Equatable, CustomStringConvertible {
        case exit(Int)
        case signal(Int)

        var description: String {
            switch self {
            case .exit(let status): "exit status \(status)"
            case .signal(let number): "signal \(number)"
            }
        }
    }

    let id: pid_t
    private let input: CInt
    private let output: CInt
    /// Whether the system may have given its number to another process.
    private let isOver = Mutex(false)

    /// Starts `path` with `arguments` at a lower priority, in a process group of its own, so that a
    /// terminal's Ctrl-C reaches the server alone.
    ///
    /// - Throws: `TrainerStartError` with the system's words.
    init(path: String, arguments: [String], niceness: Int) throws(TrainerStartError) {
        var toChild: [CInt] = [-1, -1]
        var fromChild: [CInt] = [-1, -1]
        guard pipe(&toChild) == 0 else { throw TrainerStartError(errno) }
        guard pipe(&fromChild) == 0 else {
            let number = errno
            for descriptor in toChild { close(descriptor) }
            throw TrainerStartError(number)
        }
        // The supervisor starts one process after the other, so none inherits these in between.
        for descriptor in toChild + fromChild { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let result = Self.spawn(path, arguments, input: toChild[0], output: fromChild[1])
        close(toChild[0])
        close(fromChild[1])
        switch result {
        case .failure(let error):
            close(toChild[1])
            close(fromChild[0])
            throw error
        case .success(let id):
            self.id = id
            input = toChild[1]
            output = fromChild[0]
        }
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(id), CInt(niceness))
    }

    /// Waits for the end, reading what the process says so that it never blocks on that.
    ///
    /// - Returns: how it ended, and the last 16 KiB that it said: behind the words of a crash its
    ///   backtrace follows.
    func wait() -> (ending: Ending, output: String) {
        var tail: [UInt8] = []
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            while true {
                let count = read(output, buffer.baseAddress, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                tail = (tail + buffer.prefix(count)).suffix(16 << 10)
            }
        }
        var information = siginfo_t()
        while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
        var status: CInt = 0
        isOver.withLock { isOver in
            while waitpid(id, &status, 0) < 0 && errno == EINTR {}
            isOver = true
        }
        close(output)
        close(input)
        let signal = Int(status & 0x7F)
        return (
            signal == 0 ? .exit(Int(status >> 8 & 0xFF)) : .signal(signal),
            String(decoding: tail, as: UTF8.self)
        )
    }

    /// Asks the process to end; it is still to be waited for.
    func terminate() { send(SIGTERM) }

    /// Ends the process at once; it is still to be waited for.
    func end() { send(SIGKILL) }

    private func send(_ signal: CInt) {
        isOver.withLock { if !$0 { kill(id, signal) } }
    }

    /// The CPU time that it has taken, in the system's clock ticks; nil if that is not told.
    var processorTicks: Int? {
        // The name of the program, in parentheses, may hold anything.
        guard let text = textOfSystemFile("/proc/\(id)/stat"),
            let end = text.lastIndex(of: ")")
        else { return nil }
        // Behind it the state is the first field, the 3rd of proc(5); 14 and 15 are these.
        let fields = text[end...].split(separator: " ").dropFirst()
        guard fields.count > 12, let user = Int(fields[fields.startIndex + 11]),
            let system = Int(fields[fields.startIndex + 12])
        else { return nil }
        return user + system
    }

    private static func spawn(
        _ path: String,
        _ arguments: [String],
        input: CInt,
        output: CInt
    ) -> Result<pid_t, TrainerStartError> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The server ignores signals that the child must feel.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var argumentPointers = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in argumentPointers { free(pointer) } }
        var id = pid_t()
        let number = posix_spawn(&id, path, &actions, &attributes, &argumentPointers, environ)
        return number == 0 ? .success(id) : .failure(TrainerStartError(number))
    }
}

/// The system would not start the trainer.
struct TrainerStartError: Error, Equatable, CustomStringConvertible {
    let number: CInt

    init(_ number: CInt) { self.number = number }

    var description: String { String(cString: strerror(number)) }
}
