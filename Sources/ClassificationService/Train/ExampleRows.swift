internal import Examples
internal import JSON
internal import TextForm

/// Labelled rows in a JSON body.
struct ExampleRows {
    private let rules: ExampleRules

    init(_ limits: Limits) {
        rules = limits.exampleRules
    }

    /// Checks an array of objects with `text` and `label`.
    ///
    /// - Parameters:
    ///   - value: the array.
    ///   - name: the member that it is.
    ///   - count: how many rows there may be.
    ///   - errors: gets what is wrong; not all of it if there is much.
    /// - Returns: the rows; without meaning when something is wrong.
    func read(
        _ value: JSONValue,
        _ name: String,
        count: ClosedRange<Int>,
        _ errors: inout FieldErrors
    ) -> [Example] {
        let pointer = "/" + name
        guard value.kind == .array else {
            errors.add(pointer, "It must be an array of objects with \"text\" and \"label\".")
            return []
        }
        guard count.contains(value.count) else {
            errors.add(
                pointer,
                "There must be from \(count.lowerBound) to \(count.upperBound) \(name)."
            )
            return []
        }
        var examples: [Example] = []
        examples.reserveCapacity(value.count)
        for (index, row) in value.elements.enumerated() {
            guard !errors.isFull else { return [] }
            examples.append(example(row, "\(pointer)/\(index)", &errors))
        }
        return examples
    }

    private func example(
        _ row: JSONValue,
        _ pointer: @autoclosure () -> String,
        _ errors: inout FieldErrors
    ) -> Example {
        guard row.kind == .object else {
            errors.add(pointer(), "It must be an object with \"text\" and \"label\".")
            return Example(label: "", text: "")
        }
        var text: JSONValue?
        var label: JSONValue?
        for (key, value) in row.members {
            switch key {
            case "text": text = value
            case "label": label = value
            default: errors.addUnknown(key, below: pointer())
            }
        }
        let checkedText = self.text(text, below: pointer(), &errors)
        return Example(label: self.label(label, below: pointer(), &errors), text: checkedText)
    }

    /// Checks the member `text` of the object at a pointer.
    func text(
        _ value: JSONValue?,
        below pointer: @autoclosure () -> String,
        _ errors: inout FieldErrors
    ) -> String {
        Self.string("text", value, pointer, &errors) { utf8 throws(TextFormError) in
            try rules.text.text(utf8).text
        }
    }

    /// Checks the member `label` of the object at a pointer.
    func label(
        _ value: JSONValue?,
        below pointer: @autoclosure () -> String,
        _ errors: inout FieldErrors
    ) -> String {
        Self.string("label", value, pointer, &errors) { utf8 throws(TextFormError) in
            try rules.label.label(utf8)
        }
    }

    private static func string(
        _ name: String,
        _ value: JSONValue?,
        _ pointer: () -> String,
        _ errors: inout FieldErrors,
        _ rule: (UnsafeBufferPointer<UInt8>) throws(TextFormError) -> String
    ) -> String {
        let problem: String
        if let utf8 = value?.utf8 {
            do throws(TextFormError) { return try rule(utf8) } catch {
                problem = error.description
            }
        } else {
            problem = value == nil ? "is missing" : "must be a string"
        }
        errors.add(pointer() + "/" + name, "The \(name) \(problem).")
        return ""
    }
}
