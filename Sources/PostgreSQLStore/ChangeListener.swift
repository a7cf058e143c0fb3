private import Dispatch
private import Glibc
internal import SQLStore
internal import Store
internal import Synchronization

/// Hears of changes that any handle commits (LISTEN), on a thread and a connection of its own.
///
/// What comes while the connection is lost is not heard. So it wakes the follower once after each
/// new connection, and the follower looks by itself now and then.
final class ChangeListener: Sendable {
    private let address: PostgreSQLAddress
    private let timeouts: Timeouts
    private let wake: @Sendable () -> Void
    private let isStopping = Atomic<Bool>(false)

    /// How long a stop may take to be seen.
    private static let patience = Duration.milliseconds(500)
    /// Between two wakes: a job that reports ten times a second wakes nobody more often.
    private static let pause = Duration.milliseconds(20)

    init(
        _ address: PostgreSQLAddress,
        _ timeouts: Timeouts,
        _ wake: @escaping @Sendable () -> Void
    ) {
        self.address = address
        self.timeouts = timeouts
        self.wake = wake
    }

    func start() {
        // A queue of its own keeps its thread.
        DispatchQueue(label: "elman.changes").async { [self] in
            while !isStopped {
                do throws(StoreError) { try listen() } catch { sleep(for: .seconds(1)) }
            }
        }
    }

    func stop() { isStopping.store(true, ordering: .relaxed) }

    private var isStopped: Bool { isStopping.load(ordering: .relaxed) }

    private func listen() throws(StoreError) {
        let connection = try PostgreSQLConnection(address, timeouts)
        let channel = try connection.execute("SELECT quote_ident('elman.' || current_schema())")
        try connection.execute("LISTEN \(channel)")
        wake()
        while !isStopped {
            guard try connection.hearsNotifications(within: Self.patience) else { continue }
            wake()
            sleep(for: Self.pause)
        }
    }

    private func sleep(for duration: Duration) {
        usleep(UInt32(duration / .microseconds(1)))
    }
}
