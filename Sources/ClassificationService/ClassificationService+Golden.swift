internal import Evaluation
internal import Examples
internal import HTTPServer
internal import JSON
internal import Logging
internal import Store

extension ClassificationService {
    /// A model's golden cases, and what its version that serves says of them.
    func showGolden(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let model = request.parts[0]
        let found = try storing { () throws(StoreError) in
            (try store.golden(of: model), try store.model(model))
        }
        guard found.1 != nil || found.0.revision > 0 else { throw .modelNotFound }
        return answer(found.0, of: model, request)
    }

    /// Replaces a model's golden cases.
    func setGolden(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let body = try jsonBody(request)
        let model = try nameInPath(request)
        let asked = try GoldenRequest(body, limits: settings.limits)
        let revision = try storing { () throws(StoreError) in
            try store.setGolden(asked.cases, of: model)
        }
        log.info(
            "golden_changed",
            metadata: ["model": "\(model)", "cases": "\(asked.cases.count)"]
        )
        return answer(GoldenCases(revision: revision, cases: asked.cases), of: model, request)
    }

    /// Makes a version live unless golden cases fail.
    ///
    /// - Parameters:
    ///   - name: the model.
    ///   - number: the version.
    ///   - isForced: whether it becomes live whatever they say.
    /// - Throws: `ServiceError.goldenFailed` with the cases that fail, or what keeps it from
    ///   serving.
    func makeLive(_ name: String, _ number: Int, isForced: Bool) throws(ServiceError) {
        // Loaded before it becomes live, so that a version that cannot serve never does.
        let version = try models.load(name, version: number)
        while true {
            let golden = try storing { () throws(StoreError) in try store.golden(of: name) }
            let check = GoldenCheck(version.classifier, cases: golden.cases)
            guard isForced || check.isPassed else {
                var json = JSONWriter()
                check.encode(to: &json)
                throw .goldenFailed(version: number, check: json.finish())
            }
            do throws(StoreError) {
                try store.setLive(
                    model: name,
                    version: number,
                    goldenRevision: isForced ? nil : golden.revision
                )
                return try models.refresh()
            } catch .decisionOutdated {
                continue  // The cases were exchanged meanwhile: they are asked again.
            } catch { throw ServiceError(error) }
        }
    }

    private func answer(
        _ golden: GoldenCases,
        of model: String,
        _ request: RequestCopy
    ) -> HTTPResponse {
        let served = models.snapshot.models[model]
        return Answer.json(requestID: request.id) { json in
            json.beginObject()
            json.member("model", string: model)
            json.member("revision", int: golden.revision)
            json.key("cases")
            json.beginArray()
            for example in golden.cases {
                json.beginObject()
                json.member("text", string: example.text)
                json.member("label", string: example.label)
                json.endObject()
            }
            json.endArray()
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
