internal import HTTPServer
internal import JSON
internal import Logging

extension ClassificationService {
    /// Answers `POST /classify` from memory, on the thread that asks.
    func classify(_ request: borrowing HTTPRequest, start: Int) -> HTTPReply {
        let response: HTTPResponse
        do throws(ServiceError) {
            let answer: [UInt8]? =
                switch RequestContent(of: request) {
                case .json: try classify(json: request.body)
                case .plainText: try classify(text: request.body)
                case .other:
                    throw .unsupportedMediaType(expected: "application/json or text/plain")
                }
            guard let answer else {
                let copy = RequestCopy(
                    request,
                    route: .classify,
                    parts: [],
                    id: RequestID(of: request)
                )
                return later(copy, start: start)
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

    /// Answers a request for a version that had to be loaded first.
    func classifyWithStoredVersion(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let parser = JSONParser()
        let body = try parse(request.body, with: parser)
        let asked = try ClassifyRequest(body, limits: settings.limits)
        let model =
            if let version = asked.version {
                try models.load(asked.model, version: version)
            } else { try models.loaded(asked.model, version: nil) }
        guard let model else { throw .noModel }
        return Answer.bytes("application/json", model.answer(asked), requestID: request.id)
    }

    func parse(_ body: [UInt8], with parser: JSONParser) throws(ServiceError) -> JSONValue {
        do throws(JSONError) { return try parser.parse(body) } catch {
            throw .invalidJSON(error.description)
        }
    }

    /// The answer, or nil if the version that is asked for must be loaded first.
    private func classify(json body: UnsafeRawBufferPointer) throws(ServiceError) -> [UInt8]? {
        try parsers.withParser { parser throws(ServiceError) -> [UInt8]? in
            let value: JSONValue
            do throws(JSONError) { value = try parser.parse(body) } catch {
                throw .invalidJSON(error.description)
            }
            let asked = try ClassifyRequest(value, limits: settings.limits)
            return try models.loaded(asked.model, version: asked.version)?.answer(asked)
        }
    }

    private func classify(text body: UnsafeRawBufferPointer) throws(ServiceError) -> [UInt8]? {
        let limits = settings.limits
        guard body.count <= limits.textBytes else {
            throw .invalid("", "The text is longer than \(limits.textBytes) bytes.")
        }
        let utf8 = body.assumingMemoryBound(to: UInt8.self)
        guard String(validating: utf8, as: UTF8.self) != nil else {
            throw .invalidJSON("The text is not valid UTF-8.")
        }
        return try models.loaded(nil, version: nil)?.answer(utf8, topK: nil)
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
