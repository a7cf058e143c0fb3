internal import Glibc
internal import HTTPServer
internal import JSON

/// What the requests of several dialects have in common.
extension ClassifyWorkspace {
    /// The JSON body of a request, as clients of other services send it.
    ///
    /// - Throws: what is wrong with it.
    func json(of request: borrowing HTTPRequest) throws(ServiceError) -> JSONValue {
        let content = RequestContent(of: request)
        guard content.isPeersJSON(isFromWebPage: request.header("origin") != nil) else {
            throw .unsupportedMediaType(expected: "application/json", found: content.name)
        }
        return try memory.parse(request.body, with: parser)
    }
}

extension RequestCopy {
    /// The JSON body of a request, as clients of other services send it.
    ///
    /// - Throws: what is wrong with it.
    func peersJSON() throws(ServiceError) -> JSONValue {
        guard content.isPeersJSON(isFromWebPage: isFromWebPage) else {
            throw .unsupportedMediaType(expected: "application/json", found: content.name)
        }
        return try memory.parse(body)
    }
}

extension RequestContent {
    /// Whether it is JSON by what clients of other services say of it: nothing at all, as Triton's
    /// does, or what curl says of all that `-d` sends.
    ///
    /// A page of another site can send these two unasked, so they are not taken from pages.
    func isPeersJSON(isFromWebPage: Bool) -> Bool {
        switch self {
        case .json: true
        case .form, .other(""): !isFromWebPage
        default: false
        }
    }
}

extension ClassifyRequest {
    /// Reads what the query of a request in a dialect says: which model, and which version.
    init(queryOf request: borrowing HTTPRequest) throws(ServiceError) {
        self.init()
        guard request.hasQuery else { return }
        self = try ClassifyRequest(query: request.queryItems)
    }

    /// The settings by which a query names what is to answer, where a body of a dialect has no
    /// place for it.
    static let modelSettings = ["model", "version"]
}

/// Says that scores are to be as a network gives them before its last function.
///
/// They are natural logarithms of the probabilities: softmax gives these back. Where a text may get
/// several labels they are logits, ln p − ln(1 − p): the logistic function gives these back.
final class RawScores: RequestEcho {
    static let asked = RawScores()

    /// The score of a probability.
    ///
    /// - Parameters:
    ///   - probability: from 0 to 1; 0 counts as the least one that there is, 1 of several labels
    ///     as the greatest below 1.
    ///   - isMulti: whether a text may get several labels.
    /// - Returns: its natural logarithm, or its logit where a text may get several.
    static func score(_ probability: Float, isMulti: Bool) -> Float {
        let logarithm = logf(max(probability, .leastNonzeroMagnitude))
        return isMulti ? logarithm - log1pf(-min(probability, (1 as Float).nextDown)) : logarithm
    }
}

/// Collects the texts of a request in a dialect.
struct TextCollector: ~Copyable {
    private let limit: Int
    private(set) var errors = FieldErrors()

    init(_ limits: Limits) { limit = limits.texts }

    /// Refuses a member.
    mutating func refuse(_ pointer: String, _ detail: String) { errors.add(pointer, detail) }

    /// Takes a text.
    mutating func add(
        _ text: JSONValue,
        _ pointer: @autoclosure () -> String,
        to workspace: ClassifyWorkspace
    ) {
        if let utf8 = text.utf8 {
            workspace.texts.append(utf8)
        } else {
            errors.add(pointer(), "The text must be a string.")
        }
    }

    /// Whether a list may have so many texts; one that may not is refused.
    mutating func allows(_ count: Int, _ pointer: String) -> Bool {
        if (1...limit).contains(count) { return true }
        errors.add(
            pointer,
            "There must be from 1 to \(limit) texts; send others in further requests, or raise "
                + "--max-texts."
        )
        return false
    }
}

extension UnsafeRawBufferPointer {
    /// Whether a string of this JSON is just `name`, written without escapes: a look that costs
    /// little, before somebody parses it.
    func holdsString(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { wanted in
            guard let start = baseAddress, let name = wanted.baseAddress else { return false }
            let quote = UInt8(ascii: "\"")
            var position = 0
            while let found = memchr(start + position, Int32(quote), count - position) {
                position = UnsafeRawPointer(found) - start + 1
                if count - position > wanted.count, self[position + wanted.count] == quote,
                    memcmp(start + position, name, wanted.count) == 0
                {
                    return true
                }
            }
            return false
        }
    }
}

extension Problem {
    /// All that is told, for shapes that have no place for each bad member.
    var sentence: String {
        guard errors.contains(where: { !$0.pointer.isEmpty }) || errors.count > 1 else {
            return errors.first?.detail ?? detail
        }
        return errors.map { $0.pointer.isEmpty ? $0.detail : "\($0.pointer): \($0.detail)" }
            .joined(separator: " ")
    }

    /// The same, with the way to another model, for requests that name theirs in the query.
    var sentenceOfQuery: String {
        ["model_not_found", "model_forbidden", "no_model"].contains(code)
            ? sentence + " ?model=NAME in the query names the model that answers." : sentence
    }

    /// The status, where a peer has 400 for all that it cannot take.
    var statusOfPeers: Int { status == 422 ? 400 : status }
}
