internal import HTTPServer
internal import JSON
internal import Model
internal import Store

/// How Rasa's NLU server is asked: a label is an intent.
struct RasaDialect: Dialect {
    /// How many intents Rasa ranks.
    private static let rankedIntents = 10

    func operations(_ classify: ClassifyHandlers) -> [Operation] {
        [
            classify.row(
                at: "/model/parse",
                of: self,
                query: ClassifyRequest.modelSettings + Self.ignored,
                errors: RasaErrors()
            ),
            Operation(
                .get,
                "/status",
                model: .body,
                .anyToken,
                [200, 404, 503],
                query: ClassifyRequest.modelSettings + ["token"],
                errors: RasaErrors(),
                .later(on: classify.background) { request, _ throws(ServiceError) in
                    try status(request, classify)
                }
            ),
            Operation(
                .get,
                "/version",
                .everyone,
                [200],
                errors: RasaErrors(),
                .now { _ in
                    Answer.json { json in
                        json.beginObject()
                        json.member("version", string: elmanVersion)
                        json.member("minimum_compatible_version", string: elmanVersion)
                        json.endObject()
                    }
                }
            ),
        ]
    }

    /// What Rasa's clients put into the query, and what is not for the query here.
    private static let ignored = ["token", "emulation_mode"]

    /// The settings of a query.
    private static func settings(
        _ items: [(name: String, value: String)]
    ) throws(ServiceError) -> ClassifyRequest {
        let mode = items.first { $0.name == "emulation_mode" }?.value ?? ""
        guard mode.isEmpty else {
            throw .invalidParameter(
                "\"emulation_mode\" is not taken: answers have Rasa's own form."
            )
        }
        return try ClassifyRequest(query: items.filter { !ignored.contains($0.name) })
    }

    private func status(
        _ request: RequestCopy,
        _ classify: ClassifyHandlers
    ) throws(ServiceError) -> Answer {
        let asked = try Self.settings(request.queryItems)
        let model = try classify.models.loaded(
            asked.model,
            version: asked.version,
            for: request.principal
        )
        let jobs = try storing { () throws(StoreError) in
            try classify.models.store.unfinishedJobs()
        }
        return Answer.json { json in
            json.beginObject()
            json.member("model_id", string: model.identity.digest)
            json.member("model_file", string: "\(model.name)/versions/\(model.version)")
            json.member("fingerprint", string: model.identity.digest)
            json.member("num_active_training_jobs", int: jobs.count { $0.run != nil })
            json.endObject()
        }
    }

    func read(
        _ request: borrowing HTTPRequest,
        _ path: PathValues,
        _ limits: Limits,
        into workspace: ClassifyWorkspace
    ) throws(ServiceError) -> ClassifyRequest {
        var asked = request.hasQuery ? try Self.settings(request.queryItems) : ClassifyRequest()
        let body = try workspace.json(of: request)
        guard body.kind == .object, let text = body["text"] else {
            throw .invalid("", "The body must be an object with \"text\".")
        }
        guard let utf8 = text.utf8 else { throw .invalid("/text", "The text must be a string.") }
        workspace.texts.append(utf8)
        asked.options.topK = Self.rankedIntents
        asked.options.echo = ParsedText(utf8)
        return asked
    }

    func writer(
        _ options: ClassifyRequest.Options,
        textCount: Int,
        _ model: ServedModel
    ) -> RasaWriter { RasaWriter(options, model) }
}

/// The text of a request, which its answer has too.
private final class ParsedText: RequestEcho {
    /// As JSON.
    let json: [UInt8]

    init(_ utf8: UnsafeBufferPointer<UInt8>) {
        var writer = JSONWriter(capacity: utf8.count + 16)
        writer.string(utf8: utf8)
        json = writer.finish()
    }
}

/// Writes the intent of a text and the ranking.
struct RasaWriter: ClassificationWriter {
    private let fragments: AnswerFragments
    private let text: [UInt8]
    private var json: AnswerBytes

    init(_ options: ClassifyRequest.Options, _ model: ServedModel) {
        fragments = model.fragments
        text = (options.echo as? ParsedText)?.json ?? []
        json = AnswerBytes(capacity: 1024 + text.count)
    }

    mutating func write(_ classification: borrowing Classification) {
        json.append(#"{"text":"#)
        json.append(text)
        json.append(#","intent":"#)
        append(classification.best, classification.score)
        json.append(#","entities":[],"intent_ranking":["#)
        for (position, index) in (classification.ranking ?? []).enumerated() {
            if position > 0 { json.append(",") }
            append(index, classification.probabilities[index])
        }
        json.append(
            classification.abstention == nil ? #"],"abstained":false}"# : #"],"abstained":true}"#
        )
    }

    private mutating func append(_ label: Int, _ confidence: Float) {
        json.append(#"{"name":"#)
        json.append(fragments.name(label))
        json.append(#","confidence":"#)
        json.append(confidence)
        json.append("}")
    }

    mutating func finish() -> Answer {
        Answer(contentType: "application/json", body: json.bytes)
    }
}

/// Rasa's errors.
struct RasaErrors: ErrorWriter {
    func answer(to problem: Problem, requestID: String) -> Answer {
        let status = problem.statusOfPeers
        return Answer.json(status, headers: problem.headers) { json in
            json.beginObject()
            json.member("version", string: elmanVersion)
            json.member("status", string: "failure")
            json.member("message", string: problem.sentenceOfQuery)
            json.member("reason", string: Self.reason(status))
            json.key("details")
            json.beginObject()
            for error in problem.errors {
                json.member(error.pointer.isEmpty ? "body" : error.pointer, string: error.detail)
            }
            json.endObject()
            json.member("help", string: nil)
            json.member("code", int: status)
            json.endObject()
        }
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 401: "NotAuthenticated"
        case 403: "NotAuthorized"
        case 404: "NotFound"
        case 405: "MethodNotAllowed"
        case 503: "Unavailable"
        case 500...: "InternalServerError"
        default: "BadRequest"
        }
    }
}
