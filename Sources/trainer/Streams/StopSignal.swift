internal import Glibc
internal import Synchronization

/// Signals that ask to stop, kept as a flag that the work looks at.
enum StopSignal {
    private static let received = Atomic<Int32>(0)

    /// The signal that came, if one did.
    static var current: Int32? {
        let signal = received.load(ordering: .relaxed)
        return signal == 0 ? nil : signal
    }

    /// From now on `signals` only set the flag; the second one of a kind ends the program at once.
    static func watch(_ signals: Int32...) {
        // The flag exists before a handler can run.
        received.store(0, ordering: .relaxed)
        for number in signals {
            signal(number) { number in
                StopSignal.received.store(number, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }
}
