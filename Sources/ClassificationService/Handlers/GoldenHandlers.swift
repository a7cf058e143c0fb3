internal import Evaluation
internal import Examples
internal import JSON
internal import Logging
internal import Store

/// Golden cases of models.
struct GoldenHandlers: Sendable {
    let store: any Store
    let models: LiveModels
    let limits: Limits
    let log: Logger

    /// A model's golden cases, and what its version that serves says of them.
    func show(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let model = request.model
        let found = try storing { () throws(StoreError) in
            (try store.golden(of: model), try store.model(model))
        }
        guard found.1 != nil || found.0.revision > 0 else { throw .modelNotFound }
        return try answer(found.0, of: model)
    }

    /// Replaces a model's golden cases.
    func replace(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let body = try request.json()
        let model = try request.newModel()
        let asked = try GoldenRequest(body, limits: limits)
        let revision = try storing { () throws(StoreError) in
            try store.setGolden(asked.cases, of: model)
        }
        log.info(
            "golden_changed",
            metadata: ["model": "\(model)", "cases": "\(asked.cases.count)"]
        )
        return try answer(GoldenCases(revision: revision, cases: asked.cases), of: model)
    }

    private func answer(
        _ golden: GoldenCases,
        of model: String
    ) throws(ServiceError) -> Answer {
        let served = try models.live(model)
        return Answer.json { json in
            json.beginObject()
            json.member("model", string: model)
            json.member("revision", int: golden.revision)
            json.member("cases", objects: golden.cases) { example, json in
                json.member("text", string: example.text)
                json.member(labelOrSet: example.label)
            }
            json.member("version", int: served?.version)
            json.key("check")
            if let served {
                GoldenCheck(served.classifier, cases: golden.cases).encode(to: &json)
            } else {
                json.null()
            }
            json.endObject()
        }
    }
}
