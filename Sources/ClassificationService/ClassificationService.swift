internal import CEmbedded
internal import CMalloc
public import HTTPServer
public import Logging
internal import Model
public import Store

/// The wiring: what each part of the service is made of, and in which order it starts and stops.
///
/// It opens no socket. `POST /classify` and the probes are answered on the thread that asks, from
/// memory. Explanations and everything that reads or writes the store are answered later, from
/// other threads.
public final class ClassificationService: HTTPService {
    let router: Router
    private let parts: ServiceParts
    private let handlers: Handlers
    private let vertexFault: VertexRouteError?

    /// Makes a service over an open store; `start` brings it to life.
    ///
    /// - Parameters:
    ///   - store: models, versions, jobs.
    ///   - settings: what the operator chooses.
    ///   - log: gets events, never texts or labels.
    public init(store: any Store, settings: ServiceSettings, log: Logger) {
        parts = ServiceParts(store: store, settings: settings, log: log)
        handlers = Handlers(parts)
        let rows = handlers.operations(settings.dialects)
        let table = OperationTable(rows, below: settings.pathPrefix)
        vertexFault =
            settings.dialects.lazy.compactMap { $0 as? SageMakerDialect }
            .compactMap { $0.vertexFault(beside: rows) }.first
        parts.requests.show(table.paths.map(\.metrics))
        router = Router(
            table: table,
            access: parts.access,
            models: parts.models,
            journal: RequestJournal(
                metrics: parts.requests,
                log: log,
                logsRequests: settings.logsRequests,
                tracer: settings.tracer,
                scheme: settings.isEncrypted ? "https" : "http",
                origins: settings.origins,
                prefix: settings.pathPrefix
            ),
            memory: settings.memory,
            storeLog: ThrottledLog(log, level: .error)
        )
    }

    /// Begins to import the checkpoint files of a directory and to load what is live; when that is
    /// done, follows the store's changes and starts trainers for jobs.
    ///
    /// Requests can be answered at once: those for a model that is not loaded yet wait for it. A
    /// file that is no usable checkpoint is logged, shown by `/readyz` and left out.
    ///
    /// - Parameter path: the directory where `*.json` files are.
    /// - Throws: `ModelDirectoryError` if it cannot be read, `StoreError` if the store does not
    ///   answer, `VertexRouteError` if a path that Vertex AI has chosen is another's.
    public func start(models path: String) throws {
        if let vertexFault { throw vertexFault }
        return_large_blocks()
        let directory = try ModelDirectory(path)
        // Of a store with other servers the trainers may be theirs: those that died lose their jobs
        // when the leases are over.
        if !parts.settings.sharesStore { try parts.supervisor?.takeBackJobs() }
        parts.models.expect(directory)
        let (models, log, store) = (parts.models, parts.log, parts.store)
        let keepsPredictions = parts.settings.remembersInStore
        let defaultModel = parts.settings.defaultModel
        parts.storeFollower.start(loading: directory, every: parts.settings.pollInterval) {
            let served = models.snapshot.cards.keys.sorted()
            log.notice("models_loaded", metadata: ["models": "\(served.joined(separator: " "))"])
            if let defaultModel, !served.contains(defaultModel) {
                log.warning("default_model_missing", metadata: ["model": "\(defaultModel)"])
            }
            // Texts that nobody wants to be kept any more.
            if !keepsPredictions { try? store.forgetAllPredictions() }
        }
    }

    /// Waits until everything that was there at the start is loaded or refused.
    package func waitUntilLoaded() { parts.storeFollower.waitUntilLoaded() }

    /// Takes other tokens from now on; those that are gone open nothing any more.
    ///
    /// - Precondition: the service began with tokens.
    public func replaceTokens(with tokens: TokenTable) { parts.access.replace(with: tokens) }

    /// Says "not ready" from now on and takes no more jobs; everything else is still answered.
    public func startDraining() { parts.drain.begin() }

    /// Stops the trainer and following the store; requests can still be answered.
    ///
    /// - Parameter grace: how long the trainer may take to give its job back.
    public func stop(grace: Duration = .seconds(5)) {
        parts.storeFollower.stop()
        parts.supervisor?.stop(grace: grace)
        parts.remembered?.writer?.stop()
        parts.shadows.stop()
        parts.notices?.stop()
        parts.waiters.answerFinished(everyone: true)
        parts.followers.end()
    }

    /// Lets a body follow where an operation takes one; what brings one elsewhere is refused
    /// unread.
    public func admit(_ head: borrowing HTTPRequest) -> HTTPAdmission { router.admit(head) }

    /// Answers, or says who will.
    public func respond(to request: borrowing HTTPRequest) -> HTTPReply {
        router.respond(to: request)
    }

    /// Renders an answer to a request that the transport refuses.
    public func refusal(
        _ refusal: HTTPRefusal,
        of request: borrowing HTTPRequest
    ) -> HTTPResponse { router.refusal(refusal, of: request) }

    /// Counts a connection that found no place, and tells the log once a second.
    public func turnedAway(_ how: HTTPTurnedAway) {
        parts.connections.record(how)
        parts.connections.logNews(parts.log)
    }

    /// A service with the probes and metrics alone, for a private listener.
    public var probes: ProbeService { ProbeService(handlers.status, self) }

    /// The names of the models that serve.
    package var servedModels: [String] { parts.models.snapshot.cards.keys.sorted() }

    /// The names of the models in memory.
    var loadedModels: [String] { models.snapshot.models.keys.sorted() }

    /// What finds models.
    var models: LiveModels { parts.models }

    /// Clients that follow a job by `GET /train/{id}/events`.
    package var followerCount: Int { parts.followers.count }

    /// The contract that this program was built with.
    package static let contractBytes = Array(
        UnsafeBufferPointer(start: embedded_openapi(), count: embedded_openapi_bytes())
    )
}
