@preconcurrency internal import Dispatch
internal import SQLStore
internal import Store
internal import Synchronization

/// Connections to one database, made when they are needed, and so many at most.
///
/// While the database cannot be reached, one caller a second tries it. The others get the error at
/// once, so that no crowd of threads waits for a machine that is gone.
final class ConnectionPool: Sendable {
    private struct State {
        var idle: [PostgreSQLConnection] = []
        /// Why the last connection failed; nil when one was made since.
        var failure: StoreError?
        /// When the next caller may try.
        var nextTry = Duration.zero
    }

    /// How long callers fail at once after a failure, before one tries again.
    private static let pause = Duration.milliseconds(500)

    private let address: PostgreSQLAddress
    private let timeouts: Timeouts
    private let state = Mutex(State())
    private let places: DispatchSemaphore

    init(_ address: PostgreSQLAddress, limit: Int, _ timeouts: Timeouts) {
        self.address = address
        self.timeouts = timeouts
        places = DispatchSemaphore(value: limit)
    }

    /// Why a use of a connection came to nothing.
    struct Failure: Error {
        let error: StoreError
        /// What happened to the connection; nil if nothing, or if there was none.
        var trouble: PostgreSQLConnection.Trouble?
    }

    /// Lends a connection to `body`, and keeps it afterwards if it is still good.
    ///
    /// - Throws: `busy` when no connection becomes free in time; `unreachable`; what `body` throws.
    func use<Result>(
        _ body: (PostgreSQLConnection) throws(StoreError) -> Result
    ) throws(Failure) -> Result {
        let patience = Int(timeouts.lock / .milliseconds(1))
        guard places.wait(timeout: .now() + .milliseconds(patience)) == .success else {
            throw Failure(error: .busy)
        }
        defer { places.signal() }
        let connection: PostgreSQLConnection
        do throws(StoreError) { connection = try take() } catch { throw Failure(error: error) }
        defer {
            if connection.isUsable { state.withLock { $0.idle.append(connection) } }
        }
        connection.beginAnew()
        do throws(StoreError) { return try body(connection) } catch {
            if connection.trouble == .silence { closeFor(error) }
            throw Failure(error: error, trouble: connection.trouble)
        }
    }

    /// Lets callers fail at once for a while: one that waited out a silent server is enough.
    private func closeFor(_ error: StoreError) {
        state.withLock { state in
            state.failure = error
            state.nextTry = monotonicTime() + Self.pause
        }
        discardIdle()
    }

    /// Ends the connections that nobody uses: they are likely to be as dead as one that was.
    func discardIdle() {
        let idle = state.withLock { state in
            defer { state.idle = [] }
            return state.idle
        }
        _ = consume idle
    }

    /// Why the last caller got no connection, if it is too early for another to try.
    private func reasonToWait() -> StoreError? {
        let now = monotonicTime()
        return state.withLock { (state) -> StoreError? in
            guard let failure = state.failure else { return nil }
            if now < state.nextTry { return failure }
            state.nextTry = now + timeouts.connect + .seconds(1)
            return nil
        }
    }

    private func take() throws(StoreError) -> PostgreSQLConnection {
        if let connection = state.withLock({ $0.idle.popLast() }) { return connection }
        if let failure = reasonToWait() { throw failure }
        do throws(StoreError) {
            let connection = try PostgreSQLConnection(address, timeouts)
            state.withLock { $0.failure = nil }
            return connection
        } catch {
            state.withLock { state in
                state.failure = error
                state.nextTry = monotonicTime() + Self.pause
            }
            throw error
        }
    }
}
