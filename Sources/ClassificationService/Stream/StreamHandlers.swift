internal import Examples
internal import HTTPServer

/// Classifies any number of texts in one request: one line in, one line out.
struct StreamHandlers: Sendable {
    let models: LiveModels
    let limits: Limits
    let spools: Spools
    /// For models that must be loaded first.
    let background: BackgroundWork

    /// - Parameters:
    ///   - parts: what it shares with others.
    ///   - background: for what may wait for the store.
    init(_ parts: ServiceParts, background: BackgroundWork) {
        models = parts.models
        limits = parts.settings.limits
        spools = Spools(parts.settings.spoolDirectory, parts.settings.memory)
        self.background = background
    }

    /// A further row of `POST /classify`, for bodies of lines.
    var operation: Operation {
        Operation(
            .post,
            "/classify",
            model: .body,
            .scope(.classify),
            body: .lines(limits),
            [200, 404, 413, 415, 422, 503, 507],
            query: ClassifyRequest.settings,
            claims: { request in
                if case .rows(.jsonLines) = RequestContent(of: request) { true } else { false }
            },
            spool: { head, announced throws(ServiceError) in
                // What is wrong with the settings need not wait for the body.
                _ = try Self.asked(head.queryItems)
                return try spools.open(announced: announced)
            },
            .atOnce { request, _, principal throws(ServiceError) in
                try answer(request, for: principal)
            }
        )
    }

    private func answer(
        _ request: borrowing HTTPRequest,
        for principal: Principal
    ) throws(ServiceError) -> Attempt {
        let asked = try Self.asked(request.queryItems)
        // What is not spooled is small.
        let place = request.spool.map { BodyLines.Place.spool($0) } ?? .memory(Array(request.body))
        let found = try models.find(asked.model, version: asked.version, for: principal)
        if case .ready(let model) = found { return .answer(try Self.answer(place, asked, model)) }
        var later = LaterAnswer(work: background, bytes: 0) { _ throws(ServiceError) in
            let model = try models.loaded(asked.model, version: asked.version, for: principal)
            return try Self.answer(place, asked, model)
        }
        if case .loading = found { later.model = LaterAnswer.Model(name: asked.model) }
        return .later(later)
    }

    private static func asked(
        _ query: [(name: String, value: String)]
    ) throws(ServiceError) -> ClassifyRequest {
        let asked = try ClassifyRequest(query: query)
        guard asked.options.session == nil else {
            throw .invalidParameter("A body of lines is no piece of a session.")
        }
        return asked
    }

    private static func answer(
        _ place: BodyLines.Place,
        _ asked: ClassifyRequest,
        _ model: ServedModel
    ) throws(ServiceError) -> Answer {
        try asked.options.requireProposal(of: model)
        return Answer(
            contentType: "application/x-ndjson",
            // Proxies that collect an answer before they pass it on are asked not to.
            headers: [("X-Accel-Buffering", "no")],
            source: LineAnswers(place, asked.options, model)
        )
    }
}
