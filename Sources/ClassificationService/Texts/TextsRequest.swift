internal import Examples
internal import JSON
internal import Model
internal import Store
internal import TextForm

/// What a body of `POST /models/{model}/texts` brings, checked.
struct TextsRequest {
    /// As they are kept; empty ones are left out.
    private(set) var texts: [String] = []
    /// Whether remembered answers are to be taken over.
    private(set) var takesPredictions = false

    /// - Throws: the bad members, at most 20, or what content is expected.
    init(_ request: RequestCopy, limits: Limits) throws(ServiceError) {
        let rule = limits.exampleRules.text
        var errors = FieldErrors()
        switch request.content {
        case .json: try read(try request.json(), rule, &errors)
        case .rows(.jsonLines): try readLines(request, rule, &errors)
        case .plainText:
            for line in Self.lines(of: request.body) {
                guard let text = String(validating: line, as: UTF8.self) else {
                    throw .invalid("", "The body must be UTF-8, one text a line.")
                }
                add(text, rule)
            }
        default:
            throw .unsupportedMediaType(
                expected: "application/json, application/x-ndjson or text/plain",
                found: request.content.name
            )
        }
        try errors.throwIfAny()
        guard !texts.isEmpty || takesPredictions else {
            throw .invalid("", "There is no text in the body.")
        }
        guard texts.count <= limits.examples else {
            throw .invalid("", "There are more than \(limits.examples) texts; send them in parts.")
        }
    }

    private mutating func read(
        _ body: JSONValue,
        _ rule: TextRule,
        _ errors: inout FieldErrors
    ) throws(ServiceError) {
        guard body.kind == .object else { throw .invalid("", "The body must be an object.") }
        for (key, value) in body.members {
            switch key {
            case "texts":
                guard value.kind == .array else {
                    errors.add("/texts", "It must be an array of strings.")
                    continue
                }
                for (place, element) in value.elements.enumerated() {
                    if let text = element.string {
                        add(text, rule)
                    } else {
                        errors.add("/texts/\(place)", "It must be a string.")
                    }
                }
            case "from":
                takesPredictions = value.string == "predictions"
                if !takesPredictions { errors.add("/from", "It must be \"predictions\".") }
            default: errors.addUnknown(key)
            }
        }
    }

    /// A line is a string, or an object with `text`.
    private mutating func readLines(
        _ request: RequestCopy,
        _ rule: TextRule,
        _ errors: inout FieldErrors
    ) throws(ServiceError) {
        let parser = JSONParser(memory: request.memory)
        for (number, line) in Self.lines(of: request.body).enumerated() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
            // A document is an object or an array, so that a string stands in one.
            let wrapped = [UInt8(ascii: "[")] + line + [UInt8(ascii: "]")]
            var value: JSONValue?
            if let elements = try? Array(parser.parse(wrapped).elements), elements.count == 1 {
                value = elements[0]
            }
            if let text = value?.string ?? value?["text"]?.string {
                add(text, rule)
            } else {
                errors.add(
                    "/\(number)",
                    "Line \(number + 1) must be a string, or an object with a string \"text\"."
                )
            }
        }
    }

    private mutating func add(_ text: String, _ rule: TextRule) {
        let text = rule.form(of: text).text
        if !text.allSatisfy(\.isWhitespace) { texts.append(text) }
    }

    /// The lines without their ends.
    private static func lines(of body: [UInt8]) -> [[UInt8]] {
        var body = body[...]
        if body.starts(with: [0xEF, 0xBB, 0xBF]) { body = body.dropFirst(3) }
        return body.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            line.last == 0x0D ? Array(line.dropLast()) : Array(line)
        }
    }
}
