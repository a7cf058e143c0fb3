internal import JSON

/// What a body of `DELETE /models/{model}/examples` asks for, checked.
struct ExampleRemoval {
    var ids: [Int] = []
    var texts: [String] = []

    /// Checks every member.
    ///
    /// - Throws: the bad ones.
    init(_ body: JSONValue, limits: Limits) throws(ServiceError) {
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"ids\" or \"texts\".")
        }
        var errors = FieldErrors()
        for (key, value) in body.members {
            switch key {
            case "ids":
                ids = Self.read(value, key, "numbers", limits, &errors) { $0.wholeNumber }
            case "texts":
                texts = Self.read(value, key, "strings", limits, &errors) { $0.string }
            default: errors.addUnknown(key)
            }
        }
        try errors.throwIfAny()
        if ids.isEmpty && texts.isEmpty {
            throw .invalid(
                "",
                "The body must have \"ids\" or \"texts\", with one element at least."
            )
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
            errors.add("/" + name, "It must be an array of at most \(limits.examples) \(kind).")
            return []
        }
        var elements: [Element] = []
        for (index, item) in value.elements.enumerated() {
            if let found = element(item) {
                elements.append(found)
            } else {
                errors.add("/\(name)/\(index)", "It must be one of the \(kind).")
            }
        }
        return elements
    }
}
