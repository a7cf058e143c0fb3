internal import JSON

/// What a body of `POST /classify` asks for; its texts stay in the parser's memory.
struct ClassifyRequest {
    enum Input {
        case one(JSONValue)
        case several(JSONValue)
    }

    var input: Input
    var model: String?
    var version: Int?
    /// How many of the most probable labels stand in `scores`; nil for all.
    var topK: Int?
    /// The score below which an answer abstains; at 0 none does.
    var minimumConfidence: Float = 0
    /// Whether each answer explains itself.
    var isExplained = false

    /// What stands in the query of a body that is plain text.
    static let parameters = ["model", "version", "top_k", "min_confidence", "explain"]

    /// The JSON body that says the same as a plain text and its query.
    ///
    /// - Parameters:
    ///   - text: valid UTF-8.
    ///   - query: names of `parameters`.
    /// - Returns: the body; whether the values fit is for whoever reads it to say.
    static func json(
        text: UnsafeBufferPointer<UInt8>,
        query: [(name: String, value: String)]
    ) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("text")
        json.string(utf8: text)
        for (name, value) in query {
            json.key(name)
            if name == "model" { json.string(value) } else { json.copy(.query(value)) }
        }
        json.endObject()
        return json.finish()
    }

    /// Checks every member.
    ///
    /// - Throws: the bad ones.
    init(_ body: JSONValue, limits: Limits) throws(ServiceError) {
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"text\" or \"texts\".")
        }
        var errors = FieldErrors()
        var text: JSONValue?
        var texts: JSONValue?
        for (key, value) in body.members {
            switch key {
            case "text": text = value
            case "texts": texts = value
            case "model":
                model = value.string
                if model == nil { errors.add("/model", "The model's name must be a string.") }
            case "version":
                version = value.wholeNumber
                if (version ?? 0) < 1 {
                    errors.add("/version", "The version must be an integer of 1 or more.")
                }
            case "top_k":
                topK = value.wholeNumber
                if !(1...10_000).contains(topK ?? 0) {
                    errors.add("/top_k", "It must be an integer from 1 to 10000.")
                }
            case "min_confidence":
                // Rounded as scores are, so that a score that reads 0.9 passes 0.9.
                let least = value.double ?? -1
                minimumConfidence = Float(least)
                if !(0...1).contains(least) {
                    errors.add("/min_confidence", "It must be a number from 0 to 1.")
                }
            case "explain":
                isExplained = value.bool ?? false
                if value.bool == nil { errors.add("/explain", "It must be true or false.") }
            default: errors.addUnknown(key)
            }
        }
        switch (text, texts) {
        case (let text?, nil):
            Self.check(text, "/text", &errors)
            input = .one(text)
        case (nil, let texts?):
            Self.check(texts: texts, limits, isExplained: isExplained, &errors)
            input = .several(texts)
        default:
            throw .invalid("", "The body must have exactly one of \"text\" and \"texts\".")
        }
        try errors.throwIfAny()
    }

    private static func check(
        _ text: JSONValue,
        _ pointer: @autoclosure () -> String,
        _ errors: inout FieldErrors
    ) {
        if text.utf8 == nil { errors.add(pointer(), "The text must be a string.") }
    }

    private static func check(
        texts: JSONValue,
        _ limits: Limits,
        isExplained: Bool,
        _ errors: inout FieldErrors
    ) {
        guard texts.kind == .array else {
            errors.add("/texts", "It must be an array of strings.")
            return
        }
        guard (1...limits.texts).contains(texts.count) else {
            errors.add(
                "/texts",
                "It must have from 1 to \(limits.texts) texts; send others in further requests, or raise "
                    + "--max-texts."
            )
            return
        }
        if isExplained && texts.count > limits.explainedTexts {
            errors.add(
                "/texts",
                "With \"explain\" it must have from 1 to \(limits.explainedTexts) texts; send others in further "
                    + "requests, or raise --max-explained."
            )
            return
        }
        var index = 0
        for text in texts.elements {
            check(text, "/texts/\(index)", &errors)
            index += 1
        }
    }
}
