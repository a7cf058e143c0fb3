internal import Glibc

/// Whether a worker is to stop: a signal came, or the program that started it has died.
struct StopRequest {
    /// Whether the end of standard input counts.
    let watchesInput: Bool

    /// Whether to stop now; costs at most one system call.
    var isPending: Bool {
        StopSignal.current != nil || (watchesInput && hasInputEnded(milliseconds: 0))
    }

    /// Why, in words for the job.
    var reason: String {
        StopSignal.current == nil ? "the server ended" : "the trainer was told to stop"
    }

    /// Waits until there is a reason to stop, or for `duration`.
    func wait(atMost duration: Duration) {
        let end = ContinuousClock.now + duration
        while StopSignal.current == nil {
            let rest = Int32(clamping: Int(((end - .now) / .milliseconds(1)).rounded(.up)))
            guard rest > 0 else { return }
            // A signal ends either wait early.
            if watchesInput {
                if hasInputEnded(milliseconds: rest) { return }
            } else {
                Glibc.poll(nil, 0, rest)
            }
        }
    }

    /// Whether nobody holds the other end of standard input any more; what is written there is
    /// dropped.
    private func hasInputEnded(milliseconds: Int32) -> Bool {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&descriptor, 1, milliseconds) > 0 else { return false }
        var byte: UInt8 = 0
        return read(STDIN_FILENO, &byte, 1) <= 0
    }
}
