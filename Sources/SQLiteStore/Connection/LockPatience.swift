private import CSQLite
internal import Glibc
internal import SQLStore

/// How a connection waits for a lock of another one: it asks every millisecond.
///
/// SQLite's own wait grows to a tenth of a second a look. Beside a process that writes without a
/// pause it meets the short moment between two writes so seldom that five seconds may not do.
final class LockPatience {
    private let limit: Duration
    private var deadline = Duration.zero

    /// - Parameter limit: how long it waits for one lock.
    init(_ limit: Duration) { self.limit = limit }

    /// Makes a connection wait so; it must not outlive this object.
    func apply(to connection: OpaquePointer) {
        sqlite3_busy_handler(
            connection,
            { context, earlier in
                guard let context else { return 0 }
                let patience = Unmanaged<LockPatience>.fromOpaque(context).takeUnretainedValue()
                return patience.waits(earlier: earlier) ? 1 : 0
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    /// Waits a moment.
    ///
    /// - Parameter earlier: how often it waited for this lock already.
    /// - Returns: false when it has waited long enough.
    private func waits(earlier: Int32) -> Bool {
        let now = monotonicTime()
        if earlier == 0 { deadline = now + limit }
        guard now < deadline else { return false }
        usleep(1000)
        return true
    }
}
