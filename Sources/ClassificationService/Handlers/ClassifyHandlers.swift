internal import HTTPServer
internal import JSON
internal import Memory
internal import Model
internal import Tracing

/// Answers what asks for classifications, in any dialect.
struct ClassifyHandlers: Sendable {
    let models: LiveModels
    let limits: Limits
    private let drain: Drain
    /// For versions that must be loaded first.
    let background: BackgroundWork
    /// For explanations.
    let explanations: BackgroundWork
    /// Whether answers say to the log which model they are of.
    let tellsModels: Bool
    /// Whether classifications are spans of traces; without, nothing is asked for.
    let isTraced: Bool
    private let memory: MemoryBudget
    private let workspaces: WorkspacePool
    private let sessions: Sessions

    init(
        _ models: LiveModels,
        _ limits: Limits,
        drain: Drain = Drain(),
        background: BackgroundWork,
        explanations: BackgroundWork,
        memory: MemoryBudget,
        sessions: Sessions = Sessions(),
        tellsModels: Bool,
        isTraced: Bool
    ) {
        self.memory = memory
        self.sessions = sessions
        workspaces = WorkspacePool(memory)
        self.models = models
        self.limits = limits
        self.drain = drain
        self.background = background
        self.explanations = explanations
        self.tellsModels = tellsModels
        self.isTraced = isTraced
    }

    /// Reads a request in a dialect, classifies its texts and answers in the same dialect: from
    /// memory on the thread that asks, but with explanations, or for a version that must be loaded
    /// first, from another.
    func handler(_ dialect: some Dialect) -> Handler {
        .atOnce { request, path, principal throws(ServiceError) in
            try workspaces.withWorkspace { workspace throws(ServiceError) -> Attempt in
                let asked = try dialect.read(request, path, limits, into: workspace)
                let found = try models.find(asked.model, version: asked.version, for: principal)
                if case .ready(let model) = found, !asked.options.isExplained {
                    let (texts, options) = (workspace.texts, asked.options)
                    try options.requireProposal(of: model)
                    if options.session != nil {
                        return .answer(try answer(piece: texts, asked, model, principal, dialect))
                    }
                    let taken = try takeMemory(for: texts, options, model)
                    var writer = dialect.writer(options, textCount: texts.count, model)
                    _ = classify(texts, options, model, into: &writer)
                    return .answer(finished(&writer, model, keeping: taken))
                }
                let texts = try OwnedTexts(copying: workspace.texts, memory)
                return .later(later(asked, texts, found, for: principal, dialect))
            }
        }
    }

    /// Answers a piece of a session, with the version that it began with.
    private func answer(
        piece texts: [UnsafeBufferPointer<UInt8>],
        _ asked: ClassifyRequest,
        _ live: ServedModel,
        _ principal: Principal,
        _ dialect: some Dialect
    ) throws(ServiceError) -> Answer {
        let words = asked.options.sessionWords
        guard texts.count == 1, !asked.options.isList, !asked.options.isExplained else {
            throw .invalid(
                words.name,
                "A piece of a session is one \"text\", without \"texts\" and \"explain\"."
            )
        }
        let name = asked.options.session ?? ""
        let key = Sessions.Key(principal: principal.name, model: live.name, name: name)
        return try sessions.with(key, live, Sessions.Piece(asked)) {
            model,
            session throws(ServiceError) in
            guard texts[0].count <= limits.textBytes - session.byteCount else {
                throw .invalid(
                    words.text,
                    "The session would have more than \(limits.textBytes) bytes of text "
                        + "(--text-bytes); begin another one."
                )
            }
            guard session.takes(texts[0]) else {
                throw .invalid(
                    words.text,
                    "The session has more than \(TextSession.pendingBytes) bytes without a space."
                )
            }
            try asked.options.requireProposal(of: model)
            var writer = dialect.writer(asked.options, textCount: 1, model)
            model.classify(texts[0], in: &session, asked.options, into: &writer)
            return finished(&writer, model, keeping: nil)
        }
    }

    /// Whether the service can answer, as `/readyz` says.
    var isReady: Bool { models.snapshot.isReady && !drain.isDraining }

    /// A row of a dialect that classifies what is posted.
    ///
    /// - Parameters:
    ///   - path: where it is asked.
    ///   - dialect: reads and writes.
    ///   - model: where the model's name stands.
    ///   - refusals: the statuses of bad content that have a name in the dialect.
    ///   - query: the parameters that are taken.
    ///   - claims: which requests of the path the row answers; nil for all.
    ///   - errors: the dialect's shape.
    /// - Returns: the row.
    func row(
        at path: PathTemplate,
        of dialect: some Dialect,
        model: ModelPlace = .body,
        refusals: [Int] = [],
        query: [String] = [],
        claims: (@Sendable (borrowing HTTPRequest) -> Bool)? = nil,
        errors: any ErrorWriter
    ) -> Operation {
        Operation(
            .post,
            path,
            model: model,
            .scope(.classify),
            body: .texts(limits),
            [200, 404, 413, 415, 503] + refusals,
            query: query,
            claims: claims,
            errors: errors,
            handler(dialect)
        )
    }

    /// A row of a dialect that says whether the service can answer: 200 without content, or 503.
    ///
    /// - Parameters:
    ///   - path: where it is asked.
    ///   - errors: the dialect's shape.
    /// - Returns: the row.
    func health(at path: PathTemplate = "/health", errors: any ErrorWriter) -> Operation {
        Operation(
            .get,
            path,
            .everyone,
            answersAnyHost: true,
            [200, 503],
            errors: errors,
            .atOnce { _, _, _ throws(ServiceError) in
                guard isReady else { throw drain.isDraining ? .stopping : .notReady }
                return .answer(.empty(200))
            }
        )
    }

    /// Whether the body of a request is a JSON object with a member of that name: for dialects that
    /// share a path.
    func hasMember(_ name: String, _ request: borrowing HTTPRequest) -> Bool {
        guard request.body.holdsString(name) else { return false }
        return workspaces.withWorkspace { workspace in
            (try? workspace.parser.parse(request.body))?[name] != nil
        }
    }

    /// Classifies; where the request is in a trace, as a part of it.
    private func classify(
        _ texts: [UnsafeBufferPointer<UInt8>],
        _ options: ClassifyRequest.Options,
        _ model: ServedModel,
        into writer: inout some ClassificationWriter,
        isCancelled: () -> Bool = { false }
    ) -> Bool {
        guard isTraced, let trace = RequestTrace.current else {
            return model.classify(texts, options, into: &writer, isCancelled: isCancelled)
        }
        return trace.part(
            "classify \(model.name)",
            [
                ("elman.model", .text(model.name)), ("elman.version", .number(model.version)),
                ("elman.texts", .number(texts.count)),
            ]
        ) { model.classify(texts, options, into: &writer, isCancelled: isCancelled) }
    }

    private func finished(
        _ writer: inout some ClassificationWriter,
        _ model: ServedModel,
        keeping memory: MemoryReservation?
    ) -> Answer {
        var answer = writer.finish(keeping: memory)
        if tellsModels { answer.model = model.name }
        return answer
    }

    private func later(
        _ asked: ClassifyRequest,
        _ texts: OwnedTexts,
        _ found: LiveModels.Lookup,
        for principal: Principal,
        _ dialect: some Dialect
    ) -> LaterAnswer {
        var awaited: LaterAnswer.Model?
        if case .loading = found { awaited = LaterAnswer.Model(name: asked.model) }
        return LaterAnswer(
            work: asked.options.isExplained ? explanations : background,
            bytes: texts.byteCount,
            model: awaited
        ) { pending throws(ServiceError) in
            // Those that had to wait may be of clients that have left.
            if pending.isCancelled { return nil }
            let model = try models.loaded(asked.model, version: asked.version, for: principal)
            if asked.options.session != nil {
                return try texts.withTexts { all throws(ServiceError) in
                    try answer(piece: all, asked, model, principal, dialect)
                }
            }
            let options = asked.options
            try options.requireProposal(of: model)
            let taken = try texts.withTexts { all throws(ServiceError) in
                try takeMemory(for: all, options, model)
            }
            var writer = dialect.writer(options, textCount: texts.count, model)
            let isDone = texts.withTexts {
                classify($0, options, model, into: &writer) { pending.isCancelled }
            }
            return isDone ? finished(&writer, model, keeping: taken) : nil
        }
    }

    /// Takes memory for an answer before it is written; nil for one that is small.
    ///
    /// - Throws: when there is none, or the answer would be too large for any.
    private func takeMemory(
        for texts: [UnsafeBufferPointer<UInt8>],
        _ options: ClassifyRequest.Options,
        _ model: ServedModel
    ) throws(ServiceError) -> MemoryReservation? {
        let bytes = model.answerSize(texts, options)
        if bytes <= MemoryBudget.smallBytes { return nil }
        guard bytes <= Limits.answerBytes else {
            throw .answerTooLarge(bytes: bytes, topK: options.topK)
        }
        return try memory.take(bytes, for: .answer)
    }
}
