internal import Digest
internal import Logging
internal import Model
internal import Store
internal import Synchronization

/// Keeps what serves in step with what the store says is live.
///
/// A version is loaded and checked beside the one that serves, then swapped in; requests take a
/// snapshot and never wait for that. One that cannot be loaded is never served: the old one stays.
final class LiveModels: Sendable {
    private struct Progress {
        /// Versions that were refused, so that they are not read again at each change.
        var refused: [String: ServingProblem] = [:]
        var fileProblems: [ServingProblem] = []
    }

    private let store: Store
    private let defaultName: String?
    private let metrics: PredictionMetrics
    private let log: Logger
    private let current = Mutex(ModelSnapshot())
    /// Held while versions are loaded; requests never take it.
    private let progress = Mutex(Progress())
    private let others = VersionCache(capacity: 4)

    init(store: Store, defaultName: String?, metrics: PredictionMetrics, log: Logger) {
        self.store = store
        self.defaultName = defaultName
        self.metrics = metrics
        self.log = log
    }

    /// What serves at this moment.
    var snapshot: ModelSnapshot { current.withLock { $0 } }

    /// Remembers files that could not be imported, for `/readyz`.
    func report(fileProblems: [ServingProblem]) {
        progress.withLock { $0.fileProblems = fileProblems }
    }

    /// Loads what has become live, and swaps it in.
    ///
    /// - Throws: `StoreError` if the store does not answer; what serves stays.
    func refresh() throws(StoreError) {
        try progress.withLock { progress throws(StoreError) in
            let live = try store.liveVersions()
            let before = snapshot
            var models: [String: ServedModel] = [:]
            var problems = progress.fileProblems
            for version in live {
                let key = "\(version.model)/\(version.version)/\(version.digest)"
                let old = before.models[version.model]
                if let old, old.version == version.version, old.digest == version.digest {
                    models[version.model] = old
                    continue
                }
                if progress.refused[key] == nil {
                    do throws(LoadError) {
                        models[version.model] = try load(version.model, version.version)
                        log.info(
                            "version_live",
                            metadata: [
                                "model": "\(version.model)", "version": "\(version.version)",
                                "digest": "\(version.digest)",
                            ]
                        )
                        continue
                    } catch {
                        let problem = ServingProblem(
                            model: version.model,
                            version: version.version,
                            detail: error.detail
                        )
                        log.error(
                            "version_refused",
                            metadata: [
                                "model": "\(version.model)", "version": "\(version.version)",
                                "reason": "\(error.detail)",
                            ]
                        )
                        if case .checkpoint = error { progress.refused[key] = problem }
                        problems.append(problem)
                    }
                }
                models[version.model] = old
                if let problem = progress.refused[key], !problems.contains(problem) {
                    problems.append(problem)
                }
            }
            let preferred = defaultName ?? live.first?.model
            let snapshot = ModelSnapshot(
                models: models,
                defaultModel: preferred.flatMap { models[$0] },
                problems: problems
            )
            current.withLock { $0 = snapshot }
        }
    }

    /// Refuses a model that is not for whoever asks; nil stands for the default one.
    func require(_ model: String?, for principal: Principal) throws(ServiceError) {
        guard principal.isLimited, let name = model ?? snapshot.defaultModel?.name else { return }
        try principal.require(model: name)
    }

    /// The version of a model that a request names, from memory or nil if it must be loaded.
    func loaded(_ model: String?, version: Int?) throws(ServiceError) -> ServedModel? {
        let snapshot = snapshot
        let live = model.map { snapshot.models[$0] } ?? snapshot.defaultModel
        guard let live else { throw model == nil ? .noModel : .modelNotFound }
        guard let version, version != live.version else { return live }
        return others.find(live.name, version)
    }

    /// The version of a model that a request names; reads the store, so not for a server's thread.
    func load(_ model: String?, version: Int) throws(ServiceError) -> ServedModel {
        if let known = try loaded(model, version: version) { return known }
        guard let name = model ?? snapshot.defaultModel?.name else { throw .noModel }
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

    /// Reads, checks and prepares one version, as if a stranger had sent its bytes.
    func load(_ model: String, _ version: Int) throws(LoadError) -> ServedModel {
        let record: VersionRecord?
        let stored: [UInt8]?
        do throws(StoreError) {
            record = try store.version(model, version)
            stored = try store.checkpointBytes(model, version)
        } catch { throw .store(error) }
        guard let digest = record?.digest, let bytes = stored else { throw .missing }
        guard SHA256.hexadecimal(of: bytes) == digest else {
            throw .checkpoint("its bytes do not match their digest")
        }
        do throws(CheckpointError) {
            let checkpoint = try Checkpoint(parsing: bytes, source: "\(model) \(version)")
            let classifier = try TextClassifier(checkpoint)
            return ServedModel(
                name: model,
                version: version,
                digest: digest,
                classifier: classifier,
                metrics: metrics
            )
        } catch { throw .checkpoint("\(error.field) \(error.reason)") }
    }
}

/// Why a version cannot serve.
enum LoadError: Error {
    case missing
    case store(StoreError)
    case checkpoint(String)

    var detail: String {
        switch self {
        case .missing: "it is not in the store"
        case .store: "the store did not answer"
        case .checkpoint(let detail): detail
        }
    }
}
