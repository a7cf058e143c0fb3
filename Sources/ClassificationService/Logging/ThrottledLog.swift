internal import Dispatch
public import Logging
internal import Synchronization

/// Logs events of one kind at most once a second, each with how many before it were left out.
///
/// The last of a burst is logged when its second is over, so the count is told however quiet it is
/// afterwards.
public final class ThrottledLog: Sendable {
    private struct Event {
        var name: Logger.Message
        var metadata: Logger.Metadata
    }

    private struct State {
        /// The last event that was not logged.
        var last: Event?
        /// How many were not logged before that.
        var leftOut = 0
        var notBefore = 0
    }

    private let log: Logger
    private let level: Logger.Level
    private let state = Mutex(State())

    /// Makes a throttle before a log.
    ///
    /// - Parameters:
    ///   - log: gets the events.
    ///   - level: how severe they are.
    public init(_ log: Logger, level: Logger.Level = .warning) {
        self.log = log
        self.level = level
    }

    /// Logs an event now, or at the end of the second in which another one was logged, unless
    /// further ones come until then.
    ///
    /// - Parameters:
    ///   - name: the event's name.
    ///   - metadata: its facts.
    public func log(_ name: Logger.Message, metadata: Logger.Metadata) {
        let event = Event(name: name, metadata: metadata)
        let now = monotonicNanoseconds()
        let (isDue, pause) = state.withLock { state -> (Bool, Int?) in
            if state.last == nil && now >= state.notBefore {
                state.notBefore = now + Self.second
                return (true, nil)
            }
            let isFirst = state.last == nil
            if !isFirst { state.leftOut += 1 }
            state.last = event
            return (false, isFirst ? max(0, state.notBefore - now) : nil)
        }
        if isDue { return write(event, leftOut: 0) }
        guard let pause else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(pause)) {
            self.writeLast()
        }
    }

    private static let second = 1_000_000_000

    private func writeLast() {
        let (last, leftOut) = state.withLock { state -> (Event?, Int) in
            defer {
                state = State(notBefore: monotonicNanoseconds() + Self.second)
            }
            return (state.last, state.leftOut)
        }
        if let last { write(last, leftOut: leftOut) }
    }

    private func write(_ event: Event, leftOut: Int) {
        let count: Logger.Metadata = ["left_out": "\(leftOut)"]
        log.log(level: level, event.name, metadata: event.metadata.merging(count) { $1 })
    }
}
