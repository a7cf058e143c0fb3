/// What a request must lead to.
enum Outcome {
    /// These answers, and an open connection.
    case answered([Int])
    /// These answers, and a closed connection.
    case answeredAndClosed([Int])
    /// One refusal in the service's words, and a closed connection.
    case refused(Int, String)
    /// No answer; the deadline closes the connection.
    case unanswered
}

struct Probe {
    let name: String
    let request: String
    let outcome: Outcome
}

/// The second request that each framing attack hides.
let hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"

func post(_ fields: String, _ body: String) -> String {
    "POST /p HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\(body)"
}

func get(_ fields: String) -> String { "GET /p HTTP/1.1\r\nHost: a\r\n\(fields)\r\n" }

func line(_ requestLine: String) -> String { "\(requestLine)\r\nHost: a\r\n\r\n" }

extension Outcome {
    /// Answers after which only silence ends the conversation; out of reach where it must close.
    var answersUntilQuiet: Int {
        if case .answered(let statuses) = self { statuses.count } else { .max }
    }

    var reachesService: Bool {
        switch self {
        case .answered, .answeredAndClosed: true
        case .refused, .unanswered: false
        }
    }
}
