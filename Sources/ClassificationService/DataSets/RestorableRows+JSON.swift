internal import JSON
internal import Store

extension RestorableRows {
    /// Checks a body of `PUT /models/{model}/examples/revision`.
    init(_ body: JSONValue) throws(ServiceError) {
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"version\" or \"revision\".")
        }
        var errors = FieldErrors()
        var found: [RestorableRows] = []
        for (key, value) in body.members {
            let number = value.wholeNumber ?? 0
            switch key {
            case "version": found.append(.version(number))
            case "revision": found.append(.revision(number))
            default: errors.addUnknown(key)
            }
            if number < 1 && ["version", "revision"].contains(key) {
                errors.add("/" + key, "It must be an integer of 1 or more.")
            }
        }
        try errors.throwIfAny()
        guard found.count == 1 else {
            throw .invalid("", "The body must have exactly one of \"version\" and \"revision\".")
        }
        self = found[0]
    }
}
