internal import CMalloc
internal import Logging
internal import Memory
internal import Model
internal import Store
internal import Synchronization
internal import TextForm

/// Keeps what serves in step with what the store says is live.
///
/// A version is loaded and checked beside the one that serves, then swapped in, as soon as it is
/// ready; requests take a snapshot and never wait for that, except for a model that a starting
/// service has not loaded yet, or that is not in memory. A version that cannot be loaded is never
/// served: the old one stays.
final class LiveModels: Sendable {
    struct Progress {
        var loaded: LoadedModels
        /// Every live version that can serve, in memory or not.
        var cards: [String: ModelCard] = [:]
        /// What the store said last; the oldest model first.
        var live: [LiveVersion] = []
        /// Versions that were refused, so that they are not read again at each change.
        var refused: [LiveVersion: ServingProblem] = [:]
        /// Versions that could not be read at the last look, but may be at the next.
        var unread: [LiveVersion: ServingProblem] = [:]
        var fileProblems: [ServingProblem] = []
        /// Files that a starting service has still to look at.
        var files: ArraySlice<String> = []
        var isStarting = true

        func isSettled(_ version: LiveVersion) -> Bool {
            cards[version.model]?.version == version || refused[version] != nil
        }
    }

    let store: any Store
    private let defaultName: String?
    let textRule: TextRule
    let metrics: PredictionMetrics
    /// Where predictions are remembered, if they are.
    let memory: PredictionMemory?
    /// Where live versions offer what they answer.
    let taps = ShadowTaps()
    /// What models take memory from.
    let budget: MemoryBudget
    let log: Logger
    private let current = CurrentSnapshot(ModelSnapshot(isStarting: true))
    /// Held while a version is loaded; requests never take it.
    let progress: Mutex<Progress>
    let others = VersionCache(capacity: 4)
    private let waiters = LoadWaiters(
        limit: Limits.waitingRequests,
        byteLimit: Limits.waitingBytes
    )

    init(
        store: any Store,
        defaultName: String?,
        metrics: PredictionMetrics,
        textRule: TextRule,
        memory: PredictionMemory?,
        budget: MemoryBudget,
        log: Logger
    ) {
        self.budget = budget
        progress = Mutex(Progress(loaded: LoadedModels(share: budget.limit / 4)))
        self.textRule = textRule
        self.memory = memory
        self.store = store
        self.defaultName = defaultName
        self.metrics = metrics
        self.log = log
    }

    /// What serves at this moment.
    var snapshot: ModelSnapshot { current.value }

    // MARK: - Start

    /// Says which files are still to be looked at.
    func expect(_ directory: ModelDirectory) {
        progress.withLock { progress in
            progress.files = directory.files[...]
            publish(progress)
        }
    }

    /// Brings the next expected file into the store, and serves it if it is live.
    ///
    /// - Returns: false if no file was left.
    /// - Throws: `unreachable` when the store is away; then the file stays expected.
    func importNext(of directory: ModelDirectory) throws(StoreError) -> Bool {
        try progress.withLock { progress throws(StoreError) in
            guard let file = progress.files.first else { return false }
            do { try take(file, of: directory, &progress) } catch {
                if let error = error as? StoreError, case .unreachable = error { throw error }
                let reason =
                    switch error {
                    case let error as CheckpointError:
                        error.field.isEmpty ? error.reason : "\(error.field) \(error.reason)"
                    case let error as LoadError: error.detail
                    case let error as StoreError: "could not be stored: \(error.clientReason)"
                    default: "could not be imported"
                    }
                log.error("file_refused", metadata: ["file": "\(file)", "reason": "\(reason)"])
                progress.fileProblems.append(ServingProblem(detail: "the file \(file) \(reason)"))
            }
            progress.files.removeFirst()
            publish(progress)
            return true
        }
    }

    private func take(
        _ file: String,
        of directory: ModelDirectory,
        _ progress: inout Progress
    ) throws {
        let imported = try ModelImport(store: store, log: log).run(file, in: directory) {
            bytes throws(LoadError) in try makeRoom(toRead: bytes, &progress)
        }
        progress.live = try store.liveVersions()
        guard imported.isLive, !progress.isSettled(imported.version) else { return }
        bring(imported.version, &progress) { progress throws(LoadError) in
            guard let read = imported.read else {
                return try prepare(imported.version, imported.bytes, &progress)
            }
            return try serve(imported.version, read.checkpoint)
        }
    }

    /// Ends the time in which requests wait for models: what is not loaded now is not there.
    func finishStart() {
        progress.withLock { progress in
            progress.isStarting = false
            publish(progress)
        }
        // Loading takes several times the memory of a model, and code that serving does not need.
        return_free_memory()
        return_code_pages()
    }

    /// Calls `action` when the model can serve, or will not do so; at once if that is known.
    ///
    /// - Parameters:
    ///   - model: a name, or nil for the default model.
    ///   - bytes: what is kept in memory meanwhile.
    ///   - action: called on any thread.
    /// - Returns: false if too many wait.
    func whenLoaded(
        _ model: String?,
        bytes: Int,
        _ action: @escaping @Sendable () -> Void
    ) -> Bool {
        guard waiters.add(model, bytes: bytes, action) else { return false }
        // What it waits for may have come meanwhile.
        waiters.release(snapshot)
        return true
    }

    /// Lets go all that wait, as when the service stops.
    func abandonWaiters() { waiters.releaseAll() }

    // MARK: - Following the store

    /// Loads what has become live, and swaps each version in when it is ready.
    ///
    /// - Throws: `StoreError` if the store does not answer; what serves stays.
    func refresh() throws(StoreError) {
        let hasLoaded = try progress.withLock { progress throws(StoreError) in
            progress.live = try store.liveVersions()
            let names = Set(progress.live.map(\.model))
            progress.loaded.keep(only: names)
            progress.cards = progress.cards.filter { names.contains($0.key) }
            progress.unread = [:]
            let missing = progress.live.filter { !progress.isSettled($0) }
            for version in missing {
                bring(version, &progress) { progress throws(LoadError) in
                    if let known = others.take(version) { return known }
                    return try load(version.model, version.version, &progress)
                }
                publish(progress)
            }
            if missing.isEmpty { publish(progress) }
            return !missing.isEmpty
        }
        if hasLoaded { return_free_memory() }
    }

    /// Makes the version of a job live here, if it went live in the store.
    ///
    /// A job may have ended since the models were last looked at; who is told so must find its
    /// version.
    func catchUp(with job: Job) {
        guard job.isPromoted == true, snapshot.cards[job.model]?.version.version != job.version
        else { return }
        try? refresh()
    }

    /// Puts a version where it will be published, or notes why it cannot serve.
    private func bring(
        _ version: LiveVersion,
        _ progress: inout Progress,
        _ load: (inout Progress) throws(LoadError) -> ServedModel
    ) {
        var metadata: Logger.Metadata = [
            "model": "\(version.model)", "version": "\(version.version)",
        ]
        do throws(LoadError) {
            let model = try load(&progress)
            // At the start the first that fit stay; later what is new takes the place of others.
            let isPreferred = version.model == preferredName(progress)
            progress.cards[version.model] = ModelCard(model)
            progress.loaded.take(model, mayEvict: !progress.isStarting || isPreferred)
            metadata["digest"] = "\(version.digest)"
            log.info("version_live", metadata: metadata)
        } catch {
            let problem = ServingProblem(
                model: version.model,
                version: version.version,
                detail: error.detail
            )
            metadata["reason"] = "\(error.detail)"
            log.error("version_refused", metadata: metadata)
            switch error {
            case .checkpoint: progress.refused[version] = problem
            case .memory:
                // Whoever asks for it tries again.
                let isThere = progress.cards[version.model] != nil
                if !isThere { progress.cards[version.model] = ModelCard(unread: version) }
                progress.unread[version] = problem
            case .missing, .store: progress.unread[version] = problem
            }
        }
    }

    private func preferredName(_ progress: Progress) -> String? {
        defaultName ?? progress.live.first?.model
    }

    func publish(_ progress: Progress) {
        let problems = progress.live.compactMap { progress.refused[$0] ?? progress.unread[$0] }
        let absent = progress.live.map(\.model).filter { name in
            progress.cards[name] == nil && !problems.contains { $0.model == name }
        }
        let snapshot = ModelSnapshot(
            models: progress.loaded.models,
            cards: progress.cards,
            defaultName: preferredName(progress).flatMap { progress.cards[$0] == nil ? nil : $0 },
            problems: progress.fileProblems + problems,
            isStarting: progress.isStarting,
            loadingFiles: Array(progress.files),
            loadingModels: progress.isStarting ? absent : []
        )
        current.replace(with: snapshot)
        waiters.release(snapshot)
    }
}
