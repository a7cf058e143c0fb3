internal import Logging
internal import Memory
internal import Store
internal import Synchronization

/// The versions that run in shadow here: as the store says, each loaded and asked.
///
/// Every server that shares the store runs them for its own traffic. What each counts goes to the
/// store every few seconds, so that all tell the same.
final class Shadows: Sendable {
    /// What a version needs before it can run.
    struct Prepared: Sendable {
        let version: ServedModel
        /// The memory of its queue.
        let taken: MemoryReservation
    }

    private struct State {
        /// By the name of the model.
        var runs: [String: ShadowRun] = [:]
        /// Those that cannot be loaded at the moment: which version, and why.
        var waiting: [String: (version: Int, detail: String)] = [:]
        /// When that was last tried, on the monotonic clock.
        var lastTry = 0
        var lastStoring = 0
        var hasFailed = false
    }

    private static let storingInterval = 5_000_000_000
    private static let retryInterval = 10_000_000_000

    private let store: any Store
    private let models: LiveModels
    private let log: Logger
    private let thread = ShadowThread()
    private let state = Mutex(State())
    /// Held while versions are loaded.
    private let following = Mutex<Void>(())
    /// Held while counts go to the store, or are read there.
    private let counting = Mutex<Void>(())

    /// - Parameters:
    ///   - store: says what runs, and keeps what was counted.
    ///   - models: loads versions.
    ///   - log: learns what begins and ends.
    init(_ store: any Store, _ models: LiveModels, log: Logger) {
        self.store = store
        self.models = models
        self.log = log
    }

    // MARK: - Following the store

    /// Loads a version that is to run in shadow, and takes the memory for it.
    func prepare(_ version: Int, of model: String) throws(ServiceError) -> Prepared {
        let loaded = try models.load(model, version: version)
        guard let taken = models.budget.reserve(ShadowQueue.byteCount, for: .work) else {
            throw .outOfMemory
        }
        return Prepared(version: loaded, taken: taken)
    }

    /// Begins and ends what the store says.
    ///
    /// - Parameter prepared: a version that is ready already.
    /// - Throws: `StoreError` if the store does not answer; what runs goes on.
    func follow(with prepared: Prepared? = nil) throws(StoreError) {
        try following.withLock { _ throws(StoreError) in
            let wanted = try store.runningShadows()
            let before = state.withLock { $0.runs }
            var runs: [String: ShadowRun] = [:]
            var waiting: [String: (version: Int, detail: String)] = [:]
            for record in wanted {
                if let run = before[record.model], run.candidate.version == record.version {
                    run.setShare(record.share)
                    runs[record.model] =
                        run.liveVersion == record.liveVersion
                        ? run : run.against(record.liveVersion, share: record.share)
                    continue
                }
                do throws(ServiceError) {
                    runs[record.model] = try begin(record, prepared)
                } catch { waiting[record.model] = (record.version, error.problem.detail) }
            }
            try change(to: runs, waiting, from: before)
        }
    }

    private func begin(
        _ record: ShadowRecord,
        _ prepared: Prepared?
    ) throws(ServiceError) -> ShadowRun {
        let parts: Prepared
        if let prepared, prepared.version.name == record.model,
            prepared.version.version == record.version
        {
            parts = prepared
        } else {
            parts = try prepare(record.version, of: record.model)
        }
        return ShadowRun(
            parts.version,
            against: record.liveVersion,
            share: record.share,
            taken: parts.taken
        )
    }

    private func change(
        to runs: [String: ShadowRun],
        _ waiting: [String: (version: Int, detail: String)],
        from before: [String: ShadowRun]
    ) throws(StoreError) {
        let known = state.withLock { state in
            defer {
                state.runs = runs
                state.waiting = waiting
                state.lastTry = monotonicNanoseconds()
            }
            return state.waiting
        }
        for (model, run) in before where runs[model] !== run {
            if runs[model] == nil { models.taps.tap(of: model).lead(to: nil) }
            keep(run)
        }
        for (model, run) in runs where before[model] !== run {
            models.taps.tap(of: model).lead(to: run)
        }
        thread.serve(Array(runs.values))
        for (model, run) in runs where before[model]?.candidate !== run.candidate {
            tell("shadow_runs", model, run.candidate.version)
        }
        for (model, one) in waiting where known[model]?.version != one.version {
            tell("shadow_waits", model, one.version, one.detail)
        }
        for (model, run) in before where runs[model]?.candidate !== run.candidate {
            let version = run.candidate.version
            let record = try store.shadows(of: model).first { $0.version == version }
            tell("shadow_ended", model, version, record?.end?.rawValue ?? "deleted")
        }
    }

    private func tell(_ event: String, _ model: String, _ version: Int, _ reason: String? = nil) {
        var metadata: Logger.Metadata = ["model": "\(model)", "version": "\(version)"]
        if let reason { metadata["reason"] = "\(reason)" }
        log.notice("\(event)", metadata: metadata)
    }

    /// Every second: brings what was counted to the store when it is time, and tries again what
    /// could not be loaded.
    func lookAfter() throws(StoreError) {
        let now = monotonicNanoseconds()
        let (isDue, retries) = state.withLock { state in
            let isDue = now - state.lastStoring >= Self.storingInterval
            if isDue { state.lastStoring = now }
            return (isDue, !state.waiting.isEmpty && now - state.lastTry >= Self.retryInterval)
        }
        if isDue { keepAll() }
        if retries { try follow() }
    }

    /// Ends everything; what was counted goes to the store.
    func stop() {
        let runs = state.withLock { $0.runs }
        for model in runs.keys { models.taps.tap(of: model).lead(to: nil) }
        thread.stop()
        keepAll()
    }

    private func keepAll() {
        for run in state.withLock({ $0.runs }).values { keep(run) }
    }

    /// Brings what was counted to the store; what it does not take now stays for the next time.
    private func keep(_ run: ShadowRun) {
        counting.withLock { _ in
            let new = run.unstored
            guard new.texts + new.dropped > 0 else { return }
            do throws(StoreError) {
                try store.add(new)
                run.setStored(new)
                state.withLock { $0.hasFailed = false }
            } catch {
                let isNew = state.withLock { state in
                    defer { state.hasFailed = true }
                    return !state.hasFailed
                }
                guard isNew else { return }
                let reason = error.clientReason
                log.error("shadow_counts_not_stored", metadata: ["reason": "\(reason)"])
            }
        }
    }

    // MARK: - What is told

    /// What is known of a shadow.
    struct Account: Sendable {
        let record: ShadowRecord
        /// All that was counted, by every server.
        let counts: ShadowCounts
        /// What this server has of it.
        let examples: [ShadowExample]
        /// Why it cannot run here at the moment.
        let obstacle: String?
    }

    /// The shadow that runs for a model; nil if none does.
    func running(of model: String) throws(ServiceError) -> Account? {
        try account(of: model) { $0.end == nil }
    }

    /// The shadow that a version is or was; nil if it never was one.
    func account(of model: String, version: Int) throws(ServiceError) -> Account? {
        try account(of: model) { $0.version == version }
    }

    /// The most different pairs that are told.
    private static let toldPairs = 100

    private func account(
        of model: String,
        _ isMeant: (ShadowRecord) -> Bool
    ) throws(ServiceError) -> Account? {
        let (run, obstacle) = state.withLock { ($0.runs[model], $0.waiting[model]?.detail) }
        return try counting.withLock { _ throws(ServiceError) in
            let records = try storing { () throws(StoreError) in try store.shadows(of: model) }
            guard let record = records.first(where: isMeant) else { return nil }
            let stored = try storing { () throws(StoreError) in
                try store.shadowPairs(of: model, record.version, limit: Retention.shadowPairs)
            }
            var counts = ShadowCounts(record, pairs: stored)
            let own = run.flatMap {
                $0.candidate.version == record.version && $0.liveVersion == record.liveVersion
                    ? $0 : nil
            }
            if let own { counts.add(own.unstored) }
            counts.pairs = Array(counts.pairs.prefix(Self.toldPairs))
            return Account(
                record: record,
                counts: counts,
                examples: own?.examples ?? [],
                obstacle: record.end == nil ? obstacle : nil
            )
        }
    }

    /// What runs here.
    var running: [ShadowRun] {
        state.withLock { Array($0.runs.values) }.sorted { $0.candidate.name < $1.candidate.name }
    }
}

extension ShadowCounts {
    /// What a store has counted.
    init(_ record: ShadowRecord, pairs: [ShadowPair]) {
        self.init(
            model: record.model,
            version: record.version,
            liveVersion: record.liveVersion
        )
        texts = record.texts
        agreed = record.agreed
        dropped = record.dropped
        self.pairs = pairs
    }

    /// Adds what has not come to the store yet; the most frequent pairs come first.
    mutating func add(_ more: ShadowCounts) {
        texts += more.texts
        agreed += more.agreed
        dropped += more.dropped
        for pair in more.pairs {
            let place = pairs.firstIndex { $0.live == pair.live && $0.shadow == pair.shadow }
            if let place {
                pairs[place] = ShadowPair(
                    live: pair.live,
                    shadow: pair.shadow,
                    texts: pairs[place].texts + pair.texts
                )
            } else {
                pairs.append(pair)
            }
        }
        pairs.sort {
            ($1.texts, $0.live ?? "", $0.shadow ?? "") < ($0.texts, $1.live ?? "", $1.shadow ?? "")
        }
    }
}
