internal import Examples
internal import JSON
internal import Model

/// What a body of `POST /train` asks for, checked.
struct TrainRequest {
    var model: String
    var examples: [Example] = []
    /// As they were posted; nil for the recipe's defaults.
    var options: [UInt8]?
    var isPromoted = true

    /// Checks every member and every row.
    ///
    /// - Throws: the bad ones, at most 20.
    init(_ body: JSONValue, limits: Limits) throws(ServiceError) {
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"model\" and \"examples\".")
        }
        var errors = FieldErrors()
        var name: String?
        var hasModel = false
        var hasExamples = false
        for (key, value) in body.members {
            switch key {
            case "model":
                hasModel = true
                name = value.string
                if !(name.map(Self.isName) ?? false) {
                    errors.add(
                        "/model",
                        "The name must be 1 to 64 lower-case letters, digits, '.', '_' or '-', "
                            + "a letter or digit first."
                    )
                }
            case "examples":
                hasExamples = true
                examples = Self.examples(value, limits, &errors)
            case "options":
                do {
                    _ = try TrainingOptions.decode(value, pointer: "/options")
                    var json = JSONWriter()
                    json.copy(value)
                    options = json.finish()
                } catch {
                    errors.add(error.pointer, "It \(error.detail).")
                }
            case "promote":
                switch value.string {
                case "always": isPromoted = true
                case "never": isPromoted = false
                default: errors.add("/promote", "It must be \"always\" or \"never\".")
                }
            default: errors.addUnknown(key)
            }
        }
        if !hasModel { errors.add("/model", "The model's name is missing.") }
        if !hasExamples { errors.add("/examples", "The examples are missing.") }
        try errors.throwIfAny()
        model = name ?? ""
    }

    /// Whether a name matches `^[a-z0-9][a-z0-9._-]{0,63}$`.
    static func isName(_ name: String) -> Bool {
        func isPlain(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 || byte &- 0x30 < 10 }
        guard let first = name.utf8.first, isPlain(first), name.utf8.count <= 64 else {
            return false
        }
        return name.utf8.allSatisfy { isPlain($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }
    }

    private static func examples(
        _ value: JSONValue,
        _ limits: Limits,
        _ errors: inout FieldErrors
    ) -> [Example] {
        guard value.kind == .array else {
            errors.add("/examples", "It must be an array of objects with \"text\" and \"label\".")
            return []
        }
        guard (2...limits.examples).contains(value.count) else {
            errors.add("/examples", "There must be from 2 to \(limits.examples) examples.")
            return []
        }
        var examples: [Example] = []
        examples.reserveCapacity(value.count)
        var labels: Set<String> = []
        for (index, row) in value.elements.enumerated() {
            guard !errors.isFull else { return [] }
            let example = Self.example(row, "/examples/\(index)", limits, &errors)
            labels.insert(example.label)
            examples.append(example)
        }
        guard errors.errors.isEmpty else { return [] }
        if labels.count < 2 {
            errors.add("/examples", "All examples have the same label; two are needed at least.")
        } else if labels.count > limits.labels {
            errors.add("/examples", "There are more than \(limits.labels) different labels.")
        }
        return examples
    }

    private static func example(
        _ row: JSONValue,
        _ pointer: @autoclosure () -> String,
        _ limits: Limits,
        _ errors: inout FieldErrors
    ) -> Example {
        var example = Example(label: "", text: "")
        guard row.kind == .object else {
            errors.add(pointer(), "It must be an object with \"text\" and \"label\".")
            return example
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
        let rules = ExampleRules(
            maximumLabelBytes: limits.labelBytes,
            maximumTextBytes: limits.textBytes
        )
        example.text = Self.string("text", text, rules.problem(text:), pointer, &errors)
        example.label = Self.string("label", label, rules.problem(label:), pointer, &errors)
        return example
    }

    private static func string(
        _ name: String,
        _ value: JSONValue?,
        _ rule: (UnsafeBufferPointer<UInt8>) -> String?,
        _ pointer: () -> String,
        _ errors: inout FieldErrors
    ) -> String {
        let problem: String? =
            if let value {
                if let bytes = value.utf8 { rule(bytes) } else { "must be a string" }
            } else { "is missing" }
        guard let problem else { return value?.string ?? "" }
        errors.add(pointer() + "/" + name, "The \(name) \(problem).")
        return ""
    }
}
