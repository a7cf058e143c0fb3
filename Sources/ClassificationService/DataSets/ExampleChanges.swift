internal import JSON
internal import Logging
internal import Store

/// Changes of data sets: rows that are posted, removed or corrected.
struct ExampleChanges: Sendable {
    let store: any Store
    let limits: Limits
    let drain: Drain
    let log: Logger

    /// Does a change.
    func make(
        _ change: ExampleChange,
        _ request: RequestCopy
    ) throws(ServiceError) -> ChangedExamples {
        guard !drain.isDraining else { throw .stopping }
        let key = try request.idempotency()
        let done = try storing { () throws(StoreError) in
            try store.changeExamples(
                change,
                maximumRows: limits.storedExamples,
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
        notes: [String] = [],
        beginsLabel: Bool? = nil
    ) -> Answer {
        let headers = Answer.replayed(done.isReplay)
        var answer = Answer.json(headers: headers) { json in
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
        answer.model = change.model
        return answer
    }
}
