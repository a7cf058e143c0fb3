internal import Glibc
public import HTTPServer
internal import Logging

extension ClassificationService {
    /// Lets a body follow where a route takes one; what brings one elsewhere is refused unread.
    public func admit(_ head: borrowing HTTPRequest) -> HTTPAdmission {
        if head.method == .post && head.hasPath("/classify") {
            // A small body is let in unasked: its token is looked at once, when it is here.
            if head.announcesLargeBody {
                do throws(ServiceError) {
                    try access.requireHost(of: head)
                    _ = try access.authorize(head, .scope(.classify))
                } catch { return .refuse(finish(error, head, .classify)) }
            }
            return .accept(maximumBodyBytes: settings.limits.classifyBodyBytes)
        }
        guard head.announcesBody else { return .accept(maximumBodyBytes: 0) }
        do throws(ServiceError) { try access.requireHost(of: head) } catch {
            return .refuse(finish(error, head, nil))
        }
        guard let (route, _) = Route.match(head) else {
            return .refuse(finish(ServiceError.pathNotFound, head, nil))
        }
        guard let operation = route.operation(head.method) else {
            guard head.method != .options else { return .accept(maximumBodyBytes: 0) }
            return .refuse(finish(.methodNotAllowed(allow: route.allow), head, route))
        }
        do throws(ServiceError) { _ = try access.authorize(head, operation.access) } catch {
            return .refuse(finish(error, head, route))
        }
        return .accept(maximumBodyBytes: settings.limits.bodyBytes(operation.body))
    }

    /// Answers, or says who will.
    public func respond(to request: borrowing HTTPRequest) -> HTTPReply {
        let start = monotonicNanoseconds()
        do throws(ServiceError) { try access.requireHost(of: request) } catch {
            let route = Route.match(request)?.route
            // Probes ask by whatever name they have, and tell nothing that is worth a web page's
            // while.
            guard route == .livez || route == .readyz else {
                return .now(finish(error, request, route, start: start))
            }
        }
        if request.method == .post && request.hasPath("/classify") {
            return classify(request, start: start)
        }
        guard let (route, parts) = Route.match(request) else {
            return .now(finish(.pathNotFound, request, nil, start: start))
        }
        if request.method == .options {
            let id = RequestID(of: request)
            let allow = [(name: "Allow", value: route.allow)]
            return .now(
                finish(
                    Answer.bytes(nil, [], status: 204, requestID: id, headers: allow),
                    id,
                    route,
                    start
                )
            )
        }
        guard let operation = route.operation(request.method) else {
            let error = ServiceError.methodNotAllowed(allow: route.allow)
            return .now(finish(error, request, route, start: start))
        }
        let principal: Principal
        do throws(ServiceError) {
            principal = try access.authorize(request, operation.access)
            if let model = route.model(in: parts) { try principal.require(model: model) }
            if request.hasQuery { try operation.check(request.queryItems) }
        } catch { return .now(finish(error, request, route, start: start)) }
        let id = RequestID(of: request)
        switch route {
        case .livez: return .now(finish(liveness(id), id, route, start))
        case .readyz: return .now(finish(readiness(id, for: principal), id, route, start))
        case .metrics: return .now(finish(metricsText(id), id, route, start))
        case .contract: return .now(finish(contract(id), id, route, start))
        case .index: return .now(finish(index(id), id, route, start))
        case .classify, .train, .job, .events, .models, .model, .live, .versions, .version, .pin,
            .checkpoint, .examples, .revision, .versionExamples, .golden, .evaluate, .diff,
            .feedback:
            let copy = RequestCopy(
                request,
                route: route,
                parts: parts,
                id: id,
                principal: principal
            )
            let isEvaluation = route == .evaluate || route == .diff
            return later(copy, start: start, on: isEvaluation ? evaluations : background)
        }
    }

    /// Renders an answer to a request that the transport refuses.
    public func refusal(
        _ refusal: HTTPRefusal,
        of request: borrowing HTTPRequest
    ) -> HTTPResponse {
        var problem = Problem(refusal.status, refusal.code, refusal.detail)
        if refusal.status == 413, let (route, _) = Route.match(request),
            let body = route.operation(request.method)?.body
        {
            problem = ServiceError.bodyTooLarge(settings.limits.tooLarge(body, route)).problem
        }
        if refusal.status == 503 { problem.headers.append(("Retry-After", "1")) }
        requests.record(nil, status: refusal.status, nanoseconds: 0)
        return problem.response(requestID: RequestID())
    }

    /// Counts a connection that found no place, and tells the log once a second.
    public func turnedAway(_ how: HTTPTurnedAway) {
        connections.record(how)
        connections.logNews(log)
    }

    /// Answers from another thread, because the store or the work may take its time.
    func later(_ request: RequestCopy, start: Int, on work: BackgroundWork) -> HTTPReply {
        // What waits for a job is handed on and ends with the deadline that it was given.
        let limit = work.timeLimit + .seconds(request.wait.map { min($0, 3600) } ?? 0)
        return .later(within: limit) { [self] responder in
            run(request, responder, start: start, on: work)
        }
    }

    /// Answers from another thread as soon as the model, nil for the default one, is loaded.
    func later(
        _ request: RequestCopy,
        start: Int,
        on work: BackgroundWork,
        whenLoaded model: String?
    ) -> HTTPReply {
        .later(within: .seconds(10)) { [self] responder in
            let isWaiting = models.whenLoaded(model, bytes: request.body.count) { [self] in
                run(request, responder, start: start, on: work)
            }
            if !isWaiting { refuse(request, responder, .modelLoading, start: start) }
        }
    }

    private func run(
        _ request: RequestCopy,
        _ responder: HTTPResponder,
        start: Int,
        on work: BackgroundWork
    ) {
        let isStarted = work.start(bytes: request.body.count) { [self] in
            if let response = answer(request, responder) {
                responder.respond(finish(response, request.id, request.route, start))
            }
        }
        if !isStarted { refuse(request, responder, .busy, start: start) }
    }

    private func refuse(
        _ request: RequestCopy,
        _ responder: HTTPResponder,
        _ error: ServiceError,
        start: Int
    ) {
        let response = error.problem.response(requestID: request.id)
        responder.respond(finish(response, request.id, request.route, start))
    }

    /// The answer to a request that needs the store, or nil if somebody else gives it.
    private func answer(_ request: RequestCopy, _ responder: HTTPResponder) -> HTTPResponse? {
        do throws(ServiceError) {
            let request = try request.withoutForm()
            switch request.route {
            case .classify: return try classifyInBackground(request, responder)
            case .train where request.method == .post: return try train(request, responder)
            case .train: return try listJobs(request)
            case .job where request.method == .delete: return try cancelJob(request)
            case .job: return try showJob(request)
            case .events: return try followJob(request, responder)
            case .models: return try listModels(request)
            case .model where request.method == .delete: return try deleteModel(request)
            case .model: return try showModel(request)
            case .live: return try setLive(request)
            case .versions: return try uploadVersion(request)
            case .version where request.method == .delete: return try deleteVersion(request)
            case .version: return try showVersion(request)
            case .pin: return try setPinned(request.method == .put, request)
            case .checkpoint: return try downloadCheckpoint(request)
            case .examples where request.method == .post: return try changeExamples(request)
            case .examples where request.method == .delete: return try removeExamples(request)
            case .examples: return try listExamples(request, responder)
            case .versionExamples: return try listVersionExamples(request, responder)
            case .revision where request.method == .put: return try restoreExamples(request)
            case .revision: return try listRevisions(request)
            case .golden where request.method == .put: return try setGolden(request)
            case .golden: return try showGolden(request)
            case .evaluate: return try evaluate(request)
            case .diff where request.method == .post: return try compareOnPosted(request)
            case .diff: return try compareOnStored(request)
            case .feedback: return try feedback(request)
            case .livez, .readyz, .metrics, .contract, .index: throw .pathNotFound
            }
        } catch {
            if case .storeUnavailable(let reason) = error {
                log.error("store_failed", metadata: ["reason": "\(reason)"])
            }
            return error.problem.response(requestID: request.id)
        }
    }

    /// Counts and logs an answer.
    func finish(
        _ response: HTTPResponse,
        _ id: RequestID,
        _ route: Route?,
        _ start: Int
    ) -> HTTPResponse {
        let duration = monotonicNanoseconds() - start
        requests.record(route, status: response.status, nanoseconds: duration)
        if settings.logsRequests {
            log.info(
                "request",
                metadata: [
                    "route": "\(route?.template ?? "none")", "status": "\(response.status)",
                    "microseconds": "\(duration / 1000)", "request_id": "\(id.text)",
                ]
            )
        }
        return response
    }

    func finish(
        _ error: ServiceError,
        _ request: borrowing HTTPRequest,
        _ route: Route?,
        start: Int? = nil
    ) -> HTTPResponse {
        let id = RequestID(of: request)
        let response = error.problem.response(requestID: id)
        return finish(response, id, route, start ?? monotonicNanoseconds())
    }
}

/// A clock that never jumps.
func monotonicNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

extension HTTPRequest {
    /// Whether a body follows, by what the head says.
    var announcesBody: Bool {
        let length: Bool? = withHeader("content-length") { !$0.holds("0") }
        return length ?? (withHeader("transfer-encoding") { _ in true } ?? false)
    }

    /// Whether a body of 10,000 bytes or more follows, or one of unknown length.
    var announcesLargeBody: Bool {
        let length: Bool? = withHeader("content-length") { $0.count > 4 }
        return length ?? (withHeader("transfer-encoding") { _ in true } ?? false)
    }
}
