internal import Evaluation

/// What went wrong, as clients learn it: a value that an `ErrorWriter` makes an answer of.
struct Problem: Sendable {
    /// What is told beside the sentence.
    enum Fact: Sendable {
        case count(Int)
        case check(GoldenCheck)
    }

    let status: Int
    /// Stable, for programs.
    let code: String
    /// A sentence for people, without anything that the client sent but the host.
    let detail: String
    var errors: [FieldError] = []
    /// Facts by their names, in order.
    var facts: [(name: String, value: Fact)] = []
    var headers: [(name: String, value: String)] = []

    init(
        _ status: Int,
        _ code: String,
        _ detail: String,
        errors: [FieldError] = [],
        facts: [(name: String, value: Fact)] = [],
        headers: [(name: String, value: String)] = [],
        retryAfterSeconds: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.facts = facts
        self.headers = headers
        if let retryAfterSeconds {
            self.headers.append(("Retry-After", String(retryAfterSeconds)))
        }
    }
}
