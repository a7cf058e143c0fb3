internal import HTTPServer
internal import JSON

/// The paths that Vertex AI has chosen for its requests; it tells them in the environment.
public struct VertexRoutes: Sendable {
    /// `AIP_HEALTH_ROUTE`; nil for none.
    public var health: String?
    /// `AIP_PREDICT_ROUTE`; nil for none.
    public var predict: String?

    /// Takes the paths over.
    ///
    /// - Parameters:
    ///   - health: where it asks for health.
    ///   - predict: where it asks for predictions.
    public init(health: String? = nil, predict: String? = nil) {
        self.health = health
        self.predict = predict
    }

    /// Whether this is a path of plain pieces.
    static func isPath(_ text: String) -> Bool {
        text.first == "/" && text.utf8.count <= 256
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                    UInt8(ascii: "."), UInt8(ascii: "~"), UInt8(ascii: "/"), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
    }
}

/// How containers of SageMaker and Vertex AI are asked.
///
/// `POST /invocations` takes a body with `inputs`, as SageMaker's containers of Hugging Face, one
/// with `instances`, as Vertex AI sends it, or one text as `text/plain`.
struct SageMakerDialect: Dialect {
    let vertex: VertexRoutes

    func operations(_ classify: ClassifyHandlers) -> [Operation] {
        [
            predictions(at: "/invocations", classify),
            classify.health(at: "/ping", errors: HuggingFaceErrors()),
        ]
    }

    /// The rows of the paths that Vertex AI has chosen, as far as no other row has them.
    ///
    /// - Parameters:
    ///   - classify: answers.
    ///   - rows: the other rows.
    /// - Returns: a row for predictions may share its path with one that takes texts too: then it
    ///   answers what has `instances`.
    func vertexOperations(_ classify: ClassifyHandlers, beside rows: [Operation]) -> [Operation] {
        guard vertexFault(beside: rows) == nil else { return [] }
        var found: [Operation] = []
        if let path = vertex.health.map(PathTemplate.init(stringLiteral:)),
            !rows.contains(where: { $0.method == .get && $0.path == path })
        {
            found.append(classify.health(at: path, errors: HuggingFaceErrors()))
        }
        guard let path = vertex.predict.map(PathTemplate.init(stringLiteral:)) else {
            return found
        }
        let isShared = rows.contains { $0.method == .post && $0.path == path && $0.claims == nil }
        guard isShared else { return found + [predictions(at: path, classify)] }
        if path == "/invocations" { return found }
        return found + [
            predictions(at: path, classify) { classify.hasMember("instances", $0) }
        ]
    }

    /// Why the paths that Vertex AI has chosen cannot be served beside other rows; nil if they can.
    func vertexFault(beside rows: [Operation]) -> VertexRouteError? {
        let asked = [
            ("AIP_HEALTH_ROUTE", vertex.health, HTTPMethod.get),
            ("AIP_PREDICT_ROUTE", vertex.predict, HTTPMethod.post),
        ]
        for (name, value, method) in asked {
            guard let value else { continue }
            guard VertexRoutes.isPath(value) else {
                return VertexRouteError(variable: name, value: value, owner: nil)
            }
            // The row of the index comes last.
            if value == "/" && method == .get {
                return VertexRouteError(variable: name, value: value, owner: "GET /")
            }
            let path = PathTemplate(stringLiteral: value)
            let pieces = value.utf8.dropFirst().split(
                separator: UInt8(ascii: "/"),
                omittingEmptySubsequences: false
            )
            for row in rows where row.claims == nil {
                // A path of its own that one with variables takes in would hide it.
                let isHidden = !row.path.isFixed && row.path.values(of: pieces) != nil
                let isSame = row.path == path && row.method == method
                // Another path's rows would have other scopes or limits.
                let fits =
                    method == .get
                    ? row.answersAnyHost : row.access == .scope(.classify) && row.handler.isAtOnce
                if isHidden || isSame && !fits {
                    let owner = "\(row.method.rawValue) \(row.path.text)"
                    return VertexRouteError(variable: name, value: value, owner: owner)
                }
            }
        }
        return nil
    }

    private func predictions(
        at path: PathTemplate,
        _ classify: ClassifyHandlers,
        claims: (@Sendable (borrowing HTTPRequest) -> Bool)? = nil
    ) -> Operation {
        classify.row(
            at: path,
            of: self,
            refusals: [422],
            query: ClassifyRequest.modelSettings,
            claims: claims,
            errors: HuggingFaceErrors()
        )
    }

    func read(
        _ request: borrowing HTTPRequest,
        _ path: PathValues,
        _ limits: Limits,
        into workspace: ClassifyWorkspace
    ) throws(ServiceError) -> ClassifyRequest {
        var asked = try ClassifyRequest(queryOf: request)
        // SageMaker's way to name one of several models, where there is no query.
        if let target = request.header("x-amzn-sagemaker-target-model"), asked.model == nil {
            asked.model = target
        }
        asked.options.topK = 10_000
        if case .plainText = RequestContent(of: request) {
            let utf8 = request.body.assumingMemoryBound(to: UInt8.self)
            guard String(validating: utf8, as: UTF8.self) != nil else {
                throw .invalidJSON("The text is not valid UTF-8.")
            }
            workspace.texts.append(utf8)
            return asked
        }
        let body = try workspace.json(of: request)
        guard let instances = body["instances"] else {
            guard body["inputs"] != nil else {
                throw .invalid(
                    "",
                    "The body must be an object with \"inputs\" or \"instances\"."
                )
            }
            try HuggingFaceDialect().read(body, &asked, limits, into: workspace)
            return asked
        }
        asked.options.echo = Predictions.asked
        var texts = TextCollector(limits)
        if let count = body["parameters"]?["top_k"], !count.isNull {
            asked.options.topK = count.wholeNumber
            if !(1...10_000).contains(count.wholeNumber ?? 0) {
                texts.refuse("/parameters/top_k", "It must be an integer from 1 to 10000.")
            }
        }
        add(instances, &texts, to: workspace)
        try texts.errors.throwIfAny()
        return asked
    }

    /// The members that may hold the text of an instance: of this project, of Vertex AI's own
    /// models, of TEI.
    private static let textMembers = ["text", "content", "inputs"]

    private func add(
        _ instances: JSONValue,
        _ texts: inout TextCollector,
        to workspace: ClassifyWorkspace
    ) {
        guard instances.kind == .array else {
            return texts.refuse("/instances", "It must be an array.")
        }
        guard texts.allows(instances.count, "/instances") else { return }
        for (index, instance) in instances.elements.enumerated() {
            let pointer = "/instances/\(index)"
            guard instance.kind == .object else {
                texts.add(instance, pointer, to: workspace)
                continue
            }
            let found = Self.textMembers.filter { instance[$0] != nil }
            guard found.count == 1, let text = instance[found[0]] else {
                texts.refuse(
                    pointer,
                    "It must be a string, or an object with one of \"text\", \"content\" and "
                        + "\"inputs\"."
                )
                continue
            }
            texts.add(text, pointer + "/" + found[0], to: workspace)
        }
    }

    func writer(
        _ options: ClassifyRequest.Options,
        textCount: Int,
        _ model: ServedModel
    ) -> HuggingFaceWriter {
        let isVertex = options.echo is Predictions
        return HuggingFaceWriter(
            options,
            textCount,
            model,
            isVertex ? .predictions : options.isList ? .list : .one
        )
    }
}

/// Says that the answer is an object with `predictions`.
private final class Predictions: RequestEcho {
    static let asked = Predictions()
}

/// A path that Vertex AI has chosen, and that cannot be served.
struct VertexRouteError: Error, CustomStringConvertible {
    /// The environment variable that names it.
    let variable: String
    /// What it says.
    let value: String
    /// The operation that has the path; nil where it is no path.
    let owner: String?

    var description: String {
        guard let owner else {
            return "\(variable) is no path: it must begin with / and have only letters, digits, /, "
                + "-, ., _, ~ and : behind it"
        }
        return "\(variable) names \(value), which is \(owner) here: give another path, or leave it "
            + "out (/health and /invocations are always there)"
    }
}
