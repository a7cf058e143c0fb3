internal import Examples
internal import HTTPServer
internal import JSON
internal import Logging
internal import Store
internal import Synchronization

extension ClassificationService {
    /// A page of a model's data set.
    func listExamples(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let model = request.parts[0]
        var (limit, after) = (100, 0)
        var label: String?
        for (name, value) in request.queryItems {
            switch name {
            case "limit":
                guard let number = Self.versionNumber(value), number <= 1000 else {
                    throw .invalidParameter("\"limit\" must be a number from 1 to 1000.")
                }
                limit = number
            case "after":
                guard let number = Self.versionNumber(value) else {
                    throw .invalidParameter("\"after\" must be the id of an example.")
                }
                after = number
            case "label": label = value
            default:
                throw .invalidParameter("The query takes \"label\", \"limit\" and \"after\" only.")
            }
        }
        // One more than asked for shows whether there is a further page.
        let page = try storing { () throws(StoreError) in
            try store.examples(of: model, label: label, limit: limit + 1, after: after)
        }
        guard let page else { throw try missingExamples(of: model) }
        return Answer.json(requestID: request.id) { json in
            json.beginObject()
            json.member("model", string: model)
            json.member("revision", int: page.revision)
            json.member("total", int: page.rowCount)
            json.key("examples")
            json.beginArray()
            for row in page.rows.prefix(limit) { json.example(row) }
            json.endArray()
            json.member("next", int: page.rows.count > limit ? page.rows[limit - 1].id : nil)
            json.endObject()
        }
    }

    /// Adds rows; one whose text is there with another label replaces that.
    func addExamples(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let limits = settings.limits
        let body = try LabelledBody(request, LabelledBody.Parameters(), limits: limits)
        let model = try nameInPath(request)
        var errors = FieldErrors()
        var rows: JSONValue?
        for (key, value) in body.settings.members {
            if key == "examples" { rows = value } else { errors.addUnknown(key) }
        }
        let examples = body.examples(rows, count: 1...limits.examples, &errors)
        if examples == nil { errors.add("/examples", "The examples are missing.") }
        try errors.throwIfAny()
        let change = ExampleChange(
            model: model,
            added: examples ?? [],
            actor: request.principal.name
        )
        return try answer(change, request)
    }

    /// Removes rows by number or by text.
    func removeExamples(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let removal = try ExampleRemoval(try jsonBody(request), limits: settings.limits)
        let model = request.parts[0]
        let page = try storing { () throws(StoreError) in try store.examples(of: model, limit: 1) }
        guard page != nil else { throw try missingExamples(of: model) }
        let change = ExampleChange(
            model: model,
            removedIDs: removal.ids,
            removedTexts: removal.texts,
            actor: request.principal.name
        )
        return try answer(change, request)
    }

    /// Does a change and says what became of it.
    func answer(
        _ change: ExampleChange,
        _ request: RequestCopy
    ) throws(ServiceError) -> HTTPResponse {
        guard !isDraining.load(ordering: .relaxed) else { throw .stopping }
        let key = try request.idempotency()
        let done = try storing { () throws(StoreError) in
            try store.changeExamples(
                change,
                maximumRows: settings.limits.storedExamples,
                idempotency: key
            )
        }
        if !done.isReplay {
            log.info(
                "examples_changed",
                metadata: [
                    "model": "\(change.model)", "revision": "\(done.revision)",
                    "source": "\(change.source)",
                ]
            )
        }
        let headers = Answer.replayed(done.isReplay)
        return Answer.json(requestID: request.id, headers: headers) { json in
            json.beginObject()
            json.member("model", string: change.model)
            json.member("revision", int: done.revision)
            json.member("total", int: done.rowCount)
            json.member("added", int: done.change.added)
            json.member("relabelled", int: done.change.relabelled)
            json.member("known", int: done.change.known)
            json.member("removed", int: done.change.removed)
            json.endObject()
        }
    }

    /// A JSON body, parsed.
    func jsonBody(_ request: RequestCopy) throws(ServiceError) -> JSONValue {
        guard case .json = request.content else {
            throw .unsupportedMediaType(expected: "application/json")
        }
        return try parse(request.body, with: JSONParser())
    }

    /// The model in the path, which may be new but must have a good name.
    func nameInPath(_ request: RequestCopy) throws(ServiceError) -> String {
        guard TrainRequest.isName(request.parts[0]) else { throw .modelNotFound }
        return request.parts[0]
    }

    /// Why there are no rows: the model has none, or there is no such model.
    private func missingExamples(of model: String) throws(ServiceError) -> ServiceError {
        let found = try storing { () throws(StoreError) in try store.model(model) }
        return found == nil ? .modelNotFound : .noExamples
    }
}

extension JSONWriter {
    fileprivate mutating func example(_ row: StoredExample) {
        beginObject()
        member("id", int: row.id)
        member("text", string: row.example.text)
        member("label", string: row.example.label)
        member("source", string: row.source.rawValue)
        member("added_at", time: row.addedAt)
        endObject()
    }
}
