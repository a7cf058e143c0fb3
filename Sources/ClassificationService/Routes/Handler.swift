internal import HTTPServer

/// What answers an operation.
enum Handler: Sendable {
    /// Answers on the thread that asks, from memory, or says what would take longer.
    case atOnce(
        @Sendable (borrowing HTTPRequest, PathValues, Principal) throws(ServiceError) -> Attempt
    )
    /// Answers from another thread, because the store or the work may take its time; nil if that
    /// answers otherwise.
    case later(
        on: BackgroundWork,
        @Sendable (RequestCopy, PendingAnswer) throws(ServiceError) -> Answer?
    )

    /// Answers at once by who asks alone.
    static func now(_ answer: @escaping @Sendable (Principal) -> Answer) -> Handler {
        .atOnce { _, _, principal throws(ServiceError) in .answer(answer(principal)) }
    }

    /// Whether the thread that asks answers.
    var isAtOnce: Bool { if case .atOnce = self { true } else { false } }
}

/// What the thread that asks can make of a request.
enum Attempt {
    case answer(Answer)
    case later(LaterAnswer)
}

/// An answer that another thread makes.
struct LaterAnswer: Sendable {
    /// A model that is waited for first; without a name the default model.
    struct Model: Sendable {
        let name: String?
    }

    let work: BackgroundWork
    /// What waits with it.
    let bytes: Int
    /// Further time, for those who asked to wait.
    var grace = Duration.zero
    /// What must have been loaded first.
    var model: Model?
    let make: @Sendable (PendingAnswer) throws(ServiceError) -> Answer?
}
