internal import Examples
internal import JSON
internal import Logging
internal import Store
internal import TextForm

/// Data sets: reading, changing and restoring their rows.
struct ExampleHandlers: Sendable {
    let store: any Store
    let limits: Limits
    let drain: Drain
    let changes: ExampleChanges
    let exports: ExampleExports
    let log: Logger

    /// A page of a model's data set, or all of it in another format; nil once that has begun.
    func list(
        _ request: RequestCopy,
        _ pending: PendingAnswer
    ) throws(ServiceError) -> Answer? {
        let asked = try ExampleQuery(request)
        if let format = asked.format { return try exports.begin(asked, format, request, pending) }
        guard let page = try page(asked, request) else {
            throw try missingExamples(of: request.model, in: store)
        }
        return answer(page, asked, request)
    }

    /// The rows that a version was trained on, in the same forms.
    func listOfVersion(
        _ request: RequestCopy,
        _ pending: PendingAnswer
    ) throws(ServiceError) -> Answer? {
        var asked = try ExampleQuery(request)
        asked.version = try request.storedVersion(in: store).version
        if let format = asked.format { return try exports.begin(asked, format, request, pending) }
        guard let page = try page(asked, request) else { throw .examplesNotKept }
        return answer(page, asked, request)
    }

    /// One row more than asked for shows whether there is a further page.
    private func page(
        _ asked: ExampleQuery,
        _ request: RequestCopy
    ) throws(ServiceError) -> ExamplePage? {
        try storing { () throws(StoreError) in
            try store.examples(
                of: request.model,
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
    ) -> Answer {
        let limit = asked.limit
        return Answer.json { json in
            json.beginObject()
            json.member("model", string: request.model)
            if let version = asked.version { json.member("version", int: version) }
            json.member("revision", int: page.revision)
            json.member("total", int: page.rowCount)
            json.member("examples", array: page.rows.prefix(limit)) { row, json in json.example(row)
            }
            json.member("next", int: page.rows.count > limit ? page.rows[limit - 1].id : nil)
            json.endObject()
        }
    }

    /// Makes a data set what it was: the rows of a version, or of a revision that is kept.
    func restore(_ request: RequestCopy) throws(ServiceError) -> Answer {
        guard !drain.isDraining else { throw .stopping }
        let wanted = try RestorableRows(try request.json())
        let model = request.model
        let done = try storing { () throws(StoreError) in
            try store.restoreExamples(wanted, of: model, actor: request.principal.name)
        }
        log.info(
            "examples_restored",
            metadata: ["model": "\(model)", "revision": "\(done.revision)"]
        )
        return Answer.json { json in
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
    func listRevisions(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let model = request.model
        let revisions = try storing { () throws(StoreError) in try store.revisions(of: model) }
        guard !revisions.isEmpty else { throw try missingExamples(of: model, in: store) }
        return Answer.json { json in
            json.beginObject()
            json.member("model", string: model)
            json.member("revisions", objects: revisions) { revision, json in
                json.member("revision", int: revision.id)
                json.member("current", bool: revision.isCurrent)
                json.member("total", int: revision.rowCount)
                json.member("versions", array: revision.versions) { $1.int($0) }
                json.member("actor", string: revision.actor)
                json.member("created_at", time: revision.createdAt)
            }
            json.endObject()
        }
    }

    /// Removes and adds rows; one whose text is there with another label replaces that.
    func change(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let asked = try ExamplesRequest(request, limits: limits)
        let change = ExampleChange(
            model: try request.newModel(),
            added: asked.examples,
            removedIDs: asked.removedIDs,
            removedTexts: asked.removedTexts,
            actor: request.principal.name
        )
        // What is only taken away must not begin a data set.
        if asked.examples.isEmpty { try requireExamples(of: change.model) }
        return changes.answer(
            try changes.make(change, request),
            of: change,
            notes: asked.notes
        )
    }

    /// Removes the rows that the query names by id or text.
    func remove(_ request: RequestCopy) throws(ServiceError) -> Answer {
        var change = ExampleChange(model: request.model, actor: request.principal.name)
        for (name, value) in request.queryItems {
            switch name {
            case "id":
                guard let id = pathNumber(value) else {
                    throw .invalidParameter("\"id\" must be the id of an example.")
                }
                change.removedIDs.append(id)
            case "text":
                change.removedTexts.append(limits.exampleRules.text.form(of: value).text)
            default: throw .invalidParameter("The query takes \"id\" and \"text\" only.")
            }
        }
        if change.removedIDs.isEmpty && change.removedTexts.isEmpty {
            throw .invalidParameter("The query must name examples by \"id\" or \"text\".")
        }
        try requireExamples(of: change.model)
        let done = try changes.make(change, request)
        guard done.change.removed > 0 else { throw .exampleNotFound }
        return changes.answer(done, of: change)
    }

    private func requireExamples(of model: String) throws(ServiceError) {
        let page = try storing { () throws(StoreError) in
            try store.examples(of: model, where: RowFilter(), limit: 1, after: 0)
        }
        if page == nil { throw try missingExamples(of: model, in: store) }
    }

}

extension JSONWriter {
    fileprivate mutating func example(_ row: StoredExample) {
        beginObject()
        member("id", int: row.id)
        member("text", string: row.example.text)
        member(labelOrSet: row.example.label)
        member("source", string: row.source.rawValue)
        member("actor", string: row.actor)
        member("added_at", time: row.addedAt)
        endObject()
    }
}
