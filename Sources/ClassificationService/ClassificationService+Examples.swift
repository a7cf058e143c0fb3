internal import Examples
internal import HTTPServer
internal import JSON
internal import Logging
internal import Store
internal import Synchronization
internal import TextForm

extension ClassificationService {
    /// A page of a model's data set, or all of it in another format; nil once that has begun.
    func listExamples(
        _ request: RequestCopy,
        _ responder: HTTPResponder
    ) throws(ServiceError) -> HTTPResponse? {
        let asked = try ExampleQuery(request)
        if let format = asked.format { return try export(asked, format, request, responder) }
        guard let page = try page(asked, request) else {
            throw try missingExamples(of: request.parts[0])
        }
        return answer(page, asked, request)
    }

    /// The rows that a version was trained on, in the same forms.
    func listVersionExamples(
        _ request: RequestCopy,
        _ responder: HTTPResponder
    ) throws(ServiceError) -> HTTPResponse? {
        var asked = try ExampleQuery(request)
        asked.version = try storedVersion(request).version
        if let format = asked.format { return try export(asked, format, request, responder) }
        guard let page = try page(asked, request) else { throw .examplesNotKept }
        return answer(page, asked, request)
    }

    /// One row more than asked for shows whether there is a further page.
    func page(
        _ asked: ExampleQuery,
        _ request: RequestCopy
    ) throws(ServiceError) -> ExamplePage? {
        try storing { () throws(StoreError) in
            try store.examples(
                of: request.parts[0],
                where: RowFilter(
                    version: asked.version,
                    label: asked.label,
                    source: asked.source
                ),
                limit: asked.limit + 1,
                after: asked.after
            )
        }
    }

    private func answer(
        _ page: ExamplePage,
        _ asked: ExampleQuery,
        _ request: RequestCopy
    ) -> HTTPResponse {
        let limit = asked.limit
        return Answer.json(requestID: request.id) { json in
            json.beginObject()
            json.member("model", string: request.parts[0])
            if let version = asked.version { json.member("version", int: version) }
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

    /// Makes a data set what it was: the rows of a version, or of a revision that is kept.
    func restoreExamples(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        guard !isDraining.load(ordering: .relaxed) else { throw .stopping }
        let wanted = try RestorableRows(try jsonBody(request))
        let model = request.parts[0]
        let done = try storing { () throws(StoreError) in
            try store.restoreExamples(wanted, of: model, actor: request.principal.name)
        }
        log.info(
            "examples_restored",
            metadata: ["model": "\(model)", "revision": "\(done.revision)"]
        )
        return Answer.json(requestID: request.id) { json in
            json.beginObject()
            json.member("model", string: model)
            json.member("revision", int: done.revision)
            json.member("total", int: done.rowCount)
            json.member("added", int: done.change.added)
            json.member("known", int: done.change.known)
            json.member("removed", int: done.change.removed)
            json.member("replaced_revision", int: done.replaced)
            json.endObject()
        }
    }

    /// The revisions whose rows can be brought back.
    func listRevisions(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let model = request.parts[0]
        let revisions = try storing { () throws(StoreError) in try store.revisions(of: model) }
        guard !revisions.isEmpty else { throw try missingExamples(of: model) }
        return Answer.json(requestID: request.id) { json in
            json.beginObject()
            json.member("model", string: model)
            json.key("revisions")
            json.beginArray()
            for revision in revisions {
                json.beginObject()
                json.member("revision", int: revision.id)
                json.member("current", bool: revision.isCurrent)
                json.member("total", int: revision.rowCount)
                json.key("versions")
                json.beginArray()
                for version in revision.versions { json.int(version) }
                json.endArray()
                json.member("actor", string: revision.actor)
                json.member("created_at", time: revision.createdAt)
                json.endObject()
            }
            json.endArray()
            json.endObject()
        }
    }

    /// Removes and adds rows; one whose text is there with another label replaces that.
    func changeExamples(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let asked = try ExamplesRequest(request, limits: settings.limits)
        let change = ExampleChange(
            model: try nameInPath(request),
            added: asked.examples,
            removedIDs: asked.removedIDs,
            removedTexts: asked.removedTexts,
            actor: request.principal.name
        )
        // What is only taken away must not begin a data set.
        if asked.examples.isEmpty { try requireExamples(of: change.model) }
        return answer(try make(change, request), of: change, request, notes: asked.notes)
    }

    /// Removes the rows that the query names by id or text.
    func removeExamples(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        var change = ExampleChange(model: request.parts[0], actor: request.principal.name)
        for (name, value) in request.queryItems {
            switch name {
            case "id":
                guard let id = Self.versionNumber(value) else {
                    throw .invalidParameter("\"id\" must be the id of an example.")
                }
                change.removedIDs.append(id)
            case "text":
                change.removedTexts.append(settings.limits.exampleRules.text.form(of: value).text)
            default: throw .invalidParameter("The query takes \"id\" and \"text\" only.")
            }
        }
        if change.removedIDs.isEmpty && change.removedTexts.isEmpty {
            throw .invalidParameter("The query must name examples by \"id\" or \"text\".")
        }
        try requireExamples(of: change.model)
        let done = try make(change, request)
        guard done.change.removed > 0 else { throw .exampleNotFound }
        return answer(done, of: change, request)
    }

    /// Does a change.
    func make(
        _ change: ExampleChange,
        _ request: RequestCopy
    ) throws(ServiceError) -> ChangedExamples {
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
        return done
    }

    /// Says what became of a change.
    func answer(
        _ done: ChangedExamples,
        of change: ExampleChange,
        _ request: RequestCopy,
        notes: [String] = [],
        beginsLabel: Bool? = nil
    ) -> HTTPResponse {
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
            if let beginsLabel { json.member("new_label", bool: beginsLabel) }
            json.notes(notes)
            json.endObject()
        }
    }

    /// A JSON body, parsed.
    func jsonBody(_ request: RequestCopy) throws(ServiceError) -> JSONValue {
        guard case .json = request.content else {
            throw .unsupportedMediaType(
                expected: "application/json",
                found: request.content.name
            )
        }
        return try parse(request.body, with: JSONParser())
    }

    /// The model in the path, which may be new but must have a good name.
    func nameInPath(_ request: RequestCopy) throws(ServiceError) -> String {
        guard TrainRequest.isName(request.parts[0]) else { throw .modelNotFound }
        return request.parts[0]
    }

    private func requireExamples(of model: String) throws(ServiceError) {
        let page = try storing { () throws(StoreError) in
            try store.examples(of: model, where: RowFilter(), limit: 1, after: 0)
        }
        if page == nil { throw try missingExamples(of: model) }
    }

    /// Why there are no rows: the model has none, or there is no such model.
    func missingExamples(of model: String) throws(ServiceError) -> ServiceError {
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
        member("actor", string: row.actor)
        member("added_at", time: row.addedAt)
        endObject()
    }
}
