internal import Digest
internal import Dispatch
internal import Logging
internal import Memory
internal import Model
internal import Store
internal import Synchronization

/// What a supervisor needs to know of the jobs, and may do to them.
struct TrainerQueue: Sendable {
    /// The jobs that wait and run; waits for nobody.
    let unfinished: @Sendable () throws -> [UnfinishedJob]
    /// Finds out whether the store can be written.
    let tryWriting: @Sendable () throws -> Void
    /// Asks for a job to be cancelled.
    let cancel: @Sendable (_ job: String) throws -> Void
    /// Gives back what a worker that is no more had claimed; says how many jobs that were.
    let release: @Sendable (_ worker: String, _ reason: String, _ countsAsTry: Bool) throws -> Int
    /// Fails the job whose turn it is.
    let failNext: @Sendable (_ reason: String) throws -> Void
}

/// Runs `trainer work` while jobs wait: so many processes at once, started on demand.
///
/// A process that crashes gives its job back (the store counts attempts). One that cannot even
/// claim a job would leave it waiting for ever, so after three such starts the job fails with the
/// reason; not so if it was the store that could not be used, which is tried on and on.
///
/// A process that hangs is ended when it has been silent for its lease. That asks the store only to
/// be read: the process may have stopped while it had the store locked.
final class TrainerSupervisor: Sendable {
    struct Settings: Sendable {
        var path: String
        /// The options by which a trainer finds the store.
        var store: [String]
        /// How many processes may run at once.
        var trainers = 1
        var niceness = 10
        /// Of a job that does not say how many.
        var threads = JobThreads(of: 1)
        /// Before the second start after a crash; doubled up to `maximumBackoff` with each further.
        var backoff = Duration.milliseconds(250)
        var maximumBackoff = Duration.seconds(30)
        /// How long a process may take to heed that its job was cancelled.
        var cancelGrace = Duration.milliseconds(1500)
    }

    private struct Running {
        let process: TrainerProcess
        var pulse: TrainerPulse
        /// The job that it should have stopped, and since when.
        var cancelled: (job: String, since: Duration)?
        var order: TrainerEnd.Order?

        /// Takes note of whether its job is to be cancelled.
        mutating func note(_ job: UnfinishedJob?, at time: Duration) {
            let id = job.flatMap { $0.isCancelRequested ? $0.id : nil }
            if cancelled?.job != id { cancelled = id.map { ($0, time) } }
        }
    }

    /// A job of a process that has ended, while the store does not take it back.
    private struct Unreleased {
        let worker: String
        let end: TrainerEnd
    }

    private struct State {
        /// The processes by the names under which they claim jobs.
        var running: [String: Running] = [:]
        var unreleased: [Unreleased] = []
        /// The jobs whose cancellation their processes must heed in time.
        var cancelled: Set<String> = []
        var crashes = 0
        /// Crashes in a row of processes that had not even claimed a job.
        var fruitlessStarts = 0
        var notBefore = ContinuousClock.now
        var isStopping = false
    }

    /// What the names of this server's processes begin with; each process has a name of its own.
    static let namePrefix = "local-"
    /// The name of all processes of earlier builds.
    private static let oldName = "local"

    private let settings: Settings
    private let queue: TrainerQueue
    private let log: Logger
    private let clock: @Sendable () -> Duration
    private let state = Mutex(State())
    private let serial = DispatchQueue(label: "elman.trainer")
    /// Entered once for each process.
    private let processes = DispatchGroup()

    init(
        settings: Settings,
        queue: TrainerQueue,
        log: Logger,
        clock: @escaping @Sendable () -> Duration = { .nanoseconds(monotonicNanoseconds()) }
    ) {
        self.settings = settings
        self.queue = queue
        self.log = log
        self.clock = clock
    }

    /// Gives back what trainers of a server before this one had claimed.
    ///
    /// No other server has the store, so those trainers are no more, or about to end: their
    /// standard input has. Should one still write, the store refuses that. Names of this server's
    /// own processes are not among them.
    func takeBackJobs() throws {
        let own = state.withLock { Set($0.running.keys) }
        let gone = Set(try queue.unfinished().compactMap { $0.run?.worker }).subtracting(own)
            .filter { $0 == Self.oldName || $0.hasPrefix(Self.namePrefix) }
        var count = 0
        for worker in gone {
            count += try queue.release(worker, "the server ended while the job ran", true)
        }
        if count > 0 { log.notice("jobs_released", metadata: ["count": "\(count)"]) }
    }

    /// Looks after the processes, and starts some if jobs wait; returns at once.
    ///
    /// To be called when a job comes, and once a second.
    func wake() { serial.async { self.look() } }

    /// What is wrong with a process that does not report; nil if all do.
    var trouble: String? {
        state.withLock { state in
            let stalled = state.running.values.filter { $0.pulse.isStalled }
            guard let worst = stalled.max(by: { $0.pulse.silence < $1.pulse.silence }) else {
                return nil
            }
            let silence = Int(worst.pulse.silence / .seconds(1))
            let lease = Int(worst.pulse.lease / .seconds(1))
            return "a trainer (process \(worst.process.id)) has not reported for \(silence) "
                + "seconds; after \(lease) it is ended and another one started"
        }
    }

    /// Ends the process that has a job, if it has not ended the job in a short time.
    ///
    /// - Parameter job: a job that is being cancelled.
    func endUnlessStopped(_ job: String) {
        state.withLock { _ = $0.cancelled.insert(job) }
        let milliseconds = Int(settings.cancelGrace / .milliseconds(1))
        // Not on the queue of its own, which may be waiting for the store.
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
            guard self.state.withLock({ $0.cancelled.remove(job) }) != nil,
                let jobs = try? self.queue.unfinished(),
                let worker = jobs.first(where: { $0.id == job })?.run?.worker
            else { return }
            self.end(worker, .cancel(job: job))
        }
    }

    /// Lets the process go on with a job, which could not be cancelled.
    func keep(_ job: String) { state.withLock { _ = $0.cancelled.remove(job) } }

    /// Ends the process that had a job, which was taken back for its silence.
    func end(_ worker: String, silentFor lease: Duration) { end(worker, .silence(lease)) }

    /// Ends all processes and starts no other.
    ///
    /// - Parameter grace: how long they may take to give their jobs back by themselves.
    func stop(grace: Duration) {
        let running = state.withLock { state in
            state.isStopping = true
            return state.running.values.map(\.process)
        }
        for process in running { process.terminate() }
        let milliseconds = Int(grace / .milliseconds(1))
        if processes.wait(timeout: .now() + .milliseconds(milliseconds)) == .timedOut {
            for worker in state.withLock({ Array($0.running.keys) }) { end(worker, .stop) }
            processes.wait()
        }
    }

    private func end(_ worker: String, _ order: TrainerEnd.Order) {
        let process = state.withLock { state -> TrainerProcess? in
            guard state.running[worker] != nil, state.running[worker]?.order == nil else {
                return nil
            }
            state.running[worker]?.order = order
            return state.running[worker]?.process
        }
        guard let process else { return }
        log.warning(
            "trainer_killed",
            metadata: ["pid": "\(process.id)", "reason": "\(order.reason)"]
        )
        process.end()
    }
}

// What is done on the queue of its own.
extension TrainerSupervisor {
    private func look() {
        do {
            var jobs = try queue.unfinished()
            watch(jobs)
            if try releaseEnded() { jobs = try queue.unfinished() }
            startAsNeeded(for: jobs)
        } catch { log.warning("trainer_queue_failed", metadata: ["reason": "\(error)"]) }
    }

    /// Ends processes that have been silent for too long, or that do not heed a cancellation,
    /// whoever asked for it.
    private func watch(_ jobs: [UnfinishedJob]) {
        let now = clock()
        let own = Dictionary(
            jobs.compactMap { job in job.run.map { ($0.worker, job) } },
            uniquingKeysWith: { first, _ in first }
        )
        let overdue = state.withLock { state in
            for (worker, running) in state.running {
                let job = own[worker]
                let sign = TrainerPulse.Sign(
                    job: job?.id,
                    run: job?.run,
                    processorTicks: running.process.processorTicks
                )
                state.running[worker]?.pulse.note(sign, at: now)
                state.running[worker]?.note(job, at: now)
            }
            return state.running.filter { $0.value.order == nil && $0.value.pulse.isOverdue }
                .mapValues(\.pulse)
        }
        for (worker, running) in state.withLock({ $0.running }) {
            guard let cancelled = running.cancelled, now - cancelled.since >= settings.cancelGrace
            else { continue }
            end(worker, .cancel(job: cancelled.job))
        }
        for (worker, pulse) in overdue {
            // One that works may be unable to report, because others have locked the store.
            guard pulse.isStuck || (try? queue.tryWriting()) != nil else { continue }
            end(worker, .silence(pulse.silence))
        }
    }

    /// Whether there was something to give back, which is given back now.
    private func releaseEnded() throws -> Bool {
        var hasReleased = false
        while let first = state.withLock({ $0.unreleased.first }) {
            // The store had trouble then: no job loses an attempt to that.
            _ = try release(first.worker, first.end, countsAsTry: false)
            state.withLock { $0.unreleased.removeAll { $0.worker == first.worker } }
            hasReleased = true
        }
        return hasReleased
    }

    private func startAsNeeded(for jobs: [UnfinishedJob]) {
        let busy = Set(jobs.compactMap { $0.run?.worker })
        let models = Set(jobs.filter { $0.run == nil }.map(\.model))
            .subtracting(jobs.filter { $0.run != nil }.map(\.model))
        let (count, wait) = state.withLock { state -> (Int, Duration) in
            if models.isEmpty { state.fruitlessStarts = 0 }
            if state.isStopping { return (0, .zero) }
            // Those without a job will find one.
            let free = state.running.keys.count { !busy.contains($0) }
            let count = min(settings.trainers - state.running.count, models.count - free)
            return (count, state.notBefore - .now)
        }
        guard count > 0 else { return }
        guard wait <= .zero else {
            let milliseconds = Int(wait / .milliseconds(1)) + 1
            return serial.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
                self.look()
            }
        }
        for _ in 0..<count { start() }
    }

    private func start() {
        let worker = RandomIdentifier.make(prefix: Self.namePrefix)
        let arguments =
            ["work"] + settings.store + [
                "--until-idle", "--exit-with-parent", "--worker-id", worker,
                "--threads", "\(settings.threads.long)",
                "--short-threads", "\(settings.threads.short)",
            ]
        let kills = SystemMemory().outOfMemoryKills
        do {
            let process = try TrainerProcess(
                path: settings.path,
                arguments: arguments,
                niceness: settings.niceness
            )
            processes.enter()
            let isStopping = state.withLock { state in
                state.running[worker] = Running(process: process, pulse: TrainerPulse(at: clock()))
                return state.isStopping
            }
            if isStopping { process.terminate() }
            log.info("trainer_started", metadata: ["pid": "\(process.id)"])
            DispatchQueue(label: "elman.trainer.wait").async {
                self.waitForEnd(of: process, worker, outOfMemoryKills: kills)
            }
        } catch {
            log.error("trainer_not_started", metadata: ["reason": "\(error)"])
            afterEnd(nil, crashReason: "the trainer cannot be started: \(error)", isFruitless: true)
        }
    }

    private func waitForEnd(
        of process: TrainerProcess,
        _ worker: String,
        outOfMemoryKills before: Int?
    ) {
        let (ending, output) = process.wait()
        let (order, isStopping) = state.withLock { ($0.running[worker]?.order, $0.isStopping) }
        var kills: Int?
        if let before, let after = SystemMemory().outOfMemoryKills {
            kills = max(0, after - before)
        }
        let end = TrainerEnd(
            ending: ending,
            output: output,
            outOfMemoryKills: kills,
            order: isStopping ? .stop : order
        )
        log.log(
            level: end.isFine || isStopping ? .info : .error,
            "trainer_ended",
            metadata: [
                "pid": "\(process.id)", "ending": "\(ending)", "last_line": "\(end.lastLine)",
                "reason": "\(end.isFine ? "no job waits" : end.reason)",
            ]
        )
        var released: Int?
        do {
            released = try release(
                worker,
                end,
                countsAsTry: !isStopping && !end.isStoreTrouble
            )
        } catch {
            // The next look tries again.
            log.error("jobs_not_released", metadata: ["reason": "\(error)"])
            state.withLock { $0.unreleased.append(Unreleased(worker: worker, end: end)) }
        }
        let isFruitless = released == 0 && !end.isStoreTrouble
        serial.async {
            self.afterEnd(
                worker,
                crashReason: end.isFine ? nil : end.reason,
                isFruitless: isFruitless
            )
        }
    }

    private func release(
        _ worker: String,
        _ end: TrainerEnd,
        countsAsTry: Bool
    ) throws -> Int {
        if case .cancel(let job) = end.order { try queue.cancel(job) }
        return try queue.release(worker, end.reason, countsAsTry)
    }

    /// Looks after what comes next when a process has ended, or none could be started (nil).
    private func afterEnd(_ worker: String?, crashReason: String?, isFruitless: Bool) {
        let isHopeless = state.withLock { state in
            if let worker { state.running[worker] = nil }
            state.crashes = crashReason == nil ? 0 : state.crashes + 1
            let factor = 1 << min(max(state.crashes - 1, 0), 16)
            let backoff = min(settings.backoff * factor, settings.maximumBackoff)
            state.notBefore = .now + (crashReason == nil ? .zero : backoff)
            let isWorse = crashReason != nil && isFruitless
            state.fruitlessStarts = isWorse ? state.fruitlessStarts + 1 : 0
            return !state.isStopping && state.fruitlessStarts >= 3
        }
        if worker != nil { processes.leave() }
        if isHopeless, let crashReason {
            do { try queue.failNext(crashReason) } catch {
                log.error("job_not_failed", metadata: ["reason": "\(error)"])
            }
            state.withLock { $0.fruitlessStarts = 0 }
        }
        if !state.withLock({ $0.isStopping }) { wake() }
    }
}
