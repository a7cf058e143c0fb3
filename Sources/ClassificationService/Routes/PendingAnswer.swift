internal import HTTPServer

/// The right to answer one request from any thread, once; the answer is counted and logged.
struct PendingAnswer: Sendable {
    let request: RequestID
    private let responder: HTTPResponder
    private let operation: Operation
    private let path: OperationTable.Path
    private let journal: RequestJournal
    private let start: Int

    /// - Parameters:
    ///   - responder: takes the answer.
    ///   - request: the name of the request.
    ///   - operation: what is asked for.
    ///   - path: where.
    ///   - journal: counts and logs.
    ///   - start: when the request was complete, on the monotonic clock.
    init(
        _ responder: HTTPResponder,
        _ request: RequestID,
        _ operation: Operation,
        _ path: OperationTable.Path,
        _ journal: RequestJournal,
        start: Int
    ) {
        self.responder = responder
        self.request = request
        self.operation = operation
        self.path = path
        self.journal = journal
        self.start = start
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
        journal.note(answer.status, of: path, request.text, start: start)
        return answer.response(requestID: given)
    }
}
