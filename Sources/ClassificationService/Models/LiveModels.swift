internal import CMalloc
internal import Logging
internal import Model
internal import Store
internal import Synchronization
internal import TextForm

/// Keeps what serves in step with what the store says is live.
///
/// A version is loaded and checked beside the one that serves, then swapped in, as soon as it is
/// ready; requests take a snapshot and never wait for that, except for a model that a starting
/// service has not loaded yet. A version that cannot be loaded is never served: the old one stays.
final class LiveModels: Sendable {
    private struct Progress {
        var served: [String: ServedModel] = [:]
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
            let serving = served[version.model]
            let serves = serving?.version == version.version && serving?.digest == version.digest
            return serves || refused[version] != nil
        }
    }

    private let store: any Store
    private let defaultName: String?
    private let textRule: TextRule
    private let metrics: PredictionMetrics
    /// Where predictions are remembered, if they are.
    let memory: PredictionMemory?
    private let log: Logger
    private let current = Mutex(ModelSnapshot(isStarting: true))
    /// Held while a version is loaded; requests never take it.
    private let progress = Mutex(Progress())
    private let others = VersionCache(capacity: 4)
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
        log: Logger
    ) {
        self.textRule = textRule
        self.memory = memory
        self.store = store
        self.defaultName = defaultName
        self.metrics = metrics
        self.log = log
    }

    /// What serves at this moment.
    var snapshot: ModelSnapshot { current.withLock { $0 } }

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
    func importNext(of directory: ModelDirectory) -> Bool {
        progress.withLock { progress in
            guard let file = progress.files.first else { return false }
            do { try take(file, of: directory, &progress) } catch {
                let reason =
                    switch error {
                    case let error as CheckpointError:
                        error.field.isEmpty ? error.reason : "\(error.field) \(error.reason)"
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
        let imported = try ModelImport(store: store, log: log).run(file, in: directory)
        progress.live = try store.liveVersions()
        guard imported.isLive, !progress.isSettled(imported.version) else { return }
        bring(imported.version, &progress) { () throws(LoadError) in
            try prepare(imported.version, imported.bytes, imported.checkpoint)
        }
    }

    /// Ends the time in which requests wait for models: what is not loaded now is not there.
    func finishStart() {
        progress.withLock { progress in
            progress.isStarting = false
            publish(progress)
        }
        // Loading takes several times the memory of a model.
        return_free_memory()
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
            progress.served = progress.served.filter { names.contains($0.key) }
            progress.unread = [:]
            let missing = progress.live.filter { !progress.isSettled($0) }
            for version in missing {
                bring(version, &progress) { () throws(LoadError) in
                    if let known = others.take(version) { return known }
                    return try load(version.model, version.version)
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
        guard job.isPromoted == true, snapshot.models[job.model]?.version != job.version
        else { return }
        try? refresh()
    }

    /// Puts a version where it will be published, or notes why it cannot serve.
    private func bring(
        _ version: LiveVersion,
        _ progress: inout Progress,
        _ load: () throws(LoadError) -> ServedModel
    ) {
        var metadata: Logger.Metadata = [
            "model": "\(version.model)", "version": "\(version.version)",
        ]
        do throws(LoadError) {
            progress.served[version.model] = try load()
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
            if case .checkpoint = error {
                progress.refused[version] = problem
            } else {
                progress.unread[version] = problem
            }
        }
    }

    private func publish(_ progress: Progress) {
        let preferred = defaultName ?? progress.live.first?.model
        let problems = progress.live.compactMap { progress.refused[$0] ?? progress.unread[$0] }
        let absent = progress.live.map(\.model).filter { name in
            progress.served[name] == nil && !problems.contains { $0.model == name }
        }
        let snapshot = ModelSnapshot(
            models: progress.served,
            defaultModel: preferred.flatMap { progress.served[$0] },
            problems: progress.fileProblems + problems,
            isStarting: progress.isStarting,
            loadingFiles: Array(progress.files),
            loadingModels: progress.isStarting ? absent : []
        )
        current.withLock { $0 = snapshot }
        waiters.release(snapshot)
    }

    // MARK: - Lookup

    /// What there is of a version that a request names.
    enum Lookup {
        case ready(ServedModel)
        /// `load` reads it from the store.
        case stored(model: String, version: Int)
        /// The service is starting; `whenLoaded` waits.
        case loading
    }

    /// The version of a model that a request names, as far as it is in memory.
    ///
    /// - Throws: if there is no such model, or it is not for whoever asks.
    func find(
        _ model: String?,
        version: Int?,
        for principal: Principal
    ) throws(ServiceError) -> Lookup {
        let snapshot = snapshot
        if principal.isLimited, let name = model ?? snapshot.defaultModel?.name {
            try principal.require(model: name)
        }
        guard let live = snapshot.model(model) else {
            if snapshot.isStarting { return .loading }
            throw model == nil ? .noModel : .modelNotFound
        }
        guard let version, version != live.version else { return .ready(live) }
        return others.find(live.name, version).map { .ready($0) }
            ?? .stored(model: live.name, version: version)
    }

    /// The version of a model that a request names, loaded if need be; reads the store, so not for
    /// a server's thread.
    ///
    /// - Throws: if there is no such version, it cannot serve, or it is not for whoever asks.
    func loaded(
        _ model: String?,
        version: Int?,
        for principal: Principal
    ) throws(ServiceError) -> ServedModel {
        switch try find(model, version: version, for: principal) {
        case .ready(let model): return model
        case .stored(let name, let version): return try load(name, version: version)
        case .loading: throw .modelLoading
        }
    }

    /// Answers no longer with a version that was deleted.
    func forget(_ name: String, version: Int) { others.remove(name, version) }

    /// A version of a model; reads the store, so not for a server's thread.
    func load(_ name: String, version: Int) throws(ServiceError) -> ServedModel {
        if let live = snapshot.models[name], live.version == version { return live }
        if let known = others.find(name, version) { return known }
        do throws(LoadError) {
            let loaded = try load(name, version)
            others.keep(loaded)
            return loaded
        } catch {
            switch error {
            case .missing: throw .versionNotFound
            case .store(let storeError): throw ServiceError(storeError)
            case .checkpoint(let detail): throw .versionUnusable(detail)
            }
        }
    }

    private func load(_ model: String, _ version: Int) throws(LoadError) -> ServedModel {
        let (stored, bytes) = try store.load(model, version)
        return try prepare(stored, bytes, nil)
    }

    /// Checks a version as if a stranger had sent its bytes, and makes it ready to serve.
    ///
    /// - Parameters:
    ///   - version: what the store says of it.
    ///   - bytes: the checkpoint; their SHA-256 is the version's digest.
    ///   - checkpoint: what was read from them already.
    /// - Returns: the version, ready to serve.
    /// - Throws: `LoadError` if the bytes are not what the store says, or no usable checkpoint.
    private func prepare(
        _ version: LiveVersion,
        _ bytes: [UInt8],
        _ checkpoint: Checkpoint?
    ) throws(LoadError) -> ServedModel {
        do throws(CheckpointError) {
            let source = "\(version.model) \(version.version)"
            let read: Checkpoint
            if let checkpoint {
                read = checkpoint
            } else {
                read = try Checkpoint(parsing: bytes, source: source)
            }
            return ServedModel(
                name: version.model,
                version: version.version,
                digest: version.digest,
                classifier: try TextClassifier(read),
                metrics: metrics,
                textRule: textRule,
                memory: memory
            )
        } catch { throw .checkpoint("\(error.field) \(error.reason)") }
    }
}
