internal import Examples
internal import JSON

/// What a body of `POST /feedback` asks for, checked.
struct FeedbackRequest {
    /// What the label is for.
    enum Subject {
        case text(String, isTruncated: Bool, model: String?)
        case prediction(String)
    }

    var subject: Subject
    /// A label, or what stands for a set of labels or for none of them.
    var label = ""

    /// Checks every member.
    ///
    /// - Throws: the bad ones.
    init(_ body: JSONValue, limits: Limits) throws(ServiceError) {
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"text\" and \"label\".")
        }
        var errors = FieldErrors()
        let rows = ExampleRows(limits)
        var members: [String: JSONValue] = [:]
        for (key, value) in body.members {
            guard ["text", "prediction_id", "label", "labels", "model"].contains(key) else {
                errors.addUnknown(key)
                continue
            }
            members[key] = value
        }
        label = Self.label(members, rows, &errors)
        if let id = members["prediction_id"] {
            subject = .prediction(id.string ?? "")
            if id.string == nil { errors.add("/prediction_id", "It must be a string.") }
            for name in ["text", "model"] where members[name] != nil {
                errors.add("/" + name, "With \"prediction_id\" there must be no \(name).")
            }
        } else {
            let model = members["model"]?.string
            let (text, isTruncated) = rows.text(members["text"], below: "", &errors)
            subject = .text(text, isTruncated: isTruncated, model: model)
            if members["model"] != nil && model == nil {
                errors.add("/model", "The model's name must be a string.")
            }
        }
        try errors.throwIfAny()
    }

    /// What the text is to get: `label`, which may be null, or an array `labels`.
    private static func label(
        _ members: [String: JSONValue],
        _ rows: ExampleRows,
        _ errors: inout FieldErrors
    ) -> String {
        guard let labels = members["labels"] else {
            return rows.label(members["label"], below: "", &errors)
        }
        guard members["label"] == nil else {
            errors.add("/labels", "With \"label\" there must be no labels.")
            return ""
        }
        guard labels.kind == .array, labels.count <= LabelSet.greatestCount else {
            errors.add(
                "/labels",
                "It must be an array of at most \(LabelSet.greatestCount) strings."
            )
            return ""
        }
        return rows.labelSet(Array(labels.elements), below: "", &errors).stored
    }
}
