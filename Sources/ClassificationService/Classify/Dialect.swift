internal import HTTPServer
internal import Memory

/// A way to ask for classifications and to be answered: a reader, a writer, and its operations.
///
/// All that is decided between them is the same for every dialect. A dialect that is given to
/// `ServiceSettings.dialects` is served; nothing else knows of it.
protocol Dialect: Sendable {
    associatedtype Writer: ClassificationWriter

    /// The rows of the table, each with `classify.handler(self)` and its shape of errors.
    func operations(_ classify: ClassifyHandlers) -> [Operation]

    /// Reads and checks a request.
    ///
    /// - Parameters:
    ///   - request: borrowed for this call.
    ///   - path: what stands in its path.
    ///   - limits: what it may ask for at most.
    ///   - workspace: gets the texts; they may lie in the request or in the parser's document.
    /// - Returns: everything but the texts.
    /// - Throws: what is wrong with it.
    func read(
        _ request: borrowing HTTPRequest,
        _ path: PathValues,
        _ limits: Limits,
        into workspace: ClassifyWorkspace
    ) throws(ServiceError) -> ClassifyRequest

    /// Begins an answer.
    ///
    /// - Parameters:
    ///   - options: what was asked for.
    ///   - textCount: how many classifications follow.
    ///   - model: what makes them.
    /// - Returns: what writes the answer.
    func writer(
        _ options: ClassifyRequest.Options,
        textCount: Int,
        _ model: ServedModel
    ) -> Writer
}

/// What an answer takes over from its request, beside the options: the dialect that makes it is the
/// only one that looks at it.
protocol RequestEcho: AnyObject, Sendable {}

/// Writes classifications, one for each text of a request, in their order.
protocol ClassificationWriter {
    /// Writes what is said of the next text; it may be kept no longer than this call.
    mutating func write(_ classification: borrowing Classification)

    /// Ends the answer; nothing is written afterwards.
    mutating func finish() -> Answer
}

extension ClassificationWriter {
    /// Ends the answer, which keeps its memory until it is sent.
    mutating func finish(keeping memory: MemoryReservation?) -> Answer {
        var answer = finish()
        if let memory { answer.keeping = memory }
        return answer
    }
}
