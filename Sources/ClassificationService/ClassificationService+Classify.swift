internal import HTTPServer
internal import JSON
internal import Logging

extension ClassificationService {
    /// What can be made of a request on the thread that asks.
    private enum Attempt {
        case answer([UInt8])
        /// It takes too long for that thread; this does it.
        case later(BackgroundWork)
    }

    /// Answers `POST /classify` from memory, on the thread that asks; one with explanations, or for
    /// a version that must be loaded first, from another.
    func classify(_ request: borrowing HTTPRequest, start: Int) -> HTTPReply {
        let response: HTTPResponse
        do throws(ServiceError) {
            let principal = try access.authorize(request, .scope(.classify))
            let attempt =
                switch RequestContent(of: request) {
                case .json: try classify(json: request.body, for: principal)
                case .plainText: try classify(text: request.body, for: principal)
                case .other:
                    throw .unsupportedMediaType(expected: "application/json or text/plain")
                }
            let answer: [UInt8]
            switch attempt {
            case .answer(let bytes): answer = bytes
            case .later(let work):
                let id = RequestID(of: request)
                let copy = RequestCopy(
                    request,
                    route: .classify,
                    parts: [],
                    id: id,
                    principal: principal
                )
                return later(copy, start: start, on: work)
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

    /// Loads the version that is asked for, if need be, and explains its answers, if asked to.
    ///
    /// - Returns: the answer, or nil if nobody waits for it any more.
    func classifyInBackground(
        _ request: RequestCopy,
        _ responder: HTTPResponder
    ) throws(ServiceError) -> HTTPResponse? {
        // Those that had to wait may be of clients that have left.
        if responder.isCancelled { return nil }
        let parser = JSONParser()
        let body = try parse(request.body, with: parser)
        let asked = try ClassifyRequest(body, limits: settings.limits)
        try models.require(asked.model, for: request.principal)
        let model =
            if let version = asked.version {
                try models.load(asked.model, version: version)
            } else { try models.loaded(asked.model, version: nil) }
        guard let model else { throw .noModel }
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
        for principal: Principal
    ) throws(ServiceError) -> Attempt {
        try parsers.withParser { parser throws(ServiceError) -> Attempt in
            let value: JSONValue
            do throws(JSONError) { value = try parser.parse(body) } catch {
                throw .invalidJSON(error.description)
            }
            let asked = try ClassifyRequest(value, limits: settings.limits)
            try models.require(asked.model, for: principal)
            if asked.isExplained { return .later(explanations) }
            guard let model = try models.loaded(asked.model, version: asked.version) else {
                return .later(background)
            }
            return .answer(model.answer(asked))
        }
    }

    private func classify(
        text body: UnsafeRawBufferPointer,
        for principal: Principal
    ) throws(ServiceError) -> Attempt {
        let limits = settings.limits
        guard body.count <= limits.textBytes else {
            throw .invalid("", "The text is longer than \(limits.textBytes) bytes.")
        }
        let utf8 = body.assumingMemoryBound(to: UInt8.self)
        guard String(validating: utf8, as: UTF8.self) != nil else {
            throw .invalidJSON("The text is not valid UTF-8.")
        }
        try models.require(nil, for: principal)
        guard let model = try models.loaded(nil, version: nil) else { throw .noModel }
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
