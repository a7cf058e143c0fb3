internal import JSON

/// What a request of TEI says of texts that are longer than a model reads.
struct CutRule: Sendable, Equatable {
    /// Whether they may be cut.
    private(set) var allowsCut = true
    /// Whether they are to be cut at their start.
    private(set) var isFromLeft = false

    /// Takes a member over.
    ///
    /// - Returns: false if it is another's.
    mutating func read(
        _ name: String,
        _ value: JSONValue,
        _ texts: inout TextCollector
    ) -> Bool {
        switch name {
        case "truncate":
            // Without it the server decides: `auto_truncate` of GET /info.
            if value.isNull { return true }
            allowsCut = value.bool ?? true
            if value.bool == nil { texts.refuse("/truncate", "It must be true or false.") }
        case "truncation_direction":
            if value.isNull { return true }
            switch value.string?.lowercased() {
            case "left": isFromLeft = true
            case "right": break
            default: texts.refuse("/truncation_direction", "It must be left or right.")
            }
        default: return false
        }
        return true
    }
}

/// Says that a text which is too long is to be refused.
final class UncutTexts: RequestEcho {
    private let rule: CutRule
    /// Whether scores are to be raw.
    let isRaw: Bool

    init(_ rule: CutRule, isRaw: Bool) {
        self.rule = rule
        self.isRaw = isRaw
    }

    /// Why a text is refused of which so many tokens are read.
    func refusal(tokens: Int) -> ServiceError {
        .invalid(
            "",
            rule.allowsCut
                ? "A text has more than \(tokens) tokens, and texts are not cut at their start: "
                    + "leave out \"truncation_direction\"; the middle is then not read."
                : "A text has more than \(tokens) tokens: shorten it, or send \"truncate\": true; "
                    + "the middle is then not read."
        )
    }
}
