internal import JSON
internal import Model

/// What a recurrent network holds while it reads.
struct InspectionHandlers: Sendable {
    let models: LiveModels
    let limits: Limits

    /// Tells the states, gates and gradients of a text.
    func inspect(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let asked = try InspectRequest(try request.json())
        let model = try models.loaded(
            asked.model,
            version: asked.version,
            for: request.principal
        )
        var label: Int?
        if let name = asked.label {
            label = model.classifier.labels.firstIndex(of: name)
            if label == nil { throw .invalid("/label", "The version has no such label.") }
        }
        let inspection = try inspect(asked.text, label, model)
        return Answer.json { json in
            json.beginObject()
            json.member("model", string: model.name)
            json.member("version", int: model.version)
            json.members(of: inspection, labels: model.classifier.labels)
            json.endObject()
        }
    }

    private func inspect(
        _ text: [UInt8],
        _ label: Int?,
        _ model: ServedModel
    ) throws(ServiceError) -> Inspection {
        let found = model.withScratch { scratch in
            text.withUnsafeBufferPointer { utf8 -> Result<Inspection, InspectionError> in
                do throws(InspectionError) {
                    return .success(
                        try model.classifier.inspect(utf8: utf8, label: label, scratch: scratch)
                    )
                } catch { return .failure(error) }
            }
        }
        switch found {
        case .success(let inspection): return inspection
        case .failure(.nothingKnown):
            throw .invalid("/text", "The version knows nothing of this text.")
        case .failure(.notRecurrent):
            throw .invalid(
                "/model",
                "This version has no recurrent network to look into. Train one with the recipe "
                    + "article, elman, gru, lstm or minimal_rnn."
            )
        }
    }
}

/// What a body of `POST /inspect` asks for, checked.
struct InspectRequest {
    private(set) var text: [UInt8] = []
    private(set) var model: String?
    private(set) var version: Int?
    private(set) var label: String?

    init(_ body: JSONValue) throws(ServiceError) {
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"text\".")
        }
        var errors = FieldErrors()
        if body["text"] == nil { errors.add("/text", "The text is missing.") }
        for (key, value) in body.members {
            switch key {
            case "text":
                if let utf8 = value.utf8 {
                    text = Array(utf8)
                } else {
                    errors.add("/text", "The text must be a string.")
                }
            case "model":
                model = value.string
                if model == nil { errors.add("/model", "It must be a string.") }
            case "label":
                label = value.string
                if label == nil { errors.add("/label", "It must be a string.") }
            case "version":
                version = value.wholeNumber
                if (version ?? 0) < 1 {
                    errors.add("/version", "The version must be an integer of 1 or more.")
                }
            default: errors.addUnknown(key)
            }
        }
        try errors.throwIfAny()
    }
}

extension JSONWriter {
    fileprivate mutating func members(of inspection: Inspection, labels: [String]) {
        member("label", string: labels[inspection.prediction.labelIndex])
        member("score", float: inspection.prediction.score)
        member("cell", string: inspection.cell)
        member("hidden", int: inspection.hiddenSize)
        member("gates", array: inspection.gates) { $1.string($0) }
        member("target", string: labels[inspection.label])
        member("loss", double: inspection.loss)
        member("directions", objects: inspection.directions) { direction, json in
            json.member("direction", string: direction.name)
            json.member("steps", objects: direction.steps) { step, json in
                json.member("token", string: step.token)
                json.member("known", bool: step.isKnown)
                json.member("state", array: step.state) { $1.float($0) }
                json.member("gates", array: step.gates) { gate, json in
                    json.beginArray()
                    for value in gate { json.float(value) }
                    json.endArray()
                }
                json.member("gradient_norm", float: step.gradientNorm)
                json.member("probability", float: step.probability)
            }
        }
    }
}
