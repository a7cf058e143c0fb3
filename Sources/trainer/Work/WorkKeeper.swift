@preconcurrency internal import Dispatch
internal import Glibc
internal import Model
internal import Store
internal import Synchronization

/// Sees to it that a worker stops in time whatever its training is at, and signs for it.
///
/// A training asks at each step whether to go on, but not while rows are read and examined, nor
/// while a model is judged, which takes seconds with many rows. So this looks beside it. What the
/// training has not heeded within half a second is done for it: the job is given back or ended, and
/// the process ends or begins anew, as nothing else stops threads that compute.
///
/// It renews no lease: a training that hangs must lose its job.
final class WorkKeeper: Sendable {
    private struct State {
        var claim: Claim?
        /// What was found against the claim, and when.
        var finding: (claim: Claim, isCancelled: Bool, since: ContinuousClock.Instant)?
        /// When the store began not to answer; nil while it does.
        var silentSince: ContinuousClock.Instant?
        /// When a reason to stop was seen first.
        var stopSince: ContinuousClock.Instant?
    }

    /// How long the training may take to heed.
    private static let patience = Duration.milliseconds(500)
    private static let signInterval = 5

    private let store: any Store
    private let identity: WorkerIdentity
    private let lease: Duration
    private let stop: StopRequest
    private let state = Mutex(State())
    /// Held while a job is claimed; closed for good when the process ends.
    private let gate = Mutex(())
    private let timers: [any DispatchSourceTimer]

    /// Signs, and begins to look.
    ///
    /// - Parameters:
    ///   - store: where the jobs are.
    ///   - identity: whom it works for.
    ///   - lease: how long the worker may be silent.
    ///   - stop: whether the worker is to stop.
    init(_ store: any Store, _ identity: WorkerIdentity, lease: Duration, stop: StopRequest) {
        self.store = store
        self.lease = lease
        self.identity = identity
        self.stop = stop
        // A store that does not answer must not keep a signal from being heeded.
        timers = ["stop", "job", "sign"].map { name in
            DispatchSource.makeTimerSource(queue: DispatchQueue(label: "elman.work.\(name)"))
        }
        let actions: [@Sendable () -> Void] = [
            { [weak self] in self?.lookForStop() }, { [weak self] in self?.lookAtJob() },
            { [weak self] in self?.sign() },
        ]
        let periods = [100, 250, Self.signInterval * 1000]
        for (timer, (action, period)) in zip(timers, zip(actions, periods)) {
            timer.schedule(deadline: .now(), repeating: .milliseconds(period))
            timer.setEventHandler(handler: action)
            timer.activate()
        }
    }

    deinit { for timer in timers { timer.cancel() } }

    /// Claims a job, which is looked after from now on.
    func claim() throws(StoreError) -> ClaimedJob? {
        let claimed = try gate.withLock { _ throws(StoreError) in
            stop.isPending ? nil : try store.claim(worker: identity.name, lease: lease)
        }
        state.withLock { $0.claim = claimed?.claim }
        return claimed
    }

    /// Looks after the job no more.
    func forgetClaim() { state.withLock { ($0.claim, $0.finding) = (nil, nil) } }

    private func sign() {
        // One that cannot sign is silent, which is what others see.
        try? store.sign(identity)
    }

    /// Ends the process when it does not end by itself.
    private func lookForStop() {
        guard stop.isPending else { return }
        let since = state.withLock { state in
            let since = state.stopSince ?? .now
            state.stopSince = since
            return since
        }
        guard .now - since >= Self.patience else { return }
        // A job that is being claimed right now is given back as well, and none is claimed later.
        gate.withLock { _ in
            let released = try? store.releaseJobs(
                ofWorker: identity.name,
                reason: stop.reason,
                countsAsTry: false
            )
            for job in released ?? [] {
                StandardError.say("\(job.id): given back, because \(stop.reason)")
            }
            _exit(0)
        }
    }

    /// Stops a training whose job was cancelled, or is another worker's by now.
    private func lookAtJob() {
        guard let claim = state.withLock({ $0.claim }) else { return }
        let isCancelled: Bool
        do throws(StoreError) {
            let job = try store.job(claim.job)
            state.withLock { $0.silentSince = nil }
            let isHeld = job?.state == .running && job?.attempt == claim.attempt
            isCancelled = isHeld && job?.isCancelRequested == true
            if isHeld && !isCancelled { return }
        } catch {
            let since = state.withLock { state in
                let since = state.silentSince ?? .now
                state.silentSince = since
                return since
            }
            guard .now - since >= lease else { return }
            isCancelled = false
        }
        let finding = state.withLock { state in
            // The training may have ended meanwhile.
            guard state.claim == claim else { return state.finding }
            if state.finding?.claim != claim { state.finding = (claim, isCancelled, .now) }
            return state.finding
        }
        guard let finding, finding.claim == claim, .now - finding.since >= Self.patience else {
            return
        }
        if finding.isCancelled { try? store.end(claim, as: .cancelled) }
        beginAnew(finding.isCancelled ? "cancelled" : "no longer this worker's")
    }

    /// Replaces the program in this process by itself, as the same worker.
    ///
    /// The store may be away, and then still holds the job for that name.
    private func beginAnew(_ reason: String) {
        gate.withLock { _ in
            // The training may have heeded at last.
            guard state.withLock({ $0.finding != nil }) else { return }
            StandardError.say("the job is \(reason); the worker begins anew")
            _ = try? store.releaseJobs(ofWorker: identity.name, reason: reason, countsAsTry: false)
            // This thread lets no signals in, and the new program would inherit that.
            var none = sigset_t()
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, nil)
            let option = "--begun-anew-as"
            var arguments = CommandLine.arguments
            if !arguments.contains(option) { arguments += [option, identity.name] }
            execv("/proc/self/exe", arguments.map { strdup($0) } + [nil])
            StandardError.say("it cannot begin anew (\(String(cString: strerror(errno))))")
            _exit(Failure.Status.inputOutput.rawValue)
        }
    }
}

extension WorkerIdentity {
    /// A worker that is this process.
    init(ofThisProcess name: String, threads: Int) {
        var bytes = [CChar](repeating: 0, count: 256)
        gethostname(&bytes, bytes.count - 1)
        let host = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        self.init(
            name: name,
            host: String(decoding: host, as: UTF8.self),
            process: Int(getpid()),
            version: elmanVersion,
            threads: threads,
            startedAt: time.tv_sec * 1000 + time.tv_nsec / 1_000_000
        )
    }
}
