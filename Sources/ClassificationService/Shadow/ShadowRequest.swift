internal import JSON

/// What a body of `PUT /models/{model}/shadow` asks for, checked.
struct ShadowRequest {
    private(set) var version = 0
    /// Of the texts that the live version is asked.
    private(set) var share = 1.0

    init(_ body: JSONValue) throws(ServiceError) {
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"version\".")
        }
        var errors = FieldErrors()
        for (key, value) in body.members {
            switch key {
            case "version": version = value.wholeNumber ?? 0
            case "share":
                share = value.double ?? 0
                if !(share > 0 && share <= 1) {
                    errors.add("/share", "It must be a number above 0 and at most 1.")
                }
            default: errors.addUnknown(key)
            }
        }
        if version < 1 {
            errors.add("/version", "The version must be an integer of 1 or more.")
        }
        try errors.throwIfAny()
    }
}
