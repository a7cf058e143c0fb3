public import Logging
internal import Synchronization

/// Logs events of one kind at most once a second, each with how many before it were left out.
public final class ThrottledLog: Sendable {
    private let log: Logger
    private let state = Mutex((leftOut: 0, notBefore: 0))

    /// Makes a throttle before a log.
    public init(_ log: Logger) { self.log = log }

    /// Logs a warning, or counts it for the next one.
    ///
    /// - Parameters:
    ///   - event: the event's name.
    ///   - metadata: its facts.
    public func warning(_ event: Logger.Message, metadata: Logger.Metadata) {
        let now = monotonicNanoseconds()
        let leftOut: Int? = state.withLock { state in
            guard now >= state.notBefore else {
                state.leftOut += 1
                return nil
            }
            defer { state = (0, now + 1_000_000_000) }
            return state.leftOut
        }
        guard let leftOut else { return }
        log.warning(event, metadata: metadata.merging(["left_out": "\(leftOut)"]) { $1 })
    }
}
