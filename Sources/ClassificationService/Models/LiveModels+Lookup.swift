internal import CMalloc
internal import Store
internal import Synchronization

/// What requests find.
extension LiveModels {
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
        if principal.isLimited, let name = model ?? snapshot.defaultName {
            try principal.require(model: name)
        }
        if let live = snapshot.model(model), version == nil || version == live.version {
            live.touch()
            return .ready(live)
        }
        guard let live = snapshot.card(model)?.version else {
            if snapshot.isStarting { return .loading }
            throw model == nil ? .noModel : .modelNotFound
        }
        let version = version ?? live.version
        return others.find(live.model, version).map { .ready($0) }
            ?? .stored(model: live.model, version: version)
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

    /// The version of a model that serves, loaded if need be; nil if none does.
    func live(_ model: String) throws(ServiceError) -> ServedModel? {
        guard let version = snapshot.cards[model]?.version else { return nil }
        return try load(model, version: version.version)
    }

    /// Answers no longer with a version that was deleted.
    func forget(_ name: String, version: Int) { others.remove(name, version) }

    /// A version of a model; reads the store, so not for a server's thread.
    ///
    /// One is loaded at a time, so that many requests for it load it once.
    func load(_ name: String, version: Int) throws(ServiceError) -> ServedModel {
        let (loaded, isNew) = try progress.withLock { progress throws(ServiceError) in
            if let live = progress.loaded.models[name], live.version == version {
                live.touch()
                return (live, false)
            }
            if let known = others.find(name, version) { return (known, false) }
            defer { publish(progress) }
            do throws(LoadError) {
                let loaded = try load(name, version, &progress)
                if let card = progress.cards[name], card.version == loaded.identity {
                    progress.cards[name] = ModelCard(loaded)
                    progress.unread[card.version] = nil
                    progress.loaded.take(loaded, mayEvict: true)
                } else {
                    others.keep(loaded)
                }
                return (loaded, true)
            } catch { throw ServiceError(error) }
        }
        if isNew { return_free_memory() }
        return loaded
    }
}

extension ServiceError {
    fileprivate init(_ error: LoadError) {
        switch error {
        case .missing: self = .versionNotFound
        case .store(let error): self = ServiceError(error)
        case .checkpoint(let detail): self = .versionUnusable(detail)
        case .memory: self = .outOfMemory
        }
    }
}
