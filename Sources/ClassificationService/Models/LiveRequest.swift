internal import JSON

/// What a body of `PUT /models/{model}/live` asks for, checked.
struct LiveRequest {
    /// Which version shall answer.
    enum Choice: Equatable {
        case number(Int)
        /// The one that was live when the live one was made.
        case previous
    }

    private(set) var version = Choice.number(0)
    /// Whether failing golden cases are no obstacle.
    var isForced = false

    init(_ body: JSONValue) throws(ServiceError) {
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"version\".")
        }
        var errors = FieldErrors()
        for (key, value) in body.members {
            switch key {
            case "version":
                version = value.string == "previous" ? .previous : .number(value.wholeNumber ?? 0)
            case "force":
                isForced = value.bool ?? false
                if value.bool == nil { errors.add("/force", "It must be true or false.") }
            default: errors.addUnknown(key)
            }
        }
        if case .number(let number) = version, number < 1 {
            errors.add("/version", "The version must be an integer of 1 or more, or \"previous\".")
        }
        try errors.throwIfAny()
    }
}
