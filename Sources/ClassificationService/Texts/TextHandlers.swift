internal import JSON
internal import Logging
internal import Model
internal import Store

/// Texts without labels: adding, listing and deleting them.
struct TextHandlers: Sendable {
    static let parameters = ["limit", "after", "order"]

    let store: any Store
    let models: LiveModels
    let predictions: RememberedPredictions?
    let limits: Limits
    let log: Logger

    /// The most texts that one answer lists.
    private static let mostListed = 1000
    /// Remembered answers that one request takes over.
    private static let mostTaken = 100_000

    init(_ parts: ServiceParts) {
        (store, models, log) = (parts.store, parts.models, parts.log)
        (predictions, limits) = (parts.remembered, parts.settings.limits)
    }

    func add(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let model = try request.newModel()
        let body = try TextsRequest(request.withoutForm(), limits: limits)
        var texts = body.texts
        if body.takesPredictions {
            guard let predictions else { throw .predictionsNotRemembered }
            texts += try predictions.list(.uncertain, of: [model], limit: Self.mostTaken)
                .map(\.text)
        }
        let limit = limits.storedExamples
        let change = try storing { [texts] () throws(StoreError) in
            try store.addTexts(
                texts,
                to: model,
                atMost: limit,
                actor: request.principal.name
            )
        }
        guard !change.isRefused else { throw .textsFull(limit: limit) }
        log.info("texts_added", metadata: ["model": "\(model)", "added": "\(change.added)"])
        return Answer.json { json in
            json.beginObject()
            json.member("model", string: model)
            json.member("added", int: change.added)
            json.member("known", int: change.known)
            json.member("total", int: change.total)
            json.endObject()
        }
    }

    func list(_ request: RequestCopy) throws(ServiceError) -> Answer {
        var (limit, after, order) = (100, 0, TextRanking.Order.oldest)
        for (name, value) in request.queryItems {
            switch name {
            case "limit":
                guard let number = pathNumber(value), number <= Self.mostListed else {
                    throw .invalidParameter(
                        "\"limit\" must be a number from 1 to \(Self.mostListed)."
                    )
                }
                limit = number
            case "after":
                guard let number = value == "0" ? 0 : pathNumber(value) else {
                    throw .invalidParameter("\"after\" must be the id of a text, or 0.")
                }
                after = number
            default:
                guard let wanted = TextRanking.Order(rawValue: value) else {
                    throw .invalidParameter("\"order\" must be oldest, uncertain or diverse.")
                }
                order = wanted
            }
        }
        let model = try request.newModel()
        let total = try storing { () throws(StoreError) in try store.textCount(of: model) }
        if total == 0 { try requireModel(model) }
        guard order == .oldest else { return try rank(order, model, total, limit, request) }
        let page = try storing { [after, limit] () throws(StoreError) in
            try store.texts(of: model, after: after, limit: limit + 1)
        }
        return Answer.json { json in
            json.beginObject()
            json.member("model", string: model)
            json.member("total", int: total)
            json.member("texts", objects: page.prefix(limit)) { text, json in
                json.members(of: text)
            }
            json.member("next", int: page.count > limit ? page[limit - 1].id : nil)
            json.endObject()
        }
    }

    /// The texts that the live version would learn most from.
    private func rank(
        _ order: TextRanking.Order,
        _ name: String,
        _ total: Int,
        _ limit: Int,
        _ request: RequestCopy
    ) throws(ServiceError) -> Answer {
        let model = try models.loaded(name, version: nil, for: request.principal)
        let texts = try storing { () throws(StoreError) in
            try store.texts(
                of: name,
                after: 0,
                limit: limits.storedExamples,
                withoutRow: true
            )
        }
        let ranked = TextRanking(model: model).first(limit, of: texts, order)
        return Answer.json { json in
            json.beginObject()
            json.member("model", string: name)
            json.member("version", int: model.version)
            json.member("total", int: total)
            json.member("texts", objects: ranked) { ranked, json in
                json.members(of: ranked.text)
                json.member(labelOrSet: ranked.label)
                json.member("score", float: ranked.score)
                json.member("margin", float: ranked.margin)
            }
            json.member("next", int: nil)
            json.endObject()
        }
    }

    /// Removes the texts that the query names, or all.
    func remove(_ request: RequestCopy) throws(ServiceError) -> Answer {
        var ids: [Int] = []
        for (name, value) in request.queryItems {
            guard name == "id", let id = pathNumber(value) else {
                throw .invalidParameter(
                    "The query takes \"id\" only, the id of a text; without one all are removed."
                )
            }
            ids.append(id)
        }
        let model = try request.newModel()
        let removed = try storing { [ids] () throws(StoreError) in
            try store.removeTexts(ids.isEmpty ? nil : ids, of: model)
        }
        if removed == 0 {
            try requireModel(model)
            if !ids.isEmpty { throw .textNotFound }
        }
        log.info("texts_removed", metadata: ["model": "\(model)", "removed": "\(removed)"])
        let total = try storing { () throws(StoreError) in try store.textCount(of: model) }
        return Answer.json { json in
            json.beginObject()
            json.member("model", string: model)
            json.member("removed", int: removed)
            json.member("total", int: total)
            json.endObject()
        }
    }

    private func requireModel(_ name: String) throws(ServiceError) {
        let found = try storing { () throws(StoreError) in try store.model(name) }
        if found == nil { throw .modelNotFound }
    }
}

extension JSONWriter {
    fileprivate mutating func members(of text: StoredText) {
        member("id", int: text.id)
        member("text", string: text.text)
        member("actor", string: text.actor)
        member("added_at", time: text.createdAt)
    }
}
