internal import Digest
internal import Glibc
internal import HTTPServer
internal import JSON
internal import Synchronization

/// How vLLM and SGLang are asked: `POST /v1/classify` with `input`, also on `/classify`.
struct VLLMDialect: Dialect {
    /// Whether no other dialect answers `GET /health`.
    let answersHealth: Bool

    func operations(_ classify: ClassifyHandlers) -> [Operation] {
        let paths: [(PathTemplate, (@Sendable (borrowing HTTPRequest) -> Bool)?)] = [
            ("/v1/classify", nil), ("/classify", { Self.isOwn($0, classify) }),
        ]
        let rows = paths.map { path, claims in
            classify.row(at: path, of: self, claims: claims, errors: VLLMErrors())
        }
        let health = answersHealth ? [classify.health(errors: VLLMErrors())] : []
        return rows + [models(classify)] + health
    }

    /// Whether a request of `POST /classify` is asked like this: it has `input`, and neither of the
    /// members that the native way to ask has for texts.
    private static func isOwn(
        _ request: borrowing HTTPRequest,
        _ classify: ClassifyHandlers
    ) -> Bool {
        // The look at the bytes comes first: it is what the others pay.
        request.body.holdsString("input")
            && RequestContent(of: request).isPeersJSON(
                isFromWebPage: request.header("origin") != nil
            )
            && classify.hasMember("input", request)
            && !classify.hasMember("text", request) && !classify.hasMember("texts", request)
    }

    func read(
        _ request: borrowing HTTPRequest,
        _ path: PathValues,
        _ limits: Limits,
        into workspace: ClassifyWorkspace
    ) throws(ServiceError) -> ClassifyRequest {
        let body = try workspace.json(of: request)
        guard body.kind == .object, let input = body["input"] else {
            throw .invalid("", "The body must be an object with \"input\".")
        }
        var asked = ClassifyRequest()
        var texts = TextCollector(limits)
        for (key, value) in body.members {
            switch key {
            case "model" where !value.isNull:
                asked.model = value.string
                if asked.model == nil { texts.refuse("/model", "It must be a string.") }
            case "activation" where !value.isNull, "use_activation" where !value.isNull,
                "softmax" where !value.isNull:
                guard let isApplied = value.bool else {
                    texts.refuse("/" + key, "It must be true or false.")
                    continue
                }
                if !isApplied { asked.options.echo = RawScores.asked }
            default: break
            }
        }
        add(input, &texts, limits, to: workspace)
        try texts.errors.throwIfAny()
        return asked
    }

    private func add(
        _ input: JSONValue,
        _ texts: inout TextCollector,
        _ limits: Limits,
        to workspace: ClassifyWorkspace
    ) {
        guard input.kind == .array else { return texts.add(input, "/input", to: workspace) }
        guard texts.allows(input.count, "/input") else { return }
        for (index, text) in input.elements.enumerated() {
            guard text.kind == .string else {
                return texts.refuse(
                    "/input/\(index)",
                    "It must be a string: the numbers of tokens are not taken here."
                )
            }
            texts.add(text, "/input/\(index)", to: workspace)
        }
    }

    func writer(
        _ options: ClassifyRequest.Options,
        textCount: Int,
        _ model: ServedModel
    ) -> VLLMWriter { VLLMWriter(options, textCount, model) }

    /// The models that a token may use, the default model first: clients take the first one.
    private func models(_ classify: ClassifyHandlers) -> Operation {
        Operation(
            .get,
            "/v1/models",
            .anyToken,
            [200],
            errors: VLLMErrors(),
            .now { [models = classify.models] principal in
                let snapshot = models.snapshot
                let names = snapshot.cards.keys.filter { principal.mayUse(model: $0) }.sorted()
                let first = names.filter { $0 == snapshot.defaultName }
                let now = time(nil)
                return Answer.json { json in
                    json.beginObject()
                    json.member("object", string: "list")
                    json.member(
                        "data",
                        objects: first + names.filter { $0 != snapshot.defaultName }
                    ) { name, json in
                        json.member("id", string: name)
                        json.member("object", string: "model")
                        json.member("created", int: now)
                        json.member("owned_by", string: "elman")
                        json.member("root", string: name)
                        json.member("parent", string: nil)
                    }
                    json.endObject()
                }
            }
        )
    }
}

/// Writes vLLM's list of probabilities, and beside it what says which label each is of.
struct VLLMWriter: ClassificationWriter {
    private let fragments: AnswerFragments
    private let isRaw: Bool
    private var json: AnswerBytes
    private var index = 0
    private var tokens = 0

    /// What the names of answers begin with: no other process has it.
    private static let prefix = String(RandomIdentifier.make(prefix: "classify-").dropLast(16))
    private static let answers = Atomic<UInt64>(0)

    init(_ options: ClassifyRequest.Options, _ textCount: Int, _ model: ServedModel) {
        fragments = model.fragments
        isRaw = options.echo is RawScores
        let labels = fragments.scoreBytes
        json = AnswerBytes(capacity: 320 + labels + textCount * (128 + 13 * fragments.labelCount))
        json.append(fragments.start)
        json.append(#""id":""#)
        json.append(Self.prefix)
        let number = String(Self.answers.wrappingAdd(1, ordering: .relaxed).newValue, radix: 16)
        json.append(String(repeating: "0", count: max(0, 16 - number.utf8.count)) + number)
        json.append(#"","object":"list","created":"#)
        json.append(time(nil))
        json.append(#","labels":["#)
        json.append(fragments.names)
        json.append(#"],"data":["#)
    }

    mutating func write(_ classification: borrowing Classification) {
        json.append(index == 0 ? #"{"index":"# : #",{"index":"#)
        json.append(index)
        index += 1
        tokens += classification.tokenCount
        json.append(#","label":"#)
        json.append(fragments.name(classification.best))
        json.append(#","probs":["#)
        let isMulti = classification.answered != nil
        for label in classification.probabilities.indices {
            if label > 0 { json.append(",") }
            let probability = classification.probabilities[label]
            json.append(
                isRaw ? RawScores.score(probability, isMulti: isMulti) : probability
            )
        }
        json.append(#"],"num_classes":"#)
        json.append(fragments.labelCount)
        json.append(#","score":"#)
        json.append(classification.score)
        json.append(
            classification.abstention == nil ? #","abstained":false"# : #","abstained":true"#
        )
        json.append(classification.isTruncated ? #","truncated":true"# : #","truncated":false"#)
        if let id = classification.predictionID {
            json.append(#","prediction_id":""#)
            json.append(id)
            json.append("\"")
        }
        json.append("}")
    }

    mutating func finish() -> Answer {
        json.append(#"],"usage":{"prompt_tokens":"#)
        json.append(tokens)
        json.append(#","total_tokens":"#)
        json.append(tokens)
        json.append(#","completion_tokens":0,"prompt_tokens_details":null}}"#)
        return Answer(contentType: "application/json", body: json.bytes)
    }
}

/// vLLM's errors, which are OpenAI's.
struct VLLMErrors: ErrorWriter {
    func answer(to problem: Problem, requestID: String) -> Answer {
        let status = problem.statusOfPeers
        let parameter = problem.errors.first.map { error in
            error.pointer.split(separator: "/").first.map(String.init)
        }
        return Answer.json(status, headers: problem.headers) { json in
            json.beginObject()
            json.key("error")
            json.beginObject()
            json.member("message", string: problem.sentence)
            json.member("type", string: Self.type(status))
            json.member("param", string: parameter ?? nil)
            json.member("code", int: status)
            json.endObject()
            json.endObject()
        }
    }

    private static func type(_ status: Int) -> String {
        switch status {
        case 401: "AuthenticationError"
        case 403: "PermissionDeniedError"
        case 404: "NotFoundError"
        case 429: "RateLimitError"
        case 503: "ServiceUnavailableError"
        case 500...: "InternalServerError"
        default: "BadRequestError"
        }
    }
}
