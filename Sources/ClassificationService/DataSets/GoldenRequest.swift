internal import Examples
internal import JSON

/// What a body of `PUT /models/{model}/golden` asks for, checked.
struct GoldenRequest {
    var cases: [Example] = []

    /// Checks every case.
    ///
    /// - Throws: the bad ones, and cases that contradict earlier ones.
    init(_ body: JSONValue, limits: Limits) throws(ServiceError) {
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"cases\".")
        }
        var errors = FieldErrors()
        var rows: JSONValue?
        for (key, value) in body.members {
            if key == "cases" { rows = value } else { errors.addUnknown(key) }
        }
        if let rows {
            let count = 0...Limits.goldenCases
            cases = ExampleRows(limits).read(rows, "cases", count: count, &errors)
        } else {
            errors.add("/cases", "The cases are missing.")
        }
        try errors.throwIfAny()
        var seen: Set<String> = []
        for (index, text) in cases.map(\.text).enumerated() where !seen.insert(text).inserted {
            errors.add("/cases/\(index)/text", "The text is that of an earlier case.")
        }
        try errors.throwIfAny()
    }
}
