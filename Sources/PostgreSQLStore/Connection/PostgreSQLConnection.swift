private import CPostgreSQL
private import Glibc
internal import SQLStore
package import Store

/// One connection to a PostgreSQL database.
///
/// No call waits for longer than the connection's patience while the server is silent, also where
/// the server's machine has vanished without a word. No statement has a name, so a pooler between
/// transactions may give each transaction another session.
///
/// One thread at a time uses it: `ConnectionPool` lends it to one, and a follower owns its own.
package final class PostgreSQLConnection: @unchecked Sendable {
    /// How a transaction or a connection ended that may be tried again.
    enum Trouble {
        /// The connection is gone.
        case lost
        /// The server did not answer in time, so the connection is of no use any more.
        case silence
        /// Two transactions waited for each other, and this one gave way.
        case collision
    }

    let handle: OpaquePointer
    let place: String
    let patience: Duration
    /// What the last error means for who would try again; nil if it would be the same again.
    private(set) var trouble: Trouble?
    private var translations: [String: String] = [:]

    /// Connects.
    ///
    /// - Parameters:
    ///   - address: where to.
    ///   - timeouts: how long to wait for what.
    /// - Throws: `unreachable`, or `cannotOpen` when libpq is missing or the server is too old.
    package init(_ address: PostgreSQLAddress, _ timeouts: Timeouts) throws(StoreError) {
        place = address.place
        patience = timeouts.statement + .seconds(1)
        if let reason = pq_load() {
            throw .cannotOpen(
                place: place,
                reason: "libpq cannot be loaded (\(String(cString: reason)))",
                remedy: "Install it: Debian has it in libpq5."
            )
        }
        let parameters = address.parameters(timeouts)
        let handle = withCStrings(parameters.map(\.key)) { keywords in
            withCStrings(parameters.map(\.value)) { values in pq_connect(keywords, values) }
        }
        guard let handle else { throw .unreachable(place: place, reason: "out of memory") }
        self.handle = handle
        guard pq_is_connected(handle) else {
            throw .unreachable(place: place, reason: Self.sentence(pq_error_message(handle)))
        }
        guard pq_set_nonblocking(handle) else {
            throw .unreachable(place: place, reason: "the connection cannot be made non-blocking")
        }
        let version = Int(pq_server_version(handle))
        guard version >= 130_000 else {
            throw .cannotOpen(
                place: place,
                reason: "it is PostgreSQL \(version / 10_000)",
                remedy: "Elman needs 13 or newer."
            )
        }
        let encoding = pq_parameter(handle, "server_encoding").map { String(cString: $0) }
        guard encoding == nil || encoding == "UTF8" else {
            throw .cannotOpen(
                place: place,
                reason: "its encoding is \(encoding ?? "")",
                remedy: "Make a database for it: CREATE DATABASE … ENCODING 'UTF8' "
                    + "TEMPLATE template0."
            )
        }
    }

    deinit { pq_finish(handle) }

    /// Whether it can be used for the next transaction.
    var isUsable: Bool {
        !isGone && pq_is_connected(handle) && !pq_is_in_transaction(handle)
    }

    /// Whether nothing more can be said to the server.
    var isGone: Bool { trouble == .lost || trouble == .silence }

    /// Whether a statement of the open transaction has failed.
    var isFailed: Bool { pq_is_failed_transaction(handle) }

    /// Forgets how the last transaction ended.
    func beginAnew() { trouble = nil }

    /// A statement as PostgreSQL reads it.
    func translated(_ sql: String) -> String {
        if let text = translations[sql] { return text }
        let text = SQLText.translate(sql)
        translations[sql] = text
        return text
    }

    // MARK: Waiting

    /// Sends all that is to be sent.
    func flush() throws(StoreError) {
        var last = monotonicTime()
        while true {
            switch pq_flush(handle) {
            case 0: return
            case 1:
                guard try wait(for: Int16(POLLIN | POLLOUT), since: last) else { continue }
                // Else both sides could wait for the other to read.
                guard pq_consume_input(handle) else { throw lost() }
                last = monotonicTime()
            default: throw lost()
            }
        }
    }

    /// The next result of what was sent; nil at its end.
    func nextResult() throws(StoreError) -> OpaquePointer? {
        var last = monotonicTime()
        while pq_is_busy(handle) {
            guard try wait(for: Int16(POLLIN), since: last) else { continue }
            guard pq_consume_input(handle) else { throw lost() }
            last = monotonicTime()
        }
        return pq_get_result(handle)
    }

    /// Waits until something can be read or written; false if a signal ended the wait.
    private func wait(for events: Int16, since last: Duration) throws(StoreError) -> Bool {
        let left = last + patience - monotonicTime()
        var descriptor = pollfd(fd: pq_socket(handle), events: events, revents: 0)
        let milliseconds = Int32(max(.zero, left) / .milliseconds(1)) + 1
        let count = left > .zero ? poll(&descriptor, 1, milliseconds) : 0
        if count > 0 { return true }
        if count < 0 && errno == EINTR { return false }
        trouble = .silence
        let seconds = Int(patience / .seconds(1))
        throw .unreachable(place: place, reason: "no answer for \(seconds) seconds")
    }

    /// Waits for notifications, and takes all that are there.
    ///
    /// - Returns: whether there was one.
    func hearsNotifications(within patience: Duration) throws(StoreError) -> Bool {
        var descriptor = pollfd(fd: pq_socket(handle), events: Int16(POLLIN), revents: 0)
        let count = poll(&descriptor, 1, Int32(patience / .milliseconds(1)))
        guard count > 0 else { return false }
        guard pq_consume_input(handle) else { throw lost() }
        var hears = false
        while pq_take_notification(handle) { hears = true }
        return hears
    }

    // MARK: Errors

    /// The connection is gone.
    func lost() -> StoreError {
        trouble = .lost
        return .unreachable(place: place, reason: Self.sentence(pq_error_message(handle)))
    }

    /// What a failed result says, in the store's words.
    func error(_ result: OpaquePointer) -> StoreError {
        guard let state = pq_state(result).map({ String(cString: $0) }) else { return lost() }
        let message = pq_message(result).map { Self.sentence($0) } ?? ""
        switch state {
        case "40001", "40P01":
            trouble = .collision
            return .busy
        case "57014", "55P03": return .busy
        case "53100": return .diskFull
        case "25006": return .readOnly
        case "58030", "53200": return .inputOutput(message)
        case "XX001", "XX002": return .corrupt(place: place)
        case "42501", "3D000", "3F000":
            return .cannotOpen(
                place: place,
                reason: message,
                remedy: "Check the name of the database, search_path, and the user's rights."
            )
        case _
        where state.hasPrefix("08") || state.hasPrefix("57P") || state == "53300"
            || state == "25P03":
            trouble = .lost
            return .unreachable(place: place, reason: message)
        default: return .unexpected(code: Int(state, radix: 36) ?? 0, message: message)
        }
    }

    /// The first line of what libpq says, without the words that say that it is an error.
    private static func sentence(_ message: UnsafePointer<CChar>) -> String {
        let lines = String(cString: message).split(whereSeparator: \.isNewline)
        let words = lines.joined(separator: " ")
        return words.isEmpty ? "the connection was closed" : words
    }
}

/// How long to wait for what.
package struct Timeouts: Sendable {
    /// For a connection to each host.
    package var connect = Duration.seconds(5)
    /// For a statement.
    package var statement = Duration.seconds(10)
    /// For another transaction to end.
    package var lock = Duration.seconds(5)

    package init() {}
}

/// Lends C strings, with a null pointer behind them.
private func withCStrings<Result>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    let pointers = copies.map { UnsafePointer($0) } + [nil]
    return pointers.withUnsafeBufferPointer { pointers in
        guard let first = pointers.baseAddress else { fatalError("it has an element") }
        return body(first)
    }
}
