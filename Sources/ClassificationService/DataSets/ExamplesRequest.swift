internal import Examples
internal import JSON
internal import TextForm

/// What a body of `POST /models/{model}/examples` asks for, checked.
struct ExamplesRequest {
    var examples: [Example] = []
    var removedIDs: [Int] = []
    var removedTexts: [String] = []
    /// What was passed over in rows of a text format.
    var notes: [String] = []

    /// Checks every member and every row.
    ///
    /// - Throws: the bad ones.
    init(_ request: RequestCopy, limits: Limits) throws(ServiceError) {
        let body = try LabelledBody(request, LabelledBody.Parameters(), limits: limits)
        var errors = FieldErrors()
        var hasRemoval = false
        for (key, value) in body.settings {
            switch (key, value) {
            case ("remove", .json(let removal)):
                hasRemoval = true
                readRemoval(removal, limits, &errors)
            default: errors.addUnknown(key)
            }
        }
        let posted = body.examples(count: 1...limits.examples, &errors)
        try errors.throwIfAny()
        guard posted != nil || hasRemoval else {
            throw .invalid("", "The body must have \"examples\", \"remove\" or both.")
        }
        examples = posted ?? []
        notes = body.notes
    }

    private mutating func readRemoval(
        _ value: JSONValue,
        _ limits: Limits,
        _ errors: inout FieldErrors
    ) {
        guard value.kind == .object else {
            errors.add("/remove", "It must be an object with \"ids\" or \"texts\".")
            return
        }
        for (key, list) in value.members {
            switch key {
            case "ids":
                removedIDs = Self.read(list, key, "numbers from 1", limits, &errors) { value in
                    value.wholeNumber.flatMap { 1...JSONValue.largestExactInteger ~= $0 ? $0 : nil }
                }
            case "texts":
                let rule = limits.exampleRules.text
                removedTexts = Self.read(list, key, "strings", limits, &errors) { value in
                    value.string.map { rule.form(of: $0).text }
                }
            default: errors.addUnknown(key, below: "/remove")
            }
        }
    }

    private static func read<Element>(
        _ value: JSONValue,
        _ name: String,
        _ kind: String,
        _ limits: Limits,
        _ errors: inout FieldErrors,
        _ element: (JSONValue) -> Element?
    ) -> [Element] {
        guard value.kind == .array, value.count <= limits.examples else {
            errors.add(
                "/remove/" + name,
                "It must be an array of at most \(limits.examples) \(kind); send others in further "
                    + "requests, or raise --max-examples."
            )
            return []
        }
        var elements: [Element] = []
        for (index, item) in value.elements.enumerated() {
            if let found = element(item) {
                elements.append(found)
            } else {
                errors.add("/remove/\(name)/\(index)", "It must be one of the \(kind).")
            }
        }
        return elements
    }
}
