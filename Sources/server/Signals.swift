@preconcurrency internal import Dispatch
internal import Glibc
internal import Synchronization

/// Lets no signal end the process by itself: a client or a terminal that goes away must not, and
/// SIGTERM and SIGINT are waited for.
func ignoreSignals() {
    for number in [SIGPIPE, SIGHUP, SIGUSR1, SIGTERM, SIGINT] { signal(number, SIG_IGN) }
}

/// The signals that ask for the end.
final class Signals: Sendable {
    enum Request: Sendable, Equatable {
        case terminate
        case interrupt

        var name: String { self == .terminate ? "SIGTERM" : "SIGINT" }
    }

    private let arrived = DispatchSemaphore(value: 0)
    private let requests = Mutex<[Request]>([])
    private let sources = Mutex<[any DispatchSourceSignal]>([])
    private let queue = DispatchQueue(label: "elman.signals")

    /// Starts to listen; `ignoreSignals` must have been called.
    init() {
        for (number, request) in [(SIGTERM, Request.terminate), (SIGINT, .interrupt)] {
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [weak self] in
                self?.requests.withLock { $0.append(request) }
                self?.arrived.signal()
            }
            source.resume()
            sources.withLock { $0.append(source) }
        }
    }

    /// Runs `action` at each SIGHUP.
    func onHangUp(_ action: @escaping @Sendable () -> Void) {
        let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: queue)
        source.setEventHandler(handler: action)
        source.resume()
        sources.withLock { $0.append(source) }
    }

    /// Waits for the next signal.
    func wait() -> Request {
        arrived.wait()
        return requests.withLock { $0.isEmpty ? .terminate : $0.removeFirst() }
    }

    /// Waits for the next signal, or until the time is over.
    func wait(atMost duration: DispatchTimeInterval) -> Request? {
        guard arrived.wait(timeout: .now() + duration) == .success else { return nil }
        return requests.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
