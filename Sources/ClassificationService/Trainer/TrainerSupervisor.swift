internal import Dispatch
internal import Logging
internal import Synchronization

/// What a supervisor needs to know of the jobs, and may do to them.
struct TrainerQueue: Sendable {
    /// Whether a job waits for a trainer.
    let hasWork: @Sendable () throws -> Bool
    /// Gives back what a worker that is no more had claimed; says how many jobs that were.
    let release: @Sendable (_ worker: String, _ reason: String, _ countsAsTry: Bool) throws -> Int
    /// Fails the job whose turn it is.
    let failNext: @Sendable (_ reason: String) throws -> Void
}

/// Runs `trainer work` while jobs wait: one process at a time, started on demand.
///
/// A process that crashes gives its job back (the store counts attempts). One that cannot even
/// claim a job would leave it waiting for ever, so after three such starts the job fails with the
/// reason; not so if it was the store that could not be used, which is tried on and on.
final class TrainerSupervisor: Sendable {
    struct Settings: Sendable {
        var path: String
        /// The options by which a trainer finds the store.
        var store: [String]
        var niceness = 10
        /// Of a job that does not say how many.
        var threads = 1
        /// Before the second start after a crash; doubled up to `maximumBackoff` with each further.
        var backoff = Duration.milliseconds(250)
        var maximumBackoff = Duration.seconds(30)
    }

    private struct State {
        var process: TrainerProcess?
        var crashes = 0
        /// Crashes in a row of processes that had not even claimed a job.
        var fruitlessStarts = 0
        var notBefore = ContinuousClock.now
        var isStopping = false
        /// Why the last process ended, while its job could not be given back.
        var unreleased: String?
    }

    /// What the processes of this server call themselves; one runs at a time.
    static let workerID = "local"

    private let settings: Settings
    private let queue: TrainerQueue
    private let log: Logger
    private let state = Mutex(State())
    private let serial = DispatchQueue(label: "elman.trainer")
    private let waiter = DispatchQueue(label: "elman.trainer.wait")
    private let ended = DispatchSemaphore(value: 0)

    init(settings: Settings, queue: TrainerQueue, log: Logger) {
        self.settings = settings
        self.queue = queue
        self.log = log
    }

    /// Gives back what a trainer of a server before this one had claimed.
    ///
    /// No other server has the store, so that trainer is no more, or about to end: its standard
    /// input has. Should it still write, the store refuses that.
    func takeBackJobs() throws {
        let count = try queue.release(
            Self.workerID,
            "the server ended while the job ran",
            true
        )
        if count > 0 { log.notice("jobs_released", metadata: ["count": "\(count)"]) }
    }

    /// Starts a process if a job waits and none runs; returns at once.
    func wake() { serial.async { self.startIfNeeded() } }

    /// Ends the process at once, as for a cancel that it does not heed; its job is given back.
    func endCurrent() { state.withLock { $0.process?.end() } }

    /// Ends the process and starts no other.
    ///
    /// - Parameter grace: how long it may take to give its job back by itself.
    func stop(grace: Duration) {
        let isRunning = state.withLock { state in
            state.isStopping = true
            state.process?.terminate()
            return state.process != nil
        }
        guard isRunning else { return }
        let milliseconds = Int(grace / .milliseconds(1))
        if ended.wait(timeout: .now() + .milliseconds(milliseconds)) == .timedOut {
            endCurrent()
            ended.wait()
        }
    }

    private func startIfNeeded() {
        let wait: Duration? = state.withLock { state in
            state.isStopping || state.process != nil ? nil : state.notBefore - .now
        }
        guard let wait else { return }
        if wait > .zero {
            let milliseconds = Int(wait / .milliseconds(1)) + 1
            serial.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
                self.startIfNeeded()
            }
            return
        }
        do {
            if let reason = state.withLock({ $0.unreleased }) {
                _ = try queue.release(Self.workerID, reason, false)
                state.withLock { $0.unreleased = nil }
            }
            guard try queue.hasWork() else {
                state.withLock { $0.fruitlessStarts = 0 }
                return
            }
            start()
        } catch { log.warning("trainer_queue_failed", metadata: ["reason": "\(error)"]) }
    }

    private func start() {
        let arguments =
            ["work"] + settings.store + [
                "--until-idle", "--exit-with-parent", "--worker-id", Self.workerID,
                "--threads", "\(settings.threads)",
            ]
        do {
            let process = try TrainerProcess(
                path: settings.path,
                arguments: arguments,
                niceness: settings.niceness
            )
            let isStopping = state.withLock { state in
                state.process = process
                return state.isStopping
            }
            if isStopping { process.terminate() }
            log.info("trainer_started", metadata: ["pid": "\(process.id)"])
            waiter.async { self.waitForEnd(of: process) }
        } catch {
            log.error("trainer_not_started", metadata: ["reason": "\(error)"])
            afterEnd(crashReason: "the trainer cannot be started: \(error)", isFruitless: true)
        }
    }

    private func waitForEnd(of process: TrainerProcess) {
        let (ending, lastLine) = process.wait()
        let isStopping = state.withLock { $0.isStopping }
        let isFine = ending == .exit(0)
        log.log(
            level: isFine || isStopping ? .info : .error,
            "trainer_ended",
            metadata: ["pid": "\(process.id)", "ending": "\(ending)", "last_line": "\(lastLine)"]
        )
        let reason =
            isStopping
            ? "the server was stopped while the job ran" : "the trainer ended with \(ending)"
        // As sysexits.h has them: no input, input or output error. Then the store is to blame, no
        // job.
        let isStoreTrouble = ending == .exit(66) || ending == .exit(74)
        var released: Int?
        do {
            let countsAsTry = !isStopping && !isStoreTrouble
            released = try queue.release(Self.workerID, reason, countsAsTry)
        } catch {
            // The next wake tries again.
            log.error("jobs_not_released", metadata: ["reason": "\(error)"])
            state.withLock { $0.unreleased = reason }
        }
        let isFruitless = released == 0 && !isStoreTrouble
        serial.async {
            self.afterEnd(crashReason: isFine ? nil : reason, isFruitless: isFruitless)
        }
    }

    private func afterEnd(crashReason: String?, isFruitless: Bool) {
        let (isStopping, isHopeless) = state.withLock { state in
            state.process = nil
            state.crashes = crashReason == nil ? 0 : state.crashes + 1
            let factor = 1 << min(max(state.crashes - 1, 0), 16)
            let backoff = min(settings.backoff * factor, settings.maximumBackoff)
            state.notBefore = .now + (crashReason == nil ? .zero : backoff)
            let isWorse = crashReason != nil && isFruitless
            state.fruitlessStarts = isWorse ? state.fruitlessStarts + 1 : 0
            return (state.isStopping, state.fruitlessStarts >= 3)
        }
        if isStopping {
            ended.signal()
            return
        }
        if isHopeless, let crashReason {
            do { try queue.failNext(crashReason) } catch {
                log.error("job_not_failed", metadata: ["reason": "\(error)"])
            }
            state.withLock { $0.fruitlessStarts = 0 }
        }
        startIfNeeded()
    }
}
