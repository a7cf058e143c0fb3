internal import JSON
internal import Store

extension Store {
    /// A job with its report, as an answer.
    func answer(
        _ job: Job,
        _ status: Int,
        headers: [(name: String, value: String)] = [],
        notes: [String] = []
    ) throws(ServiceError) -> Answer {
        let report = try storing { () throws(StoreError) in try self.report(ofJob: job.id) }
        let place = [(name: "Location", value: "/train/" + job.id)]
        var answer = Answer.json(status, headers: place + headers) { json in
            json.beginObject()
            json.members(of: job)
            json.member("report", raw: report)
            json.notes(notes)
            json.endObject()
        }
        answer.model = job.model
        return answer
    }
}

extension JSONWriter {
    mutating func members(of job: Job) {
        member("id", string: job.id)
        member("state", string: job.state.rawValue)
        member("model", string: job.model)
        member("version", int: job.version)
        member("promoted", bool: job.isPromoted)
        member("reason", string: job.reason)
        member("stage", string: job.stage)
        member("progress", job.progress)
        member("metrics", raw: job.metrics)
        member("error", job.failure)
        member("promote", string: job.promotion.rawValue)
        member("warm_start", bool: job.startsWarm)
        member("extend", bool: job.mode == .extend)
        member("examples", int: job.rowCount)
        member("added", int: job.change?.added)
        member("relabelled", int: job.change?.relabelled)
        member("removed", int: job.change?.removed)
        member("revision", int: job.revision)
        member("data_digest", string: job.dataDigest)
        member("actor", string: job.actor)
        member("attempts", int: job.attempt - job.attemptsGivenBack)
        member("options", raw: job.options)
        member("created_at", time: job.createdAt)
        member("started_at", time: job.startedAt)
        member("finished_at", time: job.finishedAt)
    }
}

extension JSONWriter {
    /// Writes how far a job has come.
    mutating func member(_ name: String, _ progress: JobProgress?) {
        key(name)
        guard let progress else { return null() }
        beginObject()
        member("epoch", int: progress.epoch)
        member("epochs", int: progress.epochs)
        member("loss", double: progress.loss)
        member("accuracy", double: progress.accuracy)
        member("seconds_left", double: progress.secondsLeft)
        endObject()
    }

    /// Writes what became of a job.
    mutating func members(ofEnd job: Job) {
        member("version", int: job.version)
        member("promoted", bool: job.isPromoted)
        member("reason", string: job.reason)
        member("error", job.failure)
    }

    /// Writes why a job failed.
    mutating func member(_ name: String, _ failure: JobFailure?) {
        key(name)
        guard let error = failure else { return null() }
        beginObject()
        member("code", string: error.code)
        member("detail", string: error.detail)
        endObject()
    }
}
