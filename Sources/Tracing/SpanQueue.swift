internal import Dispatch
internal import Synchronization

/// Spans on their way to a collector, sent by one thread of their own.
///
/// Who hands spans over never waits. Spans that find the queue full are dropped and counted, and
/// so are those that the collector does not take.
final class SpanQueue: Sendable {
    private struct State {
        var waiting: [Span] = []
        var isScheduled = false
        var dropped = 0
        var sent = 0
        /// Whether the last request failed; the log hears of changes alone.
        var isFailing = false
    }

    private let length: Int
    private let batchLength: Int
    private let delay: Int
    /// Sends spans; returns why it could not.
    private let send: @Sendable ([Span]) -> String?
    private let tell: @Sendable (TracingNews) -> Void
    private let state = Mutex(State())
    private let sender = DispatchQueue(label: "elman.traces")

    /// - Parameters:
    ///   - length: spans that may wait.
    ///   - batchLength: spans that are sent at once.
    ///   - delay: milliseconds that the first of them waits for others.
    ///   - tell: hears when the collector does not answer, and when it does again.
    ///   - send: sends spans, for as long as it takes; returns why it could not.
    init(
        length: Int,
        batchLength: Int,
        delay: Int,
        tell: @escaping @Sendable (TracingNews) -> Void,
        send: @escaping @Sendable ([Span]) -> String?
    ) {
        self.length = length
        self.batchLength = batchLength
        self.delay = delay
        self.tell = tell
        self.send = send
    }

    /// Spans that were dropped since the start.
    var dropped: Int { state.withLock { $0.dropped } }

    /// Spans that the collector has taken.
    var sent: Int { state.withLock { $0.sent } }

    /// Takes the spans of one request, all or none.
    func append(_ spans: [Span]) {
        let isFirst = state.withLock { state in
            guard state.waiting.count + spans.count <= length else {
                state.dropped += spans.count
                return false
            }
            state.waiting += spans
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        guard isFirst else { return }
        sender.asyncAfter(deadline: .now() + .milliseconds(delay)) { self.sendWaiting() }
    }

    /// Sends what waits now, but does not wait longer than that.
    func flush(within limit: Duration) {
        let isDone = DispatchSemaphore(value: 0)
        sender.async {
            self.sendWaiting()
            isDone.signal()
        }
        _ = isDone.wait(timeout: .now() + .milliseconds(Int(limit / .milliseconds(1))))
    }

    private func sendWaiting() {
        while true {
            let batch = state.withLock { state in
                let batch = Array(state.waiting.prefix(batchLength))
                state.waiting.removeFirst(batch.count)
                state.isScheduled = !batch.isEmpty
                return batch
            }
            if batch.isEmpty { return }
            let failure = send(batch)
            let news: TracingNews? = state.withLock { state in
                if failure == nil {
                    state.sent += batch.count
                } else {
                    state.dropped += batch.count
                }
                let wasFailing = state.isFailing
                state.isFailing = failure != nil
                if let failure, !wasFailing { return .failing(failure) }
                return failure == nil && wasFailing ? .working : nil
            }
            if let news { tell(news) }
        }
    }
}

/// What an operator is told of the way to the collector.
public enum TracingNews: Sendable, Equatable {
    /// Spans are dropped since now, with the reason.
    case failing(String)
    /// The collector takes them again.
    case working
}
