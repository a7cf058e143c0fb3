internal import HTTPServer
internal import JSON
internal import Machine
internal import Model
internal import Store
internal import TextForm

/// How Hugging Face's Inference API and its server Text Embeddings Inference (TEI) are asked.
///
/// `POST /` is the API's: its answer is a list for each text, also for one. `POST /predict` is
/// TEI's, which answers a single text by the one list.
struct HuggingFaceDialect: Dialect {
    /// Whether one text is answered by a list of lists too.
    var isNested = false

    func operations(_ classify: ClassifyHandlers) -> [Operation] {
        let paths: [(PathTemplate, HuggingFaceDialect)] = [
            ("/predict", HuggingFaceDialect()), ("/", HuggingFaceDialect(isNested: true)),
        ]
        return paths.map { path, dialect in
            classify.row(
                at: path,
                of: dialect,
                refusals: [422],
                query: ClassifyRequest.modelSettings,
                errors: HuggingFaceErrors()
            )
        } + [info(classify), classify.health(errors: HuggingFaceErrors()), tokenize(classify)]
    }

    func read(
        _ request: borrowing HTTPRequest,
        _ path: PathValues,
        _ limits: Limits,
        into workspace: ClassifyWorkspace
    ) throws(ServiceError) -> ClassifyRequest {
        var asked = try ClassifyRequest(queryOf: request)
        let body = try workspace.json(of: request)
        try read(body, &asked, limits, into: workspace)
        if isNested { asked.options.isList = true }
        return asked
    }

    /// Reads a body with `inputs`.
    func read(
        _ body: JSONValue,
        _ asked: inout ClassifyRequest,
        _ limits: Limits,
        into workspace: ClassifyWorkspace
    ) throws(ServiceError) {
        guard body.kind == .object, let inputs = body["inputs"] else {
            throw .invalid("", "The body must be an object with \"inputs\".")
        }
        var texts = TextCollector(limits)
        var cut = CutRule()
        asked.options.topK = 10_000
        for (key, value) in body.members where !cut.read(key, value, &texts) {
            switch key {
            case "model" where !value.isNull:
                asked.model = value.string
                if asked.model == nil { texts.refuse("/model", "It must be a string.") }
            case "parameters" where !value.isNull: readParameters(value, &asked, &texts)
            case "raw_scores" where !value.isNull:
                guard let isRaw = value.bool else {
                    texts.refuse("/raw_scores", "It must be true or false.")
                    continue
                }
                if isRaw { asked.options.echo = RawScores.asked }
            default: break
            }
        }
        asked.options.isList = add(inputs, &texts, to: workspace)
        try texts.errors.throwIfAny()
        if cut != CutRule() {
            asked.options.echo = UncutTexts(cut, isRaw: asked.options.echo is RawScores)
        }
    }

    private func readParameters(
        _ parameters: JSONValue,
        _ asked: inout ClassifyRequest,
        _ texts: inout TextCollector
    ) {
        guard parameters.kind == .object else {
            return texts.refuse("/parameters", "It must be an object.")
        }
        if let count = parameters["top_k"], !count.isNull {
            asked.options.topK = count.wholeNumber
            if !(1...10_000).contains(count.wholeNumber ?? 0) {
                texts.refuse("/parameters/top_k", "It must be an integer from 1 to 10000.")
            }
        }
        guard let function = parameters["function_to_apply"], !function.isNull else { return }
        switch function.string {
        case "softmax": break
        case "none": asked.options.echo = RawScores.asked
        default:
            texts.refuse(
                "/parameters/function_to_apply",
                "It must be softmax or none, or left out: the model says whether its labels "
                    + "exclude each other."
            )
        }
    }

    /// Takes `inputs`: a text, or a list of texts or of lists of one text.
    ///
    /// - Returns: whether the answer is a list. That of a list of one text is none, as TEI's.
    private func add(
        _ inputs: JSONValue,
        _ texts: inout TextCollector,
        to workspace: ClassifyWorkspace
    ) -> Bool {
        guard inputs.kind == .array else {
            add(input: inputs, "/inputs", &texts, to: workspace)
            return false
        }
        guard texts.allows(inputs.count, "/inputs") else { return true }
        var isList = inputs.count > 1
        for (index, input) in inputs.elements.enumerated() {
            let pointer = "/inputs/\(index)"
            if input.kind == .array {
                isList = true
                guard input.count == 1, let text = input.elements.first(where: { _ in true }) else {
                    texts.refuse(pointer, "It must have one text: models here take no pairs.")
                    continue
                }
                texts.add(text, pointer + "/0", to: workspace)
            } else {
                add(input: input, pointer, &texts, to: workspace)
            }
        }
        return isList
    }

    /// Takes one input: a string, or the object with `text` of transformers' pipelines.
    private func add(
        input: JSONValue,
        _ pointer: String,
        _ texts: inout TextCollector,
        to workspace: ClassifyWorkspace
    ) {
        guard input.kind == .object else { return texts.add(input, pointer, to: workspace) }
        if let pair = input["text_pair"], !pair.isNull {
            texts.refuse(pointer + "/text_pair", "Models here take no pairs of texts.")
        } else if let text = input["text"] {
            texts.add(text, pointer + "/text", to: workspace)
        } else {
            texts.refuse(pointer, "It must be a string, or an object with \"text\".")
        }
    }

    func writer(
        _ options: ClassifyRequest.Options,
        textCount: Int,
        _ model: ServedModel
    ) -> HuggingFaceWriter {
        HuggingFaceWriter(options, textCount, model, options.isList ? .list : .one)
    }

    /// What serves, as TEI describes itself.
    private func info(_ classify: ClassifyHandlers) -> Operation {
        Operation(
            .get,
            "/info",
            model: .body,
            .anyToken,
            [200, 404, 422, 503],
            query: ClassifyRequest.modelSettings,
            errors: HuggingFaceErrors(),
            .later(on: classify.background) { request, _ throws(ServiceError) in
                let asked = try ClassifyRequest(query: request.queryItems)
                let model = try classify.models.loaded(
                    asked.model,
                    version: asked.version,
                    for: request.principal
                )
                return Answer.json { $0.info(of: model, classify.limits) }
            }
        )
    }

    /// The tokens that a model sees.
    private func tokenize(_ classify: ClassifyHandlers) -> Operation {
        Operation(
            .post,
            "/tokenize",
            model: .body,
            .scope(.classify),
            body: .texts(classify.limits),
            [200, 404, 413, 415, 422, 503],
            query: ClassifyRequest.modelSettings,
            errors: HuggingFaceErrors(),
            .later(on: classify.background) { request, _ throws(ServiceError) in
                let asked = try ClassifyRequest(query: request.queryItems)
                let body = try request.peersJSON()
                var texts = TextCollector(classify.limits)
                guard body.kind == .object, let inputs = body["inputs"] else {
                    throw .invalid("", "The body must be an object with \"inputs\".")
                }
                var all: [String] = []
                let list = inputs.kind == .array ? Array(inputs.elements) : [inputs]
                if texts.allows(list.count, "/inputs") { all = list.compactMap(\.string) }
                if all.count < list.count {
                    texts.refuse("/inputs", "It must be a string or an array of strings.")
                }
                try texts.errors.throwIfAny()
                let model = try classify.models.loaded(
                    asked.model,
                    version: asked.version,
                    for: request.principal
                )
                return Answer.json { json in
                    json.beginArray()
                    for text in all { json.tokens(of: model.read(text), model.classifier) }
                    json.endArray()
                }
            }
        )
    }
}

/// Writes lists of labels and scores, the best first.
struct HuggingFaceWriter: ClassificationWriter {
    /// What stands around the lists.
    enum Frame {
        /// Nothing: there is one.
        case one
        case list
        /// The object that Vertex AI expects.
        case predictions
    }

    private let fragments: AnswerFragments
    private let frame: Frame
    private let isRaw: Bool
    private var json: AnswerBytes
    private var isFirst = true
    /// What is asked of texts that are too long, and how many tokens are not.
    private let uncut: (UncutTexts, tokens: Int)?
    private var refusal: ServiceError?

    init(
        _ options: ClassifyRequest.Options,
        _ textCount: Int,
        _ model: ServedModel,
        _ frame: Frame
    ) {
        fragments = model.fragments
        self.frame = frame
        let uncut = options.echo as? UncutTexts
        self.uncut = uncut.map { ($0, model.classifier.tokenizer.maximumTokens) }
        isRaw = uncut?.isRaw ?? (options.echo is RawScores)
        let labels = min(options.topK ?? Int.max, fragments.labelCount)
        json = AnswerBytes(capacity: 32 + textCount * (8 + 40 * labels))
        switch frame {
        case .one: break
        case .list: json.append("[")
        case .predictions: json.append(#"{"predictions":["#)
        }
    }

    mutating func write(_ classification: borrowing Classification) {
        if classification.isTruncated, let uncut, refusal == nil {
            refusal = uncut.0.refusal(tokens: uncut.tokens)
        }
        if !isFirst { json.append(",") }
        isFirst = false
        var isFirstLabel = true
        let isMulti = classification.answered != nil
        for index in classification.ranking ?? [] {
            json.append(isFirstLabel ? "[{" : ",{")
            isFirstLabel = false
            json.append(fragments.label(index))
            let probability = classification.probabilities[index]
            json.append(
                isRaw ? RawScores.score(probability, isMulti: isMulti) : probability
            )
            json.append("}")
        }
        json.append("]")
    }

    mutating func finish() -> Answer {
        if let refusal { return HuggingFaceErrors().answer(to: refusal.problem, requestID: "") }
        switch frame {
        case .one: break
        case .list: json.append("]")
        case .predictions: json.append("]}")
        }
        return Answer(contentType: "application/json", body: json.bytes)
    }
}

/// TEI's errors: a sentence, and one of its few types.
struct HuggingFaceErrors: ErrorWriter {
    func answer(to problem: Problem, requestID: String) -> Answer {
        let type =
            switch (problem.status, problem.code) {
            case (429, _), (503, "busy"), (503, "out_of_memory"): "Overloaded"
            case (503, _): "Unhealthy"
            case (500..., _): "Backend"
            default: "Validation"
            }
        return Answer.json(problem.status, headers: problem.headers) { json in
            json.beginObject()
            json.member("error", string: problem.sentenceOfQuery)
            json.member("error_type", string: type)
            json.endObject()
        }
    }
}

extension JSONWriter {
    /// Writes what TEI's `GET /info` tells.
    fileprivate mutating func info(of model: ServedModel, _ limits: Limits) {
        let labels = model.classifier.labels
        let length = model.classifier.tokenizer.maximumTokens
        beginObject()
        member("model_id", string: model.name)
        member("model_sha", string: model.identity.digest)
        member("model_dtype", string: "float32")
        key("model_type")
        beginObject()
        key("classifier")
        beginObject()
        key("id2label")
        beginObject()
        for (index, label) in labels.enumerated() { member(String(index), string: label) }
        endObject()
        key("label2id")
        beginObject()
        for (index, label) in labels.enumerated() { member(label, int: index) }
        endObject()
        endObject()
        endObject()
        member("max_concurrent_requests", int: limits.connections)
        member("max_input_length", int: length)
        member("max_batch_tokens", int: length * limits.texts)
        member("max_batch_requests", int: nil)
        member("max_client_batch_size", int: limits.texts)
        member("auto_truncate", bool: true)
        member("tokenization_workers", int: Processors.initialCount)
        member("version", string: elmanVersion)
        member("sha", string: nil)
        member("docker_label", string: nil)
        endObject()
    }

    /// Writes the tokens of a text as TEI does: each with the number of its word, 0 for one that
    /// the model does not know, and where it stands, counted in characters (code points).
    fileprivate mutating func tokens(of text: String, _ classifier: TextClassifier) {
        let scalars = Array(text.unicodeScalars)
        beginArray()
        for token in classifier.tokenizer.spans(in: text) {
            var word = token.text
            beginObject()
            member("id", int: word.withUTF8 { Int(classifier.vocabulary.index(of: $0)) })
            if let range = token.range {
                var piece = String.UnicodeScalarView()
                piece.append(contentsOf: scalars[range])
                member("text", string: String(piece))
            } else {
                member("text", string: token.text)
            }
            member("special", bool: false)
            member("start", int: token.range?.lowerBound)
            member("stop", int: token.range?.upperBound)
            endObject()
        }
        endArray()
    }
}

extension ServedModel {
    /// What is read of a text.
    fileprivate func read(_ text: String) -> String {
        text.utf8.count > textRule.maximumBytes ? textRule.form(of: text).text : text
    }
}
