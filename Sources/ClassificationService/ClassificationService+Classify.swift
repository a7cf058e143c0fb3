internal import HTTPServer
internal import JSON
internal import Logging

extension ClassificationService {
    /// What can be made of a request on the thread that asks.
    private enum Attempt {
        case answer([UInt8])
        /// It takes too long for that thread; this does it.
        case later(BackgroundWork)
        /// This does it when the model, nil for the default one, has been loaded.
        case whenLoaded(String?, BackgroundWork)
    }

    /// Answers `POST /classify` from memory, on the thread that asks; one with explanations, or for
    /// a version that must be loaded first, from another.
    func classify(_ request: borrowing HTTPRequest, start: Int) -> HTTPReply {
        let response: HTTPResponse
        do throws(ServiceError) {
            let principal = try access.authorize(request, .scope(.classify))
            let query = request.hasQuery ? request.queryItems : []
            if !query.isEmpty { try Route.classify.operation(.post)?.check(query) }
            let attempt =
                switch RequestContent(of: request) {
                case .json: try classify(json: request.body, query, for: principal)
                case .plainText: try classify(text: request.body, query, for: principal)
                case .form where request.header("origin") == nil && isJSONObject(request.body):
                    try classify(json: request.body, query, for: principal)
                case let content:
                    throw .unsupportedMediaType(
                        expected: "application/json or text/plain",
                        found: content.name
                    )
                }
            let answer: [UInt8]
            switch attempt {
            case .answer(let bytes): answer = bytes
            case .later(let work):
                return later(copy(request, of: principal), start: start, on: work)
            case .whenLoaded(let model, let work):
                let copy = copy(request, of: principal)
                return later(copy, start: start, on: work, whenLoaded: model)
            }
            response = HTTPResponse(
                status: 200,
                contentType: "application/json",
                headers: Answer.headers(requestID: RequestID.given(in: request)),
                body: answer
            )
        } catch {
            return .now(finish(error, request, .classify, start: start))
        }
        requests.record(.classify, status: 200, nanoseconds: monotonicNanoseconds() - start)
        if settings.logsRequests { logClassification(RequestID(of: request), start: start) }
        return .now(response)
    }

    private func copy(
        _ request: borrowing HTTPRequest,
        of principal: Principal
    ) -> RequestCopy {
        RequestCopy(
            request,
            route: .classify,
            parts: [],
            id: RequestID(of: request),
            principal: principal
        )
    }

    /// Loads the version that is asked for, if need be, and explains its answers, if asked to.
    ///
    /// - Returns: the answer, or nil if nobody waits for it any more.
    func classifyInBackground(
        _ request: RequestCopy,
        _ responder: HTTPResponder
    ) throws(ServiceError) -> HTTPResponse? {
        // Those that had to wait may be of clients that have left.
        if responder.isCancelled { return nil }
        var body = request.body
        if case .plainText = request.content, !request.queryItems.isEmpty {
            body = body.withUnsafeBufferPointer {
                ClassifyRequest.json(text: $0, query: request.queryItems)
            }
        } else if case .plainText = request.content {
            let found = try models.find(nil, version: nil, for: request.principal)
            guard case .ready(let model) = found else { throw .modelLoading }
            let answer = request.body.withUnsafeBufferPointer { model.answer($0) }
            return Answer.bytes("application/json", answer, requestID: request.id)
        }
        let parser = JSONParser()
        let value = try parse(body, with: parser)
        let asked = try ClassifyRequest(value, limits: settings.limits)
        let found = try models.find(asked.model, version: asked.version, for: request.principal)
        let model =
            switch found {
            case .ready(let model): model
            case .stored(let name, let version): try models.load(name, version: version)
            case .loading: throw ServiceError.modelLoading
            }
        if asked.isExplained {
            let answer = model.explainedAnswer(asked) { responder.isCancelled }
            return answer.map { Answer.bytes("application/json", $0, requestID: request.id) }
        }
        return Answer.bytes("application/json", model.answer(asked), requestID: request.id)
    }

    func parse(_ body: [UInt8], with parser: JSONParser) throws(ServiceError) -> JSONValue {
        do throws(JSONError) { return try parser.parse(body) } catch {
            throw .invalidJSON(error.description)
        }
    }

    private func classify(
        json body: UnsafeRawBufferPointer,
        _ query: [(name: String, value: String)] = [],
        for principal: Principal
    ) throws(ServiceError) -> Attempt {
        if let first = query.first { throw .settingBesideJSON(first.name) }
        return try parsers.withParser { parser throws(ServiceError) -> Attempt in
            let value: JSONValue
            do throws(JSONError) { value = try parser.parse(body) } catch {
                throw .invalidJSON(error.description)
            }
            let asked = try ClassifyRequest(value, limits: settings.limits)
            let work = asked.isExplained ? explanations : background
            switch try models.find(asked.model, version: asked.version, for: principal) {
            case .loading: return .whenLoaded(asked.model, work)
            case .ready(let model) where !asked.isExplained: return .answer(model.answer(asked))
            case .ready, .stored: return .later(work)
            }
        }
    }

    private func classify(
        text body: UnsafeRawBufferPointer,
        _ query: [(name: String, value: String)],
        for principal: Principal
    ) throws(ServiceError) -> Attempt {
        let utf8 = body.assumingMemoryBound(to: UInt8.self)
        guard String(validating: utf8, as: UTF8.self) != nil else {
            throw .invalidJSON("The text is not valid UTF-8.")
        }
        if !query.isEmpty {
            let json = ClassifyRequest.json(text: utf8, query: query)
            return try json.withUnsafeBufferPointer { bytes throws(ServiceError) in
                try classify(json: UnsafeRawBufferPointer(bytes), for: principal)
            }
        }
        guard case .ready(let model) = try models.find(nil, version: nil, for: principal) else {
            return .whenLoaded(nil, background)
        }
        return .answer(model.answer(utf8))
    }

    private func logClassification(_ id: RequestID, start: Int) {
        log.info(
            "request",
            metadata: [
                "route": "/classify", "status": "200", "request_id": "\(id.text)",
                "microseconds": "\((monotonicNanoseconds() - start) / 1000)",
            ]
        )
    }
}
