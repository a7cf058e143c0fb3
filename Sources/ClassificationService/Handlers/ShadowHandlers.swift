internal import JSON
internal import Logging
internal import Store

/// Versions in shadow: which runs, and what it says of the texts that the live version answers.
struct ShadowHandlers: Sendable {
    let store: any Store
    let shadows: Shadows
    let predictions: RememberedPredictions?
    let log: Logger

    func show(_ request: RequestCopy) throws(ServiceError) -> Answer {
        try requireModel(request.model)
        guard let account = try shadows.running(of: request.model) else { throw .shadowNotFound }
        return try answer(account, request)
    }

    func set(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let asked = try ShadowRequest(try request.json())
        let name = request.model
        try requireModel(name)
        // Loaded before it is to run, so that a version that cannot never is.
        let prepared = try shadows.prepare(asked.version, of: name)
        try storing { () throws(StoreError) in
            try store.setShadow(
                asked.version,
                of: name,
                share: asked.share,
                actor: request.principal.name
            )
            try shadows.follow(with: prepared)
        }
        log.notice(
            "shadow_set",
            metadata: [
                "model": "\(name)", "version": "\(asked.version)", "share": "\(asked.share)",
            ]
        )
        guard let account = try shadows.account(of: name, version: asked.version) else {
            throw .versionNotFound
        }
        return try answer(account, request)
    }

    func remove(_ request: RequestCopy) throws(ServiceError) -> Answer {
        try requireModel(request.model)
        let wasThere = try storing { () throws(StoreError) in
            let wasThere = try store.removeShadow(of: request.model)
            try shadows.follow()
            return wasThere
        }
        guard wasThere else { throw .shadowNotFound }
        return Answer.empty(204)
    }

    /// Writes what a version is or was in shadow, for its card; null if it never was.
    func write(
        _ version: VersionRecord,
        for principal: Principal
    ) throws(ServiceError) -> [UInt8]? {
        let account = try shadows.account(of: version.model, version: version.version)
        guard let account else { return nil }
        let examples = try examples(of: account, for: principal)
        var json = JSONWriter()
        json.shadow(account, examples: examples)
        return json.finish()
    }

    private func answer(
        _ account: Shadows.Account,
        _ request: RequestCopy
    ) throws(ServiceError) -> Answer {
        let examples = try examples(of: account, for: request.principal)
        return Answer.json { $0.shadow(account, examples: examples) }
    }

    /// Examples quote texts, which are for those who may read them; what is no longer remembered is
    /// told to nobody.
    private func examples(
        of account: Shadows.Account,
        for principal: Principal
    ) throws(ServiceError) -> [(example: ShadowExample, prediction: StoredPrediction)]? {
        guard principal.holds(.train) else { return nil }
        guard let predictions else { return [] }
        var found: [(example: ShadowExample, prediction: StoredPrediction)] = []
        for example in account.examples {
            if let prediction = try predictions.find(example.predictionID) {
                found.append((example, prediction))
            }
        }
        return found
    }

    private func requireModel(_ name: String) throws(ServiceError) {
        let model = try storing { () throws(StoreError) in try store.model(name) }
        if model == nil { throw .modelNotFound }
    }
}

extension ShadowHandlers {
    init(_ parts: ServiceParts) {
        self.init(
            store: parts.store,
            shadows: parts.shadows,
            predictions: parts.remembered,
            log: parts.log
        )
    }
}
