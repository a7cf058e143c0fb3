@preconcurrency internal import Dispatch
internal import Logging
internal import Store
internal import Synchronization

/// Loads what is there at the start, then looks for changes that others make to the store; on a
/// thread of its own.
final class StoreFollower: Sendable {
    /// What changes of the store are told to.
    struct Listeners: Sendable {
        let models: LiveModels
        let jobs: JobMetrics
        let notices: JobNotices?
        let waiters: JobWaiters
        let followers: JobFollowers
        let supervisor: TrainerSupervisor?
        let shadows: Shadows
        let connections: ConnectionMetrics
    }

    private let store: any Store
    private let listeners: Listeners
    private let log: Logger
    private let inspection: StoreInspection
    private let isStopping = Atomic<Bool>(false)
    /// Whether a look is due that has not begun.
    private let isWoken = Atomic<Bool>(false)
    private let isLoaded = DispatchSemaphore(value: 0)
    /// Ends a wait for the store when this stops.
    private let pause = DispatchSemaphore(value: 0)
    private let timer: any DispatchSourceTimer
    private let queue = DispatchQueue(label: "elman.watch")
    /// What had changed in the store at the last look.
    private let lastSeen = Mutex<ChangeMark?>(nil)
    /// When silent workers and a failing disk were last looked after, on the monotonic clock.
    private let lastLook = Mutex(0)
    private let currentTrouble = Mutex<String?>(nil)

    /// - Parameters:
    ///   - store: what is followed.
    ///   - listeners: who is told.
    ///   - inspection: looks for damage, when it is asked to.
    ///   - log: learns when the store fails.
    init(
        _ store: any Store,
        _ listeners: Listeners,
        inspection: StoreInspection,
        log: Logger
    ) {
        self.store = store
        self.inspection = inspection
        self.listeners = listeners
        self.log = log
        timer = DispatchSource.makeTimerSource(queue: queue)
    }

    deinit {
        // Dispatch stops the program if a source goes that was never active.
        timer.activate()
        timer.cancel()
    }

    /// Why the store could not keep the last change, or did not answer at the last look; nil if it
    /// did both.
    ///
    /// Whoever was refused a change finds this here at once, and not until the store has kept one
    /// again is it gone.
    var trouble: String? {
        store.writeTrouble?.clientReason ?? currentTrouble.withLock { $0 }
    }

    /// The bytes that the store takes where it lies.
    var byteCount: Int { store.byteCount }

    /// What is damaged in the store, from when it is found until it is gone; nil if nothing is.
    var damage: String? { inspection.damage }

    /// Begins to load; then looks for changes, again and again.
    ///
    /// - Parameters:
    ///   - directory: files to be imported first.
    ///   - interval: between two looks.
    ///   - isReady: called when all is loaded or refused.
    func start(
        loading directory: ModelDirectory,
        every interval: Duration,
        isReady: @escaping @Sendable () -> Void
    ) {
        let milliseconds = Int(max(interval, store.lookInterval) / .milliseconds(1))
        timer.schedule(deadline: .now(), repeating: .milliseconds(milliseconds))
        timer.setEventHandler { [weak self] in
            self?.look()
            self?.inspection.lookIfDue()
        }
        queue.async { [weak self] in self?.load(directory, isReady) }
    }

    /// Loads files first: one that replaces a stored version saves that from being loaded.
    ///
    /// A store behind a network may not be there yet, or go meanwhile; this waits for it.
    private func load(_ directory: ModelDirectory, _ isReady: () -> Void) {
        let models = listeners.models
        while !isStopping.load(ordering: .relaxed) {
            do throws(StoreError) {
                _ = try store.changeMark()
                note(nil)
                guard try models.importNext(of: directory) else { break }
            } catch {
                note(error)
                guard case .unreachable = error else { break }
                _ = pause.wait(timeout: .now() + .milliseconds(250))
            }
        }
        guard !isStopping.load(ordering: .relaxed) else { return models.abandonWaiters() }
        look()
        models.finishStart()
        isReady()
        isLoaded.signal()
        timer.activate()
        store.announceChanges { [weak self] in self?.wake() }
        listeners.supervisor?.wake()
    }

    /// Waits until everything that was there at the start is loaded or refused.
    func waitUntilLoaded() {
        isLoaded.wait()
        isLoaded.signal()
    }

    /// Looks no more.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        pause.signal()
        timer.cancel()
        queue.sync {}
    }

    /// Looks as soon as it can.
    private func wake() {
        guard !isWoken.exchange(true, ordering: .relaxed) else { return }
        queue.async { [weak self] in
            guard let self else { return }
            isWoken.store(false, ordering: .relaxed)
            if !isStopping.load(ordering: .relaxed) { look() }
        }
    }

    private func look() {
        let isDue = isSecondOver()
        if case .corrupt = store.writeTrouble { inspection.suspect() }
        do throws(StoreError) {
            let mark = try store.changeMark()
            if lastSeen.withLock({ $0 }) != mark {
                try listeners.models.refresh()
                try listeners.shadows.follow()
                lastSeen.withLock { $0 = mark }
            }
            listeners.followers.serve(from: store, at: mark) {
                listeners.models.catchUp(with: $0)
            }
            try listeners.jobs.follow(store, at: mark)
            listeners.notices?.follow(at: mark)
            try lookAfterStore(isDue: isDue)
            note(nil)
        } catch {
            if case .corrupt = error { inspection.suspect() }
            // One that others keep busy can still be reported to, sooner or later.
            if error.isOutage { store.excuseSilence() }
            note(error)
        }
        if isDue { listeners.supervisor?.wake() }
        listeners.waiters.answerFinished()
        listeners.connections.logNews(log)
    }

    /// When a second is over, jobs whose worker, here or elsewhere, has gone silent go back to the
    /// queue, such workers are no longer listed, counts of shadows are kept, and a store that took
    /// nothing is tried again.
    private func lookAfterStore(isDue: Bool) throws(StoreError) {
        guard isDue else {
            if let trouble = store.writeTrouble { throw trouble }
            return
        }
        if store.writeTrouble != nil { try store.tryWriting() }
        for job in try store.reclaimSilentJobs() {
            log.warning("job_reclaimed", metadata: ["job": "\(job.id)", "state": "\(job.state)"])
            listeners.supervisor?.end(job.worker, silentFor: job.lease)
        }
        try listeners.shadows.lookAfter()
        listeners.jobs.note(try store.workers())
        for worker in try store.forgetSilentWorkers() {
            log.warning("worker_silent", metadata: ["worker": "\(worker)"])
        }
    }

    private func isSecondOver() -> Bool {
        let now = monotonicNanoseconds()
        return lastLook.withLock { last in
            guard now - last >= 1_000_000_000 else { return false }
            last = now
            return true
        }
    }

    /// Remembers whether the store answers; logs when that changes.
    private func note(_ error: StoreError?) {
        let reason = error?.clientReason
        let isNew = currentTrouble.withLock { trouble in
            defer { trouble = reason }
            return trouble != reason
        }
        guard isNew else { return }
        if let reason {
            log.error("store_failed", metadata: ["reason": "\(reason)"])
        } else {
            log.notice("store_answers_again")
        }
    }
}
