internal import JSON
internal import Logging
internal import Model
internal import Store

/// Models: which there are, and what each is.
struct ModelHandlers: Sendable {
    let store: any Store
    let models: LiveModels
    let log: Logger

    func list(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let all = try storing { () throws(StoreError) in try store.models() }
        let snapshot = models.snapshot
        return Answer.json { json in
            json.beginObject()
            json.key("models")
            json.beginArray()
            for model in all.sorted(by: { $0.name < $1.name })
            where request.principal.mayUse(model: model.name) {
                json.beginObject()
                json.members(of: model, snapshot)
                json.endObject()
            }
            json.endArray()
            json.endObject()
        }
    }

    func show(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let name = request.model
        let found = try storing { () throws(StoreError) in
            (
                try store.model(name), try store.versions(of: name),
                try store.shadows(of: name).first { $0.end == nil }
            )
        }
        guard let model = found.0 else { throw .modelNotFound }
        let snapshot = models.snapshot
        return Answer.json { json in
            json.beginObject()
            json.members(of: model, snapshot)
            json.member("shadow_version", int: found.2?.version)
            json.member("history", objects: found.1.sorted(by: { $0.version > $1.version })) {
                version,
                json in
                json.members(of: version)
            }
            json.endObject()
        }
    }

    func delete(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let name = request.model
        try storing { () throws(StoreError) in
            try store.deleteModel(name)
            try models.refresh()
        }
        log.notice("model_deleted", metadata: ["model": "\(name)"])
        return Answer.empty(204)
    }
}

extension JSONWriter {
    fileprivate mutating func members(of model: ModelRecord, _ snapshot: ModelSnapshot) {
        let card = snapshot.cards[model.name]
        member("model", string: model.name)
        member("default", bool: snapshot.defaultName == model.name)
        member("state", string: model.state.rawValue)
        member("live_version", int: model.liveVersion)
        member("serving_version", int: card?.version.version)
        key("labels")
        beginArray()
        for label in card?.labels ?? [] { string(label) }
        endArray()
        if card?.output == .multi { member("output", string: OutputKind.multi.rawValue) }
        member("versions", int: model.versionCount)
        member("created_at", time: model.createdAt)
    }
}
