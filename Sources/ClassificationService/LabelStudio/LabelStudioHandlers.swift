internal import Examples
internal import HTTPServer
internal import JSON
internal import Logging
internal import Model
internal import Store

/// A model as an ML backend of Label Studio.
///
/// What people choose there joins the model's data set; what the model says is shown there.
struct LabelStudioHandlers: Sendable {
    let store: any Store
    let models: LiveModels
    let predictions: LabelStudioPredictions
    let jobs: JobHandlers
    let limits: Limits
    let drain: Drain
    /// After how many new annotations a training job is queued; 0 for never.
    let trainAfter: Int
    let background: BackgroundWork
    let log: Logger

    /// - Parameters:
    ///   - parts: what it shares with others.
    ///   - jobs: takes training jobs.
    ///   - background: for what may wait for the store.
    init(_ parts: ServiceParts, _ jobs: JobHandlers, background: BackgroundWork) {
        store = parts.store
        models = parts.models
        limits = parts.settings.limits
        predictions = LabelStudioPredictions(
            models: parts.models,
            limits: parts.settings.limits,
            memory: parts.settings.memory,
            background: background
        )
        self.jobs = jobs
        drain = parts.drain
        trainAfter = parts.settings.labelStudioTrainAfter
        self.background = background
        log = parts.log
    }

    /// Says that the backend is there; Label Studio asks before all else, and waits a second.
    private func health(_ path: PathValues) throws(ServiceError) -> Answer {
        try Self.requireGood(path)
        return Answer.json { json in
            json.beginObject()
            json.member("status", string: "UP")
            json.member("model_class", string: "Elman")
            json.endObject()
        }
    }

    private static func requireGood(_ path: PathValues) throws(ServiceError) {
        guard let name = path[.model], NameRule.lowerCase.allows(name) else {
            throw .modelNotFound
        }
    }

    /// Looks whether a project's setup can be learnt, and says which version answers.
    private func setUp(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let body = try request.json()
        let model = try request.newModel()
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"schema\".")
        }
        if let schema = body["schema"], !schema.isNull {
            guard let text = schema.string else {
                throw .invalid("/schema", "It must be the labelling setup, a string.")
            }
            // A project may have no setup yet.
            if !trimmed(text[...]).isEmpty {
                _ = try LabelingSetup(text, at: "/schema", limits.exampleRules.label)
            }
        }
        let snapshot = models.snapshot
        let live = snapshot.cards[model]?.version.version
        guard live != nil || !snapshot.isStarting else { throw .modelLoading }
        return Answer.json { json in
            json.beginObject()
            json.member("model_version", string: LabelStudioPredictions.name(of: live))
            json.endObject()
        }
    }

    private func listVersions(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let model = request.model
        let versions = try storing { () throws(StoreError) in
            try store.versions(of: model, number: nil)
        }
        return Answer.json { json in
            json.beginObject()
            json.member("versions", array: versions) { version, json in
                json.string(LabelStudioPredictions.name(of: version.version))
            }
            json.endObject()
        }
    }

    /// Follows what people do, or trains.
    private func hear(_ request: RequestCopy) throws(ServiceError) -> Answer {
        try act(
            LabelStudioEvent(webhook: request.json(), model: request.newModel(), limits),
            request
        )
    }

    /// Trains, on the annotations that come with the request too.
    private func train(_ request: RequestCopy) throws(ServiceError) -> Answer {
        try act(
            LabelStudioEvent(training: request.json(), model: request.newModel(), limits),
            request
        )
    }

    private func act(
        _ event: LabelStudioEvent,
        _ request: RequestCopy
    ) throws(ServiceError) -> Answer {
        guard event.kind != .other else {
            return Answer.json { json in
                json.beginObject()
                json.member("status", string: "Unknown event")
                json.endObject()
            }
        }
        guard !drain.isDraining else { throw .stopping }
        var change = event.change
        change.actor = request.principal.name
        var followed: FollowedAnnotations?
        if !change.isEmpty { followed = try follow(change) }
        var job: String?
        if event.kind == .train {
            job = try queue(change.model, request.principal, key: nil)
        } else if let followed {
            job = queueIfDue(followed, change.model, request.principal)
        }
        return answer(change.model, followed, job)
    }

    private func follow(_ change: AnnotationChange) throws(ServiceError) -> FollowedAnnotations {
        let followed = try storing { () throws(StoreError) in
            try store.follow(change, maximumRows: limits.storedExamples)
        }
        log.info(
            "annotations_followed",
            metadata: [
                "model": "\(change.model)", "revision": "\(followed.revision)",
                "annotations": "\(change.kept.count)",
            ]
        )
        return followed
    }

    /// Queues a job once, whichever of the servers that share a store was told last.
    private func queueIfDue(
        _ followed: FollowedAnnotations,
        _ model: String,
        _ principal: Principal
    ) -> String? {
        guard trainAfter > 0, followed.untrainedCount >= trainAfter else { return nil }
        let key = IdempotencyKey(
            scope: "label-studio \(model)",
            key: "after \(followed.lastJob)",
            requestDigest: ""
        )
        do throws(ServiceError) { return try queue(model, principal, key: key) } catch {
            // The annotations are kept; the next one tries again.
            log.warning(
                "annotations_not_trained",
                metadata: ["model": "\(model)", "reason": "\(error.problem.code)"]
            )
            return nil
        }
    }

    private func queue(
        _ model: String,
        _ principal: Principal,
        key: IdempotencyKey?
    ) throws(ServiceError) -> String {
        let job = NewJob(
            model: model,
            options: Array("{}".utf8),
            promotion: .ifNotWorse,
            examples: [],
            mode: .extend,
            actor: principal.name,
            mayPromote: principal.holds(.promote)
        )
        return try jobs.queue(job, for: principal, key: key).job.id
    }

    private func answer(
        _ model: String,
        _ followed: FollowedAnnotations?,
        _ job: String?
    ) -> Answer {
        Answer.json(201) { json in
            json.beginObject()
            json.member("status", string: "ok")
            if let job { json.member("job", string: job) }
            json.key("result")
            json.beginObject()
            json.member("model", string: model)
            if let followed {
                json.member("revision", int: followed.revision)
                json.member("total", int: followed.rowCount)
                json.member("added", int: followed.change.added)
                json.member("relabelled", int: followed.change.relabelled)
                json.member("known", int: followed.change.known)
                json.member("removed", int: followed.change.removed)
            }
            json.endObject()
            json.endObject()
        }
    }

    /// Says where a training job stands, in the words of Label Studio's queue.
    private func showJob(_ request: RequestCopy) throws(ServiceError) -> Answer {
        guard let id = try request.json()["job"]?.string else {
            throw .invalid("/job", "It must be the id of a job, a string.")
        }
        let found = try storing { () throws(StoreError) in try store.job(id) }
        guard let job = found, job.model == request.model, request.principal.maySee(job) else {
            let problem = Problem(410, "job_removed", "There is no such job of this model.")
            return LabelStudioErrors().answer(to: problem, requestID: request.id.text)
        }
        let status =
            switch job.state {
            case .queued: "queued"
            case .running: "started"
            case .succeeded: "finished"
            case .failed, .cancelled: "failed"
            }
        return Answer.json { json in
            json.beginObject()
            json.member("job_status", string: status)
            json.member("error", string: job.failure?.detail)
            json.member("created_at", time: job.createdAt)
            json.member("started_at", time: job.startedAt)
            json.member("ended_at", time: job.finishedAt)
            json.endObject()
        }
    }
}

// MARK: The rows of the table

extension LabelStudioHandlers {
    /// Every operation; Label Studio is given the base as the model's address.
    var operations: [Operation] {
        [
            row(.get, "/label-studio/{model}", .anyToken, [200, 404], health),
            row(.get, "/label-studio/{model}/", .anyToken, [200, 404], health),
            row(.get, "/label-studio/{model}/health", .anyToken, [200, 404], health),
            row(
                .post,
                "/label-studio/{model}/setup",
                .anyToken,
                body: .texts(limits),
                [200, 404, 413, 415, 422, 503],
                later(setUp)
            ),
            row(
                .post,
                "/label-studio/{model}/predict",
                .scope(.classify),
                body: .rows(limits),
                [200, 413, 415, 422, 503],
                predictions.handler
            ),
            row(
                .post,
                "/label-studio/{model}/webhook",
                .scope(.train),
                body: .rows(limits),
                [200, 201, 404, 409, 413, 415, 422, 429, 503, 507],
                later(hear)
            ),
            row(
                .post,
                "/label-studio/{model}/train",
                .scope(.train),
                body: .rows(limits),
                [201, 404, 409, 413, 415, 422, 429, 503, 507],
                later(train)
            ),
            row(
                .get,
                "/label-studio/{model}/versions",
                .anyToken,
                [200, 503],
                later(listVersions)
            ),
            row(
                .post,
                "/label-studio/{model}/job_status",
                .anyToken,
                body: .small,
                [200, 410, 413, 415, 422, 503],
                later(showJob)
            ),
        ]
    }

    private func row(
        _ method: HTTPMethod,
        _ path: PathTemplate,
        _ access: Access,
        body: BodyLimit = .none,
        _ statuses: [Int],
        _ handler: Handler
    ) -> Operation {
        Operation(
            method,
            path,
            model: .path,
            access,
            takesBasic: true,
            body: body,
            statuses,
            errors: LabelStudioErrors(),
            handler
        )
    }

    private func row(
        _ method: HTTPMethod,
        _ path: PathTemplate,
        _ access: Access,
        _ statuses: [Int],
        _ answer: @escaping @Sendable (PathValues) throws(ServiceError) -> Answer
    ) -> Operation {
        let handler = Handler.atOnce { _, path, _ throws(ServiceError) in
            .answer(try answer(path))
        }
        return row(method, path, access, statuses, handler)
    }

    private func later(
        _ answer: @escaping @Sendable (RequestCopy) throws(ServiceError) -> Answer
    ) -> Handler {
        .later(on: background) { request, _ throws(ServiceError) in try answer(request) }
    }
}
