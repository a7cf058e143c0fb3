internal import JSON
internal import Store

/// The workers that train jobs, here and on other machines.
struct WorkerHandlers: Sendable {
    let store: any Store

    func list(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let workers = try storing { () throws(StoreError) in try store.workers() }
        return Answer.json { json in
            json.beginObject()
            json.member("workers", objects: workers) { record, json in
                json.member("name", string: record.worker.name)
                json.member("host", string: record.worker.host)
                json.member("pid", int: record.worker.process)
                json.member("version", string: record.worker.version)
                json.member("threads", int: record.worker.threads)
                json.member("since", time: record.worker.startedAt)
                json.member("last_sign", time: record.signedAt)
                json.member("job", string: record.job?.id)
                json.member("model", string: record.job?.model)
                json.member("attempt", int: record.job?.attempt)
            }
            json.endObject()
        }
    }
}
