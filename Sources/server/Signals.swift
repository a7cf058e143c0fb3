@preconcurrency internal import Dispatch
internal import Glibc
internal import Synchronization

/// The signals that are waited for: each stays with the process from its start until `Signals`
/// takes it, however late that begins.
private let awaited = [SIGTERM, SIGINT, SIGHUP]

/// Lets no signal end the process by itself.
///
/// A client or a terminal that goes away must not, and the others are waited for. To be called
/// before there is a second thread, which could receive one instead.
func holdSignals() {
    for number in [SIGPIPE, SIGUSR1] { signal(number, SIG_IGN) }
    var set = signalSet()
    pthread_sigmask(SIG_BLOCK, &set, nil)
}

private func signalSet() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in awaited { sigaddset(&set, number) }
    return set
}

/// The signals that ask for something; `holdSignals` must have been called.
final class Signals: Sendable {
    enum Request: Sendable, Equatable {
        case terminate
        case interrupt

        var name: String { self == .terminate ? "SIGTERM" : "SIGINT" }
    }

    private let arrived = DispatchSemaphore(value: 0)
    private let requests = Mutex<[Request]>([])
    private let hangUps = Mutex(HangUps())

    private struct HangUps {
        var actions: [@Sendable () -> Void] = []
        /// Whether one came, which actions that are still to come have missed.
        var haveCome = false
    }

    /// Starts to listen, as long as the process lives.
    init() {
        // A thread of its own, which waits in the kernel. Dispatch's sources lose a signal that
        // comes before they are in place.
        DispatchQueue(label: "elman.signals").async { [self] in
            var set = signalSet()
            while true {
                var number: Int32 = 0
                guard sigwait(&set, &number) == 0 else { continue }
                take(number)
            }
        }
    }

    private func take(_ number: Int32) {
        if number == SIGHUP {
            let actions = hangUps.withLock { hangUps in
                hangUps.haveCome = true
                return hangUps.actions
            }
            for action in actions { action() }
            return
        }
        requests.withLock { $0.append(number == SIGTERM ? .terminate : .interrupt) }
        arrived.signal()
    }

    /// Runs `action` at each SIGHUP, and at once if one came before.
    func onHangUp(_ action: @escaping @Sendable () -> Void) {
        let isLate = hangUps.withLock { hangUps in
            hangUps.actions.append(action)
            return hangUps.haveCome
        }
        if isLate { action() }
    }

    /// Waits for the next signal that asks for the end.
    func wait() -> Request {
        arrived.wait()
        return requests.withLock { $0.isEmpty ? .terminate : $0.removeFirst() }
    }

    /// Waits for the next signal that asks for the end, or until the time is over.
    func wait(atMost duration: DispatchTimeInterval) -> Request? {
        guard arrived.wait(timeout: .now() + duration) == .success else { return nil }
        return requests.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
