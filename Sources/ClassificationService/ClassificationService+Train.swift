internal import Dispatch
internal import HTTPServer
internal import JSON
internal import Logging
internal import Store
internal import Synchronization

extension ClassificationService {
    /// Stores rows and job, then answers, or leaves the answer to whoever sees the job's end.
    func train(
        _ request: RequestCopy,
        _ responder: HTTPResponder
    ) throws(ServiceError) -> HTTPResponse? {
        guard !isDraining.load(ordering: .relaxed) else { throw .stopping }
        let limits = settings.limits
        let body = try LabelledBody(request, TrainRequest.parameters, limits: limits)
        let asked = try TrainRequest(body, limits: limits)
        try request.principal.require(model: asked.model)
        let submission = try submit(asked, request)
        let job = submission.job
        let replayed = Answer.replayed(submission.isReplay)
        log.info(
            "job_queued",
            metadata: [
                "job": "\(job.id)", "model": "\(job.model)", "examples": "\(job.rowCount)",
                "actor": "\(request.principal.name ?? "")",
            ]
        )
        // A job that had come before may have been counted.
        if !submission.isReplay { jobs.queued(job.id) }
        supervisor?.wake()
        guard let wait = request.wait.map({ min($0, settings.limits.waitSeconds) }), wait > 0 else {
            return try answer(job, 202, request.id, headers: replayed, notes: body.notes)
        }
        let waiter = JobWaiters.Waiter(
            jobID: job.id,
            deadline: .now + .seconds(wait),
            responder: responder,
            requestID: request.id,
            start: monotonicNanoseconds(),
            wait: wait,
            headers: replayed,
            notes: body.notes
        )
        return waiters.add(waiter)
            ? nil : try answer(job, 202, request.id, headers: replayed, notes: body.notes)
    }

    func listJobs(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        var limit = 20
        var before: String?
        for (name, value) in request.queryItems {
            switch name {
            case "limit":
                guard let number = Self.versionNumber(value), number <= 100 else {
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
        return Answer.json(requestID: request.id) { json in
            json.beginObject()
            json.key("jobs")
            json.beginArray()
            for job in page.prefix(limit) {
                json.beginObject()
                json.members(of: job)
                json.endObject()
            }
            json.endArray()
            json.member("next", string: page.count > limit ? page[limit - 1].id : nil)
            json.endObject()
        }
    }

    func showJob(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        try answer(try job(of: request), 200, request.id)
    }

    /// The job that a path names.
    ///
    /// One of somebody else is as one that is not there.
    func job(of request: RequestCopy) throws(ServiceError) -> Job {
        let id = request.parts[0]
        guard Self.isJobID(id) else { throw .jobNotFound }
        let job = try storing { () throws(StoreError) in try store.job(id) }
        guard let job, request.principal.maySee(job) else { throw .jobNotFound }
        return job
    }

    func cancelJob(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let id = try job(of: request).id
        let job = try storing { () throws(StoreError) in try store.requestCancel(id) }
        guard let job else { throw .jobNotFound }
        log.info("job_cancel_requested", metadata: ["job": "\(id)", "state": "\(job.state)"])
        if job.state == .running { endTrainerUnlessItStops(id) }
        return try answer(job, job.state.isFinal ? 200 : 202, request.id)
    }

    /// Answers clients whose job has ended or whose time is over.
    ///
    /// - Parameter everyone: also those who could wait longer, because the server stops.
    func answerWaiters(everyone: Bool = false) {
        guard !waiters.isEmpty else { return }
        var jobs: [String: Job] = [:]
        for id in waiters.jobIDs {
            if let job = try? store.job(id) { jobs[id] = job }
        }
        for job in jobs.values { catchUp(with: job) }
        let ended = Set(jobs.values.filter { $0.state.isFinal || everyone }.map(\.id))
        for waiter in waiters.takeFinished(ended: ended) {
            let response: HTTPResponse
            do throws(ServiceError) {
                guard let job = jobs[waiter.jobID] else {
                    throw .storeUnavailable("the job cannot be read")
                }
                let granted = [(name: "Preference-Applied", value: "wait=\(waiter.wait)")]
                let status = job.state.isFinal ? 200 : 202
                let headers = granted + waiter.headers
                response = try answer(
                    job,
                    status,
                    waiter.requestID,
                    headers: headers,
                    notes: waiter.notes
                )
            } catch { response = error.problem.response(requestID: waiter.requestID) }
            waiter.responder.respond(finish(response, waiter.requestID, .train, waiter.start))
        }
    }

    /// Makes the version of a job live here, if it went live in the store.
    ///
    /// A job may have ended since the models were last looked at; who is told so must find its
    /// version.
    private func catchUp(with job: Job) {
        guard job.isPromoted == true, models.snapshot.models[job.model]?.version != job.version
        else { return }
        try? models.refresh()
    }

    /// Looks for changes that others made to the store; runs on a thread of its own.
    func followStore() {
        do throws(StoreError) {
            let mark = try store.changeMark()
            if lastSeen.withLock({ $0 }) != mark {
                try models.refresh()
                lastSeen.withLock { $0 = mark }
            }
            followers.serve(from: store, at: mark) { self.catchUp(with: $0) }
            try jobs.follow(store, at: mark)
            try lookAfterStore()
            setStoreTrouble(nil)
        } catch { setStoreTrouble(error) }
        answerWaiters()
        connections.logNews(log)
    }

    /// Once a second: jobs whose worker, here or elsewhere, has gone silent go back to the queue,
    /// and a store that took nothing is tried again.
    private func lookAfterStore() throws(StoreError) {
        let now = monotonicNanoseconds()
        let isDue = lastLook.withLock { last in
            guard now - last >= 1_000_000_000 else { return false }
            last = now
            return true
        }
        guard isDue else {
            if let trouble = store.writeTrouble { throw trouble }
            return
        }
        if store.writeTrouble != nil { try store.tryWriting() }
        for job in try store.reclaimSilentJobs() {
            log.warning("job_reclaimed", metadata: ["job": "\(job.id)", "state": "\(job.state)"])
        }
        supervisor?.wake()
    }

    /// Remembers for `/readyz` whether the store answers; logs when that changes.
    private func setStoreTrouble(_ error: StoreError?) {
        let reason = error?.clientReason
        let isNew = storeTrouble.withLock { trouble in
            defer { trouble = reason }
            return trouble != reason
        }
        guard isNew else { return }
        if let reason {
            log.error("store_failed", metadata: ["reason": "\(reason)"])
        } else {
            log.notice("store_answers_again")
        }
    }

    private func submit(
        _ asked: TrainRequest,
        _ request: RequestCopy
    ) throws(ServiceError) -> Submission {
        let principal = request.principal
        let key = try request.idempotency()
        // Without tokens nobody is told from anybody else.
        let limit = principal.name == nil ? nil : settings.limits.queuedJobsOfToken
        return try storing { () throws(StoreError) in
            try store.submit(
                job: NewJob(
                    model: asked.model,
                    options: asked.options ?? Array("{}".utf8),
                    promotion: asked.promotion,
                    examples: asked.examples,
                    mode: asked.mode,
                    warmStart: asked.startsWarm,
                    actor: principal.name,
                    mayPromote: principal.holds(.promote)
                ),
                limits: QueueLimits(jobs: settings.limits.queuedJobs, jobsOfActor: limit),
                maximumRows: settings.limits.storedExamples,
                idempotency: key
            )
        }
    }

    /// A trainer that does not heed the cancel in time is ended; its job then counts as cancelled.
    private func endTrainerUnlessItStops(_ id: String) {
        guard let supervisor else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(1500)) { [store] in
            guard let job = try? store.job(id), job.state == .running,
                let jobs = try? store.jobs(limit: 100, before: nil, ofActor: nil)
            else { return }
            // With one running job the local trainer has it, or somebody else has and it is idle.
            if jobs.count(where: { $0.state == .running }) == 1 { supervisor.endCurrent() }
        }
    }

    /// A job with its report.
    private func answer(
        _ job: Job,
        _ status: Int,
        _ id: RequestID,
        headers: [(name: String, value: String)] = [],
        notes: [String] = []
    ) throws(ServiceError) -> HTTPResponse {
        let report = try storing { () throws(StoreError) in try store.report(ofJob: job.id) }
        let place = [(name: "Location", value: "/train/" + job.id)]
        return Answer.json(status, requestID: id, headers: place + headers) { json in
            json.beginObject()
            json.members(of: job)
            json.member("report", raw: report)
            json.notes(notes)
            json.endObject()
        }
    }

    static func isJobID(_ text: String) -> Bool {
        text.hasPrefix("job-") && text.utf8.count == 36
            && text.utf8.dropFirst(4).allSatisfy { $0 &- 0x30 < 10 || $0 &- 0x61 < 6 }
    }
}

extension JSONWriter {
    fileprivate mutating func members(of job: Job) {
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
