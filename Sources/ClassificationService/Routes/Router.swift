internal import HTTPServer
internal import Logging
internal import Memory

/// Brings each request to the operation that answers it; decides who may use it first.
struct Router: Sendable {
    let table: OperationTable
    let access: AccessControl
    let models: LiveModels
    let journal: RequestJournal
    /// What large bodies and answers take memory from.
    let memory: MemoryBudget
    /// For requests that a failing store keeps from being answered: each would be a line.
    let storeLog: ThrottledLog

    /// A router for a listener that only operators reach: it asks for no token and no host, and
    /// its requests are neither shown in metrics nor logged.
    func privately(_ table: OperationTable) -> Router {
        Router(
            table: table,
            access: AccessControl(nil, hosts: nil),
            models: models,
            journal: RequestJournal(
                metrics: RequestMetrics(),
                log: journal.log,
                logsRequests: false,
                continuesTraces: false
            ),
            memory: memory,
            storeLog: storeLog
        )
    }

    /// Lets a body follow where an operation takes one; what brings one elsewhere is refused
    /// unread.
    func admit(_ head: borrowing HTTPRequest) -> HTTPAdmission {
        let announced = AnnouncedBody(head)
        if announced == .none { return .accept(maximumBodyBytes: 0) }
        let match = table.match(head)
        let operation = match?.path.operation(for: head)
        // A small body that is answered at once is let in unasked: its token is looked at once,
        // when it is here.
        if let operation, operation.takesSmallBodiesUnasked, announced == .small {
            return .accept(maximumBodyBytes: operation.body.bytes)
        }
        do throws(ServiceError) {
            try access.requireHost(of: head)
            guard let match else { throw .pathNotFound }
            guard let operation else {
                guard head.method != .options else { return .accept(maximumBodyBytes: 0) }
                throw .methodNotAllowed(allow: match.path.allow)
            }
            _ = try access.authorize(head, operation)
            if let spool = operation.spool, announced != .small {
                // A body beyond the limit is refused for that.
                guard (announced.bytes ?? 0) <= operation.body.bytes else {
                    return .accept(maximumBodyBytes: operation.body.bytes)
                }
                if head.hasQuery { try operation.check(head.queryItems) }
                let file = try spool(head, announced.bytes)
                return .spool(maximumBodyBytes: operation.body.bytes, into: file)
            }
            // Read or not: a body beyond the limit is refused for that.
            if let bytes = announced.bytes, bytes <= operation.body.bytes,
                bytes > MemoryBudget.smallBytes, !memory.hasRoom(for: bytes, .body)
            {
                throw memory.error(needed: bytes, for: .body)
            }
            return .accept(maximumBodyBytes: operation.body.bytes)
        } catch {
            let facts = journal.facts(head, match)
            return .refuse(refusal(error, head, match?.path, facts, start: monotonicNanoseconds()))
        }
    }

    /// Answers, or says who will.
    func respond(to request: borrowing HTTPRequest) -> HTTPReply {
        let start = monotonicNanoseconds()
        let match = table.match(request)
        let facts = journal.facts(request, match)
        do throws(ServiceError) {
            // Probes ask by whatever name they have, and tell nothing that is worth a web page's
            // while.
            if match?.path.answersAnyHost != true { try access.requireHost(of: request) }
            guard let match else { throw .pathNotFound }
            return try respond(to: request, match, facts, start: start)
        } catch {
            return .now(refusal(error, request, match?.path, facts, start: start))
        }
    }

    private func respond(
        to request: borrowing HTTPRequest,
        _ match: OperationTable.Match,
        _ facts: AccessFacts?,
        start: Int
    ) throws(ServiceError) -> HTTPReply {
        let path = match.path
        if request.method == .options {
            let preflight = journal.origins?.preflight(request, methods: path.allow) ?? []
            let answer = Answer.empty(204, headers: [("Allow", path.allow)] + preflight)
            return .now(noted(answer, request, path, facts, start: start))
        }
        guard let operation = path.operation(for: request) else {
            throw .methodNotAllowed(allow: path.allow)
        }
        let principal = try access.authorize(request, operation)
        facts?.token = principal.name
        if let model = match.values[.model] { try principal.require(model: model) }
        if request.hasQuery { try operation.check(request.queryItems) }
        switch operation.handler {
        case .atOnce(let answer):
            let attempt: Attempt
            if let trace = facts?.trace {
                attempt = try trace.working {
                    Result { () throws(ServiceError) in
                        try answer(request, match.values, principal)
                    }
                }
                .get()
            } else {
                attempt = try answer(request, match.values, principal)
            }
            switch attempt {
            case .answer(let answer):
                return .now(noted(answer, request, path, facts, start: start))
            case .later(let answer):
                return later(answer, RequestID(of: request), operation, path, facts, start: start)
            }
        case .later(let work, let make):
            let copy = try RequestCopy(
                request,
                operation,
                match.values,
                principal,
                memory: memory
            )
            let answer = LaterAnswer(
                work: work,
                bytes: copy.body.count,
                // What waits for a job is handed on and ends with the deadline that it was given.
                grace: .seconds(copy.wait.map { min($0, 3600) } ?? 0)
            ) { pending throws(ServiceError) in
                let request = try copy.withoutForm()
                guard let form = request.form else { return try make(request, pending) }
                do throws(ServiceError) { return try make(request, pending) } catch {
                    throw form.naming(error)
                }
            }
            return later(answer, copy.id, operation, path, facts, start: start)
        }
    }

    private func later(
        _ answer: LaterAnswer,
        _ id: RequestID,
        _ operation: Operation,
        _ path: OperationTable.Path,
        _ facts: AccessFacts?,
        start: Int
    ) -> HTTPReply {
        // A request waits for a model as long as a client waits for a start.
        let limit = answer.model == nil ? answer.work.timeLimit + answer.grace : .seconds(10)
        return .later(within: limit) { [self] responder in
            let pending = PendingAnswer(
                responder,
                id,
                operation,
                path,
                journal,
                facts,
                start: start
            )
            guard let model = answer.model else { return run(answer, pending, facts?.trace) }
            let isWaiting = models.whenLoaded(model.name, bytes: answer.bytes) {
                run(answer, pending, facts?.trace)
            }
            if !isWaiting { pending.fail(.modelLoading) }
        }
    }

    private func run(_ answer: LaterAnswer, _ pending: PendingAnswer, _ trace: RequestTrace?) {
        let isStarted = answer.work.start(bytes: answer.bytes) {
            guard let trace else { return finish(answer, pending) }
            trace.working { finish(answer, pending) }
        }
        if !isStarted { pending.fail(.busy) }
    }

    private func finish(_ answer: LaterAnswer, _ pending: PendingAnswer) {
        do throws(ServiceError) {
            if let made = try answer.make(pending) { pending.respond(try counted(made)) }
        } catch {
            if case .storeUnavailable(let reason) = error {
                storeLog.log("store_failed", metadata: ["reason": "\(reason)"])
            }
            pending.fail(error)
        }
    }

    /// An answer that has taken the memory which it needs until it is sent.
    private func counted(_ answer: Answer) throws(ServiceError) -> Answer {
        guard answer.keeping == nil else { return answer }
        var counted = answer
        counted.keeping = try memory.take(answer.body.count, for: .answer)
        return counted
    }

    /// Renders an answer to a request that the transport refuses.
    func refusal(_ refusal: HTTPRefusal, of request: borrowing HTTPRequest) -> HTTPResponse {
        var problem = Problem(refusal.status, refusal.code, refusal.detail)
        // The head of others may not be what it seems.
        let path = refusal.status == 413 ? table.match(request)?.path : nil
        let operation = path?.operation(for: request)
        if let body = operation?.body {
            problem = ServiceError.bodyTooLarge(body.refusal).problem
        }
        if refusal.status == 503 { problem.headers.append(("Retry-After", "1")) }
        let id = RequestID().text
        let errors = operation?.errors ?? path?.errors ?? ProblemDocument()
        let answer = errors.answer(to: problem, requestID: id)
        let facts = journal.facts(request, refusal)
        journal.noteRefusal(answer, of: path, id, facts)
        return journal.response(answer, id, facts)
    }

    private func refusal(
        _ error: ServiceError,
        _ request: borrowing HTTPRequest,
        _ path: OperationTable.Path?,
        _ facts: AccessFacts?,
        start: Int
    ) -> HTTPResponse {
        let id = RequestID(of: request).text
        let errors = path?.operation(for: request)?.errors ?? path?.errors ?? ProblemDocument()
        let answer = errors.answer(to: error.problem, requestID: id)
        journal.note(answer, of: path, id, facts, start: start)
        return journal.response(answer, id, facts)
    }

    private func noted(
        _ answer: Answer,
        _ request: borrowing HTTPRequest,
        _ path: OperationTable.Path,
        _ facts: AccessFacts?,
        start: Int
    ) -> HTTPResponse {
        let id = RequestID.given(in: request)
        journal.note(answer, of: path, id, facts, start: start)
        return journal.response(answer, id, facts)
    }
}

/// How large a body follows, by what the head says.
private enum AnnouncedBody: Equatable {
    case none
    /// Less than 10,000 bytes.
    case small
    /// More.
    case large(Int)
    /// It comes in chunks.
    case unknown

    init(_ head: borrowing HTTPRequest) {
        let announced: AnnouncedBody? = head.withHeader("content-length") { length in
            length.count > 4
                ? .large(Int(String(decoding: length, as: UTF8.self)) ?? Int.max)
                : length.holds("0") ? .none : .small
        }
        let isChunked =
            announced == nil && head.withHeader("transfer-encoding") { _ in true } == true
        self = announced ?? (isChunked ? .unknown : .none)
    }

    /// How many bytes; nil where that does not matter or is not known.
    var bytes: Int? { if case .large(let bytes) = self { bytes } else { nil } }
}

extension HTTPRequest {
    /// Whether a body follows, by what the head says.
    var announcesBody: Bool { AnnouncedBody(self) != .none }
}
