internal import HTTPServer
internal import JSON

/// Elman's own way to ask: JSON with `text` or `texts` and settings beside them, or plain text with
/// the settings in the query.
struct NativeDialect: Dialect {
    func operations(_ classify: ClassifyHandlers) -> [Operation] {
        [
            Operation(
                .post,
                "/classify",
                model: .body,
                .scope(.classify),
                body: .texts(classify.limits),
                [200, 404, 413, 415, 422, 503],
                query: ClassifyRequest.settings,
                classify.handler(self)
            )
        ]
    }

    func writer(
        _ options: ClassifyRequest.Options,
        textCount: Int,
        _ model: ServedModel
    ) -> NativeWriter { NativeWriter(options, textCount: textCount, model) }

    func read(
        _ request: borrowing HTTPRequest,
        _ path: PathValues,
        _ limits: Limits,
        into workspace: ClassifyWorkspace
    ) throws(ServiceError) -> ClassifyRequest {
        let query = request.hasQuery ? request.queryItems : []
        switch RequestContent(of: request) {
        case .plainText: return try read(text: request.body, query, into: workspace)
        case .json: break
        // A page of another site can send forms unasked.
        case .form
        where request.header("origin") == nil
            && isJSONObject(request.body, memory: workspace.memory):
            break
        case let content:
            throw .unsupportedMediaType(
                expected: "application/json, text/plain or application/x-ndjson",
                found: content.name
            )
        }
        if let first = query.first { throw .settingBesideJSON(first.name) }
        let body = try workspace.memory.parse(request.body, with: workspace.parser)
        return try read(body, limits, into: workspace)
    }

    private func read(
        text body: UnsafeRawBufferPointer,
        _ query: [(name: String, value: String)],
        into workspace: ClassifyWorkspace
    ) throws(ServiceError) -> ClassifyRequest {
        let utf8 = body.assumingMemoryBound(to: UInt8.self)
        guard String(validating: utf8, as: UTF8.self) != nil else {
            throw .invalidJSON("The text is not valid UTF-8.")
        }
        workspace.texts.append(utf8)
        return try ClassifyRequest(query: query)
    }

    private func read(
        _ body: JSONValue,
        _ limits: Limits,
        into workspace: ClassifyWorkspace
    ) throws(ServiceError) -> ClassifyRequest {
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"text\" or \"texts\".")
        }
        var asked = ClassifyRequest()
        var errors = FieldErrors()
        var text: JSONValue?
        var texts: JSONValue?
        for (key, value) in body.members {
            switch key {
            case "text": text = value
            case "texts": texts = value
            default:
                if !asked.read(key, .json(value), &errors) { errors.addUnknown(key) }
            }
        }
        switch (text, texts) {
        case (let text?, nil): Self.add(text, "/text", to: workspace, &errors)
        case (nil, let texts?):
            asked.options.isList = true
            Self.add(all: texts, asked.options, limits, to: workspace, &errors)
        default:
            throw .invalid("", "The body must have exactly one of \"text\" and \"texts\".")
        }
        try errors.throwIfAny()
        return asked
    }

    private static func add(
        _ text: JSONValue,
        _ pointer: @autoclosure () -> String,
        to workspace: ClassifyWorkspace,
        _ errors: inout FieldErrors
    ) {
        if let utf8 = text.utf8 {
            workspace.texts.append(utf8)
        } else {
            errors.add(pointer(), "The text must be a string.")
        }
    }

    private static func add(
        all texts: JSONValue,
        _ options: ClassifyRequest.Options,
        _ limits: Limits,
        to workspace: ClassifyWorkspace,
        _ errors: inout FieldErrors
    ) {
        guard texts.kind == .array else {
            return errors.add("/texts", "It must be an array of strings.")
        }
        guard (1...limits.texts).contains(texts.count) else {
            return errors.add(
                "/texts",
                "It must have from 1 to \(limits.texts) texts; send others in further requests, or "
                    + "raise --max-texts."
            )
        }
        if options.isExplained && texts.count > limits.explainedTexts {
            return errors.add(
                "/texts",
                "With \"explain\" it must have from 1 to \(limits.explainedTexts) texts; send "
                    + "others in further requests, or raise --max-explained."
            )
        }
        var index = 0
        for text in texts.elements {
            add(text, "/texts/\(index)", to: workspace, &errors)
            index += 1
        }
    }
}
