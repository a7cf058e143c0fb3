internal import Evaluation
internal import Examples
internal import JSON
internal import TextForm

/// Which versions are to be compared, on which texts of one's own.
struct DifferenceRequest {
    var from = 0
    var to = 0
    var texts: [String] = []

    /// Reads the query of `GET /models/{model}/diff`.
    init(query: [(name: String, value: String)]) throws(ServiceError) {
        for (name, value) in query {
            switch name {
            case "from": from = pathNumber(value) ?? 0
            default: to = pathNumber(value) ?? 0
            }
        }
        guard from > 0 && to > 0 else {
            throw .invalidParameter("\"from\" and \"to\" must be numbers of versions.")
        }
    }

    /// Checks the members of a body of `POST /models/{model}/diff`.
    init(_ body: JSONValue, limits: Limits) throws(ServiceError) {
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"from\", \"to\" and \"texts\".")
        }
        var errors = FieldErrors()
        var rows: JSONValue?
        for (key, value) in body.members {
            switch key {
            case "from": from = value.wholeNumber ?? 0
            case "to": to = value.wholeNumber ?? 0
            case "texts": rows = value
            default: errors.addUnknown(key)
            }
        }
        for (name, number) in [("from", from), ("to", to)] where number < 1 {
            errors.add("/" + name, "The version must be an integer of 1 or more.")
        }
        if let rows, rows.kind == .array, (1...limits.examples).contains(rows.count) {
            let rule = limits.exampleRules.text
            texts.reserveCapacity(rows.count)
            for (index, row) in rows.elements.enumerated() {
                if let text = row.string {
                    texts.append(rule.form(of: text).text)
                } else {
                    errors.add("/texts/\(index)", "The text must be a string.")
                }
            }
        } else {
            errors.add(
                "/texts",
                "It must be an array of 1 to \(limits.examples) strings; send others in further "
                    + "requests, or raise --max-examples."
            )
        }
        try errors.throwIfAny()
    }
}
