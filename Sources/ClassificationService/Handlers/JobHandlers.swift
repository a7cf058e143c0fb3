internal import HTTPServer
internal import JSON
internal import Logging
internal import Store

/// Training jobs: posting, listing, following and cancelling them.
struct JobHandlers: Sendable {
    let store: any Store
    let limits: Limits
    let drain: Drain
    let waiters: JobWaiters
    let followers: JobFollowers
    let metrics: JobMetrics
    /// Whether somebody is told when a job ends.
    let announces: Bool
    let supervisor: TrainerSupervisor?
    let clock: TimeSource
    let log: Logger

    /// Stores rows and job, then answers, or leaves the answer to whoever sees the job's end.
    func post(
        _ request: RequestCopy,
        _ pending: PendingAnswer
    ) throws(ServiceError) -> Answer? {
        guard !drain.isDraining else { throw .stopping }
        let limits = limits
        let body = try LabelledBody(request, TrainRequest.parameters, limits: limits)
        let asked = try TrainRequest(body, limits: limits)
        try request.principal.require(model: asked.model)
        try requireVectors(asked.vectors)
        let submission = try queue(
            asked.job(of: request.principal),
            for: request.principal,
            key: try request.idempotency()
        )
        let job = submission.job
        let replayed = Answer.replayed(submission.isReplay)
        guard let wait = request.wait.map({ min($0, limits.waitSeconds) }), wait > 0 else {
            return try store.answer(job, 202, headers: replayed, notes: body.notes)
        }
        let waiter = JobWaiters.Waiter(
            jobID: job.id,
            deadline: clock.now() + .seconds(wait),
            pending: pending.paused(),
            wait: wait,
            headers: replayed,
            notes: body.notes
        )
        if waiters.add(waiter) { return nil }
        return try store.answer(job, 202, headers: replayed, notes: body.notes)
    }

    /// Refuses a job that would find no word vectors of the name that it asks for.
    private func requireVectors(_ name: String?) throws(ServiceError) {
        guard let name else { return }
        let found = try storing { () throws(StoreError) in try store.vectorRecord(name) }
        if found == nil {
            throw .invalid(
                "/options/vectors",
                "There are no word vectors of that name; PUT /vectors/{name} brings them."
            )
        }
    }

    func list(_ request: RequestCopy) throws(ServiceError) -> Answer {
        var limit = 20
        var before: String?
        for (name, value) in request.queryItems {
            switch name {
            case "limit":
                guard let number = pathNumber(value), number <= 100 else {
                    throw .invalidParameter("\"limit\" must be a number from 1 to 100.")
                }
                limit = number
            case "before":
                guard Self.isJobID(value) else {
                    throw .invalidParameter("\"before\" must be the id of a job.")
                }
                before = value
            default: break
            }
        }
        let principal = request.principal
        let actor = principal.holds(.admin) ? nil : principal.name
        let page = try storing { () throws(StoreError) -> [Job]? in
            if let before {
                guard let job = try store.job(before), principal.maySee(job) else { return nil }
            }
            // One more than asked for shows whether there is a further page.
            return try store.jobs(limit: limit + 1, before: before, ofActor: actor)
        }
        guard let page else { throw .jobNotFound }
        return Answer.json { json in
            json.beginObject()
            json.member("jobs", objects: page.prefix(limit)) { job, json in
                json.members(of: job)
            }
            json.member("next", string: page.count > limit ? page[limit - 1].id : nil)
            json.endObject()
        }
    }

    func show(_ request: RequestCopy) throws(ServiceError) -> Answer {
        try store.answer(try job(of: request), 200)
    }

    /// The job that a path names.
    ///
    /// One of somebody else is as one that is not there.
    private func job(of request: RequestCopy) throws(ServiceError) -> Job {
        let id = request.job
        guard Self.isJobID(id) else { throw .jobNotFound }
        let job = try storing { () throws(StoreError) in try store.job(id) }
        guard let job, request.principal.maySee(job) else { throw .jobNotFound }
        return job
    }

    /// Begins a stream of a job's events; nil once it has begun.
    func follow(
        _ request: RequestCopy,
        _ pending: PendingAnswer
    ) throws(ServiceError) -> Answer? {
        let job = try job(of: request)
        let last = request.lastEventID.flatMap { Int($0) }.map { max(0, $0) } ?? 0
        let news = try storing { () throws(StoreError) in
            try store.events(ofJob: job.id, after: last, limit: 1)
        }
        if job.state.isFinal && news.isEmpty {
            // Tells an EventSource not to come back.
            return Answer.empty(204)
        }
        // Proxies that collect an answer before they pass it on are asked not to.
        let fields = [(name: "X-Accel-Buffering", value: "no")]
        var head = Answer(contentType: "text/event-stream", headers: fields)
        if request.method == .head { return head }
        guard followers.hasRoom else {
            let limit = limits.followers
            throw .full(
                "\(limit) clients follow jobs already, which is the limit (--max-followers); "
                    + "GET /train/{id} shows a job too."
            )
        }
        // The pause before a client that was cut off comes back, in milliseconds.
        head.body = Array("retry: 1000\n\n".utf8)
        if let stream = pending.stream(head) {
            followers.add(stream, job: job.id, after: last)
        }
        return nil
    }

    func cancel(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let found = try job(of: request)
        let id = found.id
        // Before the store is asked, which may have to wait: a trainer that hangs can have it
        // locked.
        if !found.state.isFinal { supervisor?.endUnlessStopped(id) }
        let job = try storing { () throws(StoreError) in
            do throws(StoreError) { return try store.requestCancel(id) } catch {
                if error != .busy { supervisor?.keep(id) }
                throw error
            }
        }
        guard let job else { throw .jobNotFound }
        log.info("job_cancel_requested", metadata: ["job": "\(id)", "state": "\(job.state)"])
        return try store.answer(job, job.state.isFinal ? 200 : 202)
    }

    /// Stores a job and its rows, and wakes a trainer.
    ///
    /// - Parameters:
    ///   - job: the job.
    ///   - principal: who asks for it.
    ///   - key: what the client calls the request, if it does.
    /// - Returns: the job as it is kept.
    /// - Throws: why it is not taken.
    func queue(
        _ job: NewJob,
        for principal: Principal,
        key: IdempotencyKey?
    ) throws(ServiceError) -> Submission {
        // Without tokens nobody is told from anybody else.
        let limit = principal.name == nil ? nil : limits.queuedJobsOfToken
        var job = job
        job.isAnnounced = announces
        let submission = try storing { [job] () throws(StoreError) in
            try store.submit(
                job: job,
                limits: QueueLimits(jobs: limits.queuedJobs, jobsOfActor: limit),
                maximumRows: limits.storedExamples,
                idempotency: key
            )
        }
        let queued = submission.job
        log.info(
            "job_queued",
            metadata: [
                "job": "\(queued.id)", "model": "\(queued.model)",
                "examples": "\(queued.rowCount)", "actor": "\(principal.name ?? "")",
            ]
        )
        // A job that had come before may have been counted.
        if !submission.isReplay { metrics.queued(queued.id) }
        supervisor?.wake()
        return submission
    }

    private static func isJobID(_ text: String) -> Bool {
        text.hasPrefix("job-") && text.utf8.count == 36
            && text.utf8.dropFirst(4).allSatisfy { $0 &- 0x30 < 10 || $0 &- 0x61 < 6 }
    }
}
