internal import HTTPServer

/// The right to answer one request from any thread, once; the answer is counted and logged.
struct PendingAnswer: Sendable {
    let request: RequestID
    private let responder: HTTPResponder
    private let operation: Operation
    private let path: OperationTable.Path
    private let journal: RequestJournal
    private let facts: AccessFacts?
    private let start: Int
    /// What had been worked on it before it paused; nil if it has not.
    private var handled: Int?

    /// - Parameters:
    ///   - responder: takes the answer.
    ///   - request: the name of the request.
    ///   - operation: what is asked for.
    ///   - path: where.
    ///   - journal: counts and logs.
    ///   - facts: what is logged of the request; nil if nothing is.
    ///   - start: when the request was complete, on the monotonic clock.
    init(
        _ responder: HTTPResponder,
        _ request: RequestID,
        _ operation: Operation,
        _ path: OperationTable.Path,
        _ journal: RequestJournal,
        _ facts: AccessFacts?,
        start: Int
    ) {
        self.responder = responder
        self.request = request
        self.operation = operation
        self.path = path
        self.journal = journal
        self.facts = facts
        self.start = start
    }

    /// The same right, for a request that waits from now on because its client asked to: the wait
    /// counts as no work.
    func paused() -> PendingAnswer {
        var paused = self
        paused.handled = monotonicNanoseconds() - start
        return paused
    }

    /// Whether nobody waits any more.
    var isCancelled: Bool { responder.isCancelled }

    func respond(_ answer: Answer) { responder.respond(noted(answer, request.given, start)) }

    func fail(_ error: ServiceError) {
        let answer = operation.errors.answer(to: error.problem, requestID: request.text)
        responder.respond(noted(answer, request.text, start))
    }

    /// Begins an answer that is sent piece by piece; counted as it begins.
    ///
    /// - Parameters:
    ///   - head: what comes first.
    ///   - isWhole: whether a part of it must not be taken for all.
    /// - Returns: nil if nobody waits any more.
    func stream(_ head: Answer, isWhole: Bool = false) -> HTTPStream? {
        let response = noted(head, request.given, monotonicNanoseconds())
        return responder.stream(response, isWhole: isWhole)
    }

    private func noted(_ answer: Answer, _ given: String?, _ start: Int) -> HTTPResponse {
        let start = handled.map { monotonicNanoseconds() - $0 } ?? start
        journal.note(answer, of: path, request.text, facts, start: start)
        return journal.response(answer, given, facts)
    }
}
