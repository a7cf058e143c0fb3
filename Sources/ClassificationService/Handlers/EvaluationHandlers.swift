internal import Evaluation
internal import Examples
internal import JSON
internal import Model
internal import Store

/// What versions answer to labelled rows, and how two of them differ.
struct EvaluationHandlers: Sendable {
    let store: any Store
    let models: LiveModels
    let limits: Limits

    /// The query of an evaluation with a body that is not JSON.
    static let parameters = LabelledBody.Parameters(settings: ["version", "mistakes"])

    /// Scores a version on labelled rows.
    func evaluate(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let body = try LabelledBody(request, Self.parameters, limits: limits)
        var errors = FieldErrors()
        var number: Int?
        var mistakeCount = Mistake.listed
        for (key, value) in body.settings {
            switch key {
            case "version":
                number = value.wholeNumber
                if (number ?? 0) < 1 {
                    errors.add("/version", "The version must be an integer of 1 or more.")
                }
            case "mistakes":
                mistakeCount = value.wholeNumber ?? -1
                if !Mistake.allowedCounts.contains(mistakeCount) {
                    let most = Mistake.allowedCounts.upperBound
                    errors.add("/mistakes", "It must be an integer from 0 to \(most).")
                }
            default: errors.addUnknown(key)
            }
        }
        let examples = body.examples(count: 1...limits.examples, &errors)
        if examples == nil { errors.add("/examples", "The examples are missing.") }
        try errors.throwIfAny()
        let version = try version(number, request)
        let evaluation: Evaluation
        do throws(Evaluation.UnknownLabel) {
            evaluation = try Evaluation(
                of: version.classifier,
                on: examples ?? [],
                mistakeCount: mistakeCount
            )
        } catch {
            throw .invalid("/examples/\(error.row)/label", "The version has no such label.")
        }
        return Answer.json { json in
            json.beginObject()
            json.member("model", string: version.name)
            json.member("version", int: version.version)
            evaluation.encodeMembers(to: &json)
            json.notes(body.notes)
            json.endObject()
        }
    }

    /// Says which texts two versions answer differently: golden cases and held-out rows.
    func compareOnStored(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let asked = try DifferenceRequest(query: request.queryItems)
        let model = request.model
        let stored = try storing { () throws(StoreError) in
            let golden = try store.golden(of: model).cases
            let heldOut =
                try store.heldOutAnswers(of: model, asked.from)
                + store.heldOutAnswers(of: model, asked.to)
            return golden + heldOut.map { Example(label: $0.truth, text: $0.text) }
        }
        // A golden case says more than a held-out row of the same text.
        var seen: Set<String> = []
        let questions = stored.filter { seen.insert($0.text).inserted }
            .map { ClassifierDifference.Question($0.text, expected: $0.label) }
        return try difference(asked, questions, request)
    }

    /// Says which of the posted texts two versions answer differently.
    func compareOnPosted(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let asked = try DifferenceRequest(try request.json(), limits: limits)
        return try difference(asked, asked.texts.map { ClassifierDifference.Question($0) }, request)
    }

    private func difference(
        _ asked: DifferenceRequest,
        _ questions: [ClassifierDifference.Question],
        _ request: RequestCopy
    ) throws(ServiceError) -> Answer {
        let (from, to) = (try version(asked.from, request), try version(asked.to, request))
        let difference = ClassifierDifference(
            from: from.classifier,
            to: to.classifier,
            on: questions
        )
        return Answer.json { json in
            json.beginObject()
            json.member("model", string: from.name)
            json.member("from", int: from.version)
            json.member("to", int: to.version)
            difference.encodeMembers(to: &json, limit: Limits.listedChanges)
            json.endObject()
        }
    }

    /// A version of the model in the path, or the one that serves.
    private func version(
        _ number: Int?,
        _ request: RequestCopy
    ) throws(ServiceError) -> ServedModel {
        try models.loaded(request.model, version: number, for: request.principal)
    }
}
