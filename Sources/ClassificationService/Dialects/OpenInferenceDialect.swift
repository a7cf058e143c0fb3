internal import HTTPServer
internal import JSON
internal import Model

/// The Open Inference Protocol, version 2, which Triton, KServe and MLServer speak.
///
/// A text is an element of the one input, a tensor of the type BYTES; what a model says of it are
/// the tensors `label`, `score`, `probabilities` and `labels`.
struct OpenInferenceDialect: Dialect {
    func operations(_ classify: ClassifyHandlers) -> [Operation] {
        let models: [PathTemplate] = [
            "/v2/models/{model}", "/v2/models/{model}/versions/{version}",
        ]
        let infer: [PathTemplate] = [
            "/v2/models/{model}/infer", "/v2/models/{model}/versions/{version}/infer",
        ]
        let ready: [PathTemplate] = [
            "/v2/models/{model}/ready", "/v2/models/{model}/versions/{version}/ready",
        ]
        return infer.map { path in
            classify.row(at: path, of: self, model: .path, errors: OpenInferenceErrors())
        } + models.map { row($0, classify) { json, model in json.metadata(of: model) } }
            + ready.map {
                row($0, classify) { json, model in
                    json.member("name", string: model.name)
                    json.member("ready", bool: true)
                }
            } + server(classify)
    }

    /// A row that tells something of a version.
    private func row(
        _ path: PathTemplate,
        _ classify: ClassifyHandlers,
        _ write: @escaping @Sendable (inout JSONWriter, ServedModel) -> Void
    ) -> Operation {
        Operation(
            .get,
            path,
            model: .path,
            .anyToken,
            [200, 404, 503],
            errors: OpenInferenceErrors(),
            .later(on: classify.background) { request, _ throws(ServiceError) in
                let asked = try Self.asked(request.path)
                let model = try classify.models.loaded(
                    asked.model,
                    version: asked.version,
                    for: request.principal
                )
                return Answer.json { json in
                    json.beginObject()
                    write(&json, model)
                    json.endObject()
                }
            }
        )
    }

    /// The rows that are about no model.
    private func server(_ classify: ClassifyHandlers) -> [Operation] {
        func probe(
            _ path: PathTemplate,
            _ statuses: [Int],
            _ answer: @escaping @Sendable (Principal) -> Answer
        ) -> Operation {
            Operation(
                .get,
                path,
                .everyone,
                answersAnyHost: true,
                statuses,
                errors: OpenInferenceErrors(),
                .now(answer)
            )
        }
        @Sendable func flag(_ name: String, _ value: Bool) -> Answer {
            Answer.json(value ? 200 : 503, headers: value ? [] : [("Retry-After", "1")]) { json in
                json.beginObject()
                json.member(name, bool: value)
                json.endObject()
            }
        }
        return [
            probe("/v2/health/live", [200]) { _ in flag("live", true) },
            probe("/v2/health/ready", [200, 503]) { _ in flag("ready", classify.isReady) },
            probe("/v2", [200]) { _ in
                Answer.json { json in
                    json.beginObject()
                    json.member("name", string: "elman")
                    json.member("version", string: elmanVersion)
                    json.member("extensions", array: ["classification", "sequence"]) {
                        $1.string($0)
                    }
                    json.endObject()
                }
            },
        ]
    }

    /// Which version a path names.
    private static func asked(_ path: PathValues) throws(ServiceError) -> ClassifyRequest {
        var asked = ClassifyRequest()
        asked.model = path[.model]
        if let version = path[.version] {
            asked.version = pathNumber(version)
            if asked.version == nil { throw .versionNotFound }
        }
        return asked
    }

    func read(
        _ request: borrowing HTTPRequest,
        _ path: PathValues,
        _ limits: Limits,
        into workspace: ClassifyWorkspace
    ) throws(ServiceError) -> ClassifyRequest {
        var asked = try Self.asked(path)
        asked.options.isList = true
        var texts = TextCollector(limits)
        let body = try InferenceBody(request, workspace)
        let echo = body.echo(&texts)
        // Labels are ranked only for who asks for the best of them.
        asked.options.topK = echo.outputs.compactMap(\.classes).max()
        asked.options.echo = echo
        if let sequence = echo.sequence {
            asked.options.isList = false
            asked.options.session = sequence.id.session
            asked.options.sessionStart = sequence.isStart ? .new : .earlier
            asked.options.endsSession = sequence.isEnd
            asked.options.sessionWords = .inference
        }
        body.addTexts(&texts, to: workspace, isOfSequence: echo.sequence != nil)
        try texts.errors.throwIfAny()
        return asked
    }

    func writer(
        _ options: ClassifyRequest.Options,
        textCount: Int,
        _ model: ServedModel
    ) -> OpenInferenceWriter { OpenInferenceWriter(options, textCount, model) }
}

/// The tensors that a model gives.
enum OutputTensor: String, CaseIterable {
    case label
    case score
    case probabilities
    case labels
}

/// What an answer takes over from its request.
final class InferenceEcho: RequestEcho {
    /// A tensor that is asked for.
    struct Output: Sendable {
        let tensor: OutputTensor
        /// How many of the best labels it names instead, as `score:index:label`; nil for itself.
        var classes: Int?
    }

    /// What a request says of the sequence that it belongs to.
    struct Sequence: Sendable {
        /// Numbers and texts are different identifiers.
        enum ID: Sendable {
            case number(UInt64)
            case text(String)

            /// The name of the session: none that a client of another dialect can give.
            var session: String {
                switch self {
                case .number(let number): "\u{1}\(number)"
                case .text(let text): "\u{2}\(text)"
                }
            }
        }

        let id: ID
        let isStart: Bool
        let isEnd: Bool
    }

    /// nil if the request has no name.
    let id: String?
    /// nil for a request of its own.
    let sequence: Sequence?
    let outputs: [Output]

    init(id: String?, sequence: Sequence? = nil, outputs: [Output]) {
        self.id = id
        self.sequence = sequence
        self.outputs = outputs
    }

    /// A request that has no name and asks for no tensors gets all.
    static let plain = InferenceEcho(
        id: nil,
        outputs: OutputTensor.allCases.map { Output(tensor: $0) }
    )
}

/// Writes tensors, each with what it has of all texts.
struct OpenInferenceWriter: ClassificationWriter {
    private let echo: InferenceEcho
    private let fragments: AnswerFragments
    private let start: AnswerBytes
    private var data: [AnswerBytes]
    private var count = 0

    init(_ options: ClassifyRequest.Options, _ textCount: Int, _ model: ServedModel) {
        let echo = options.echo as? InferenceEcho ?? .plain
        self.echo = echo
        fragments = model.fragments
        var start = AnswerBytes(capacity: 512)
        start.append(fragments.modelName)
        start.append(#","model_version":""#)
        start.append(model.version)
        start.append("\"")
        if let id = echo.id {
            var json = JSONWriter()
            json.string(id)
            start.append(#","id":"#)
            start.append(json.finish())
        }
        if let sequence = echo.sequence { start.append(Self.parameters(sequence)) }
        self.start = start
        data = echo.outputs.map { output in
            let bytes = output.tensor == .probabilities ? 13 * model.fragments.labelCount : 32
            return AnswerBytes(capacity: textCount * (bytes + 40 * (output.classes ?? 0)))
        }
    }

    /// The parameters of an answer in a sequence, as Triton gives them back.
    private static func parameters(_ sequence: InferenceEcho.Sequence) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        switch sequence.id {
        case .number(let number):
            json.key("sequence_id")
            json.raw(Array("\(number)".utf8))
        case .text(let text): json.member("sequence_id", string: text)
        }
        json.member("sequence_start", bool: sequence.isStart)
        json.member("sequence_end", bool: sequence.isEnd)
        json.endObject()
        return Array(#","parameters":"#.utf8) + json.finish()
    }

    mutating func write(_ classification: borrowing Classification) {
        for (index, output) in echo.outputs.enumerated() {
            if count > 0 && (output.tensor != .labels || output.classes != nil) {
                data[index].append(",")
            }
            if let classes = output.classes {
                write(classification, classes: classes, to: &data[index])
                continue
            }
            switch output.tensor {
            case .label: data[index].append(fragments.name(classification.best))
            case .score: data[index].append(classification.score)
            case .probabilities:
                for label in classification.probabilities.indices {
                    if label > 0 { data[index].append(",") }
                    data[index].append(classification.probabilities[label])
                }
            case .labels: break
            }
        }
        count += 1
    }

    /// Writes the best labels as the classification extension does.
    private func write(
        _ classification: borrowing Classification,
        classes: Int,
        to data: inout AnswerBytes
    ) {
        for (position, label) in (classification.ranking ?? []).prefix(classes).enumerated() {
            data.append(position == 0 ? "\"" : ",\"")
            data.append(classification.probabilities[label])
            data.append(":")
            data.append(label)
            data.append(":")
            // Behind the quote that a name begins with.
            data.append(UnsafeBufferPointer(rebasing: fragments.name(label).dropFirst()))
        }
    }

    mutating func finish() -> Answer {
        var json = start
        json.append(#","outputs":["#)
        for (index, output) in echo.outputs.enumerated() {
            json.append(index == 0 ? #"{"name":""# : #",{"name":""#)
            json.append(output.tensor.rawValue)
            json.append(#"","shape":["#)
            let labelCount = fragments.labelCount
            if output.tensor == .labels && output.classes == nil {
                json.append(labelCount)
            } else {
                json.append(count)
                if let classes = output.classes {
                    json.append(",")
                    json.append(min(classes, labelCount))
                } else if output.tensor == .probabilities {
                    json.append(",")
                    json.append(labelCount)
                }
            }
            let isNumber = [.score, .probabilities].contains(output.tensor)
            json.append(
                isNumber && output.classes == nil
                    ? #"],"datatype":"FP32","data":["# : #"],"datatype":"BYTES","data":["#
            )
            if output.tensor == .labels && output.classes == nil {
                json.append(fragments.names)
            } else {
                json.append(data[index].bytes)
            }
            json.append("]}")
        }
        json.append("]}")
        return Answer(contentType: "application/json", body: json.bytes)
    }
}

/// The protocol's errors: a sentence.
struct OpenInferenceErrors: ErrorWriter {
    func answer(to problem: Problem, requestID: String) -> Answer {
        Answer.json(problem.statusOfPeers, headers: problem.headers) { json in
            json.beginObject()
            json.member("error", string: problem.sentence)
            json.endObject()
        }
    }
}

extension JSONWriter {
    /// Writes the members of a model's metadata.
    fileprivate mutating func metadata(of model: ServedModel) {
        func tensor(_ name: String, _ type: String, _ shape: [Int], _ json: inout JSONWriter) {
            json.beginObject()
            json.member("name", string: name)
            json.member("datatype", string: type)
            json.key("shape")
            json.ints(shape)
            json.endObject()
        }
        let labelCount = model.classifier.labels.count
        member("name", string: model.name)
        member("versions", array: [String(model.version)]) { $1.string($0) }
        member("platform", string: "elman")
        key("inputs")
        beginArray()
        tensor("text", "BYTES", [-1], &self)
        endArray()
        key("outputs")
        beginArray()
        tensor("label", "BYTES", [-1], &self)
        tensor("score", "FP32", [-1], &self)
        tensor("probabilities", "FP32", [-1, labelCount], &self)
        tensor("labels", "BYTES", [labelCount], &self)
        endArray()
    }
}
