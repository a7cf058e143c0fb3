internal import Dispatch
internal import HTTPClient
internal import JSON
internal import Logging
internal import Store
internal import Synchronization
internal import TextForm

/// Tells one receiver of the ends of training jobs.
///
/// The store says which ends are to be told, and gives each to one server. So what waits survives
/// a restart, and the queue here stays short. Messages go out on a thread of their own: nobody
/// waits for the receiver.
final class JobNotices: Sendable {
    /// A message on its way.
    private struct Message: Sendable {
        let job: String
        let body: [UInt8]
        /// Attempts that failed.
        var failures = 0
        /// When it is sent, on the monotonic clock in nanoseconds.
        var due: Int

        /// What receivers know it by: the same however often it comes.
        var id: String { "msg_" + job }
    }

    private struct Counts {
        var sent = 0
        var failed = 0
        var dropped = 0
        var waiting = 0
    }

    /// The pauses behind failed attempts, in seconds; behind the last one a message is dropped.
    static let pauses = [1.0, 5, 30, 120, 600, 1800, 7200]
    /// Messages that wait here; further ones wait in the store.
    private static let capacity = 64

    private let webhook: Webhook
    private let store: any Store
    private let sharesStore: Bool
    private let pauses: [Double]
    private let log: Logger
    private let queue = DispatchQueue(label: "elman.webhook")
    /// Touched by the queue alone; the lock is for the compiler.
    private let messages = Mutex<[Message]>([])
    private let counts = Mutex(Counts())
    private let isWoken = Atomic<Bool>(false)
    private let hasBegun = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)
    /// What had changed in the store when it was last asked.
    private let lastMark = Mutex<ChangeMark?>(nil)

    /// - Parameters:
    ///   - webhook: who is told.
    ///   - store: knows what is to be told.
    ///   - sharesStore: whether other servers take messages from it.
    ///   - pauses: seconds between attempts.
    ///   - log: learns what was dropped.
    init(
        _ webhook: Webhook,
        _ store: any Store,
        sharesStore: Bool,
        pauses: [Double] = JobNotices.pauses,
        log: Logger
    ) {
        self.webhook = webhook
        self.store = store
        self.sharesStore = sharesStore
        self.pauses = pauses
        self.log = log
    }

    /// Looks for ends that are to be told; does not wait.
    ///
    /// - Parameter mark: what has changed in the store; the same as before means nothing.
    func follow(at mark: ChangeMark) {
        let isNew = lastMark.withLock { last in
            defer { last = mark }
            return last != mark
        }
        guard isNew else { return }
        if !hasBegun.exchange(true, ordering: .relaxed) && !sharesStore {
            // Nobody else takes any, so these were this server's before it ended.
            queue.async { try? self.store.returnNotices(of: nil) }
        }
        wake()
    }

    private func wake() {
        guard !isWoken.exchange(true, ordering: .relaxed) else { return }
        queue.async {
            self.isWoken.store(false, ordering: .relaxed)
            self.work()
        }
    }

    /// Ends; what has not been told goes back to the store.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        let isDone = DispatchSemaphore(value: 0)
        queue.async {
            let jobs = self.messages.withLock { messages in
                defer { messages = [] }
                return messages.map(\.job)
            }
            if !jobs.isEmpty { try? self.store.returnNotices(of: jobs) }
            isDone.signal()
        }
        // A receiver that hangs keeps nobody from ending.
        _ = isDone.wait(timeout: .now() + .seconds(2))
    }

    private func work() {
        take()
        let now = monotonicNanoseconds()
        var rest: [Message] = []
        for message in messages.withLock({ $0 }) {
            guard message.due <= now, !isStopping.load(ordering: .relaxed) else {
                rest.append(message)
                continue
            }
            if let later = send(message) { rest.append(later) }
        }
        let hasRoom = rest.count < Self.capacity
        let wasFull = messages.withLock { messages in
            defer { messages = rest }
            return messages.count >= Self.capacity
        }
        counts.withLock { $0.waiting = rest.count }
        if wasFull && hasRoom { wake() }
        guard let next = rest.map(\.due).min() else { return }
        let pause = max(0, next - monotonicNanoseconds())
        queue.asyncAfter(deadline: .now() + .nanoseconds(pause)) { [weak self] in self?.work() }
    }

    /// Takes what is to be told from the store, as much as there is room for.
    private func take() {
        let room = Self.capacity - messages.withLock { $0.count }
        guard room > 0, !isStopping.load(ordering: .relaxed) else { return }
        guard let jobs = try? store.takeNotices(limit: room) else {
            // The store is away; its return is a change.
            lastMark.withLock { $0 = nil }
            return
        }
        let now = monotonicNanoseconds()
        let taken = jobs.map { Message(job: $0.id, body: Self.body(of: $0), due: now) }
        messages.withLock { $0 += taken }
    }

    /// Sends a message; returns it if it is to be sent again.
    private func send(_ message: Message) -> Message? {
        let seconds = Int(Timestamp.nowMilliseconds()) / 1000
        let headers = webhook.headers(message.id, at: seconds, message.body)
        let reason: String
        var isOver = false
        do throws(HTTPClientError) {
            let answer = try webhook.client.post(message.body, headers: headers)
            if (200..<300).contains(answer.status) {
                counts.withLock { $0.sent += 1 }
                try? store.settleNotice(of: message.job)
                return nil
            }
            reason = "the receiver at \(webhook.name) answers \(answer.status)"
            // Standard Webhooks: it wants no more messages.
            isOver = answer.status == 410
        } catch { reason = error.sentence(about: "the receiver") }
        counts.withLock { $0.failed += 1 }
        guard !isOver, message.failures < pauses.count else {
            counts.withLock { $0.dropped += 1 }
            try? store.settleNotice(of: message.job)
            log.error(
                "webhook_dropped",
                metadata: ["job": "\(message.job)", "reason": "\(Printable.text(reason))"]
            )
            return nil
        }
        if message.failures == 0 {
            log.warning(
                "webhook_failed",
                metadata: ["job": "\(message.job)", "reason": "\(Printable.text(reason))"]
            )
        }
        // Servers that failed together do not come back together.
        let pause = pauses[message.failures] * Double.random(in: 0.8...1.2)
        var later = message
        later.failures += 1
        later.due = monotonicNanoseconds() + Int(pause * 1e9)
        return later
    }

    /// A message: what happened, when, and the job as `GET /train` lists it.
    private static func body(of job: Job) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("type", string: "job." + job.state.rawValue)
        json.member("timestamp", time: job.finishedAt ?? job.createdAt)
        json.key("data")
        json.beginObject()
        json.members(of: job)
        json.endObject()
        json.endObject()
        return json.finish()
    }

    func write(to text: inout String) {
        let counts = counts.withLock { $0 }
        text +=
            "# HELP elman_webhook_messages_total Ends of jobs, by what became of telling them.\n"
        text += "# TYPE elman_webhook_messages_total counter\n"
        text += "elman_webhook_messages_total{outcome=\"sent\"} \(counts.sent)\n"
        text += "elman_webhook_messages_total{outcome=\"dropped\"} \(counts.dropped)\n"
        text += "# HELP elman_webhook_failures_total Attempts to send a message that failed.\n"
        text += "# TYPE elman_webhook_failures_total counter\n"
        text += "elman_webhook_failures_total \(counts.failed)\n"
        text += "# HELP elman_webhook_waiting Messages that wait to be sent.\n"
        text += "# TYPE elman_webhook_waiting gauge\nelman_webhook_waiting \(counts.waiting)\n"
    }
}
