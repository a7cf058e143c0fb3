internal import CEmbedded
internal import Examples
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
    private let settings: ServiceSettings
    private let log: Logger
    private let access: AccessControl
    private let models: LiveModels
    private let connections = ConnectionMetrics()
    private let waiters: JobWaiters
    private let followers: JobFollowers
    private let supervisor: TrainerSupervisor?
    private let drain = Drain()
    private let follower: StoreFollower
    private let handlers: Handlers

    /// Makes a service over an open store; `start` brings it to life.
    ///
    /// - Parameters:
    ///   - store: models, versions, jobs.
    ///   - settings: what the operator chooses.
    ///   - log: gets events, never texts or labels.
    public init(store: any Store, settings: ServiceSettings, log: Logger) {
        self.settings = settings
        self.log = log
        let clock = TimeSource()
        let predictions = PredictionMetrics()
        let jobs = JobMetrics()
        access = AccessControl(settings.tokens, hosts: settings.hosts)
        models = LiveModels(
            store: store,
            defaultName: settings.defaultModel,
            metrics: predictions,
            textRule: settings.limits.exampleRules.text,
            memory: settings.rememberedPredictions > 0
                ? PredictionMemory(capacity: settings.rememberedPredictions) : nil,
            log: log
        )
        waiters = JobWaiters(store: store, models: models, clock: clock)
        followers = JobFollowers(limit: settings.limits.followers)
        supervisor = TrainerSupervisor(settings, store: store, log: log)
        let listeners = StoreFollower.Listeners(
            models: models,
            jobs: jobs,
            waiters: waiters,
            followers: followers,
            supervisor: supervisor,
            connections: connections
        )
        follower = StoreFollower(store, listeners, log: log)
        let requests = RequestMetrics()
        handlers = Handlers(
            store: store,
            settings: settings,
            models: models,
            drain: drain,
            JobHandlers(
                store: store,
                limits: settings.limits,
                drain: drain,
                waiters: waiters,
                followers: followers,
                metrics: jobs,
                supervisor: supervisor,
                clock: clock,
                log: log
            ),
            StatusHandlers(
                models: models,
                drain: drain,
                store: follower,
                counts: StatusHandlers.Metrics(
                    requests: requests,
                    connections: connections,
                    predictions: predictions,
                    jobs: jobs,
                    followers: followers,
                    logQueue: settings.logQueue
                )
            ),
            clock: clock,
            log: log
        )
        let table = OperationTable(handlers.operations(settings.dialects))
        requests.show(table.paths.map(\.metrics))
        let journal = RequestJournal(
            metrics: requests,
            log: log,
            logsRequests: settings.logsRequests
        )
        router = Router(table: table, access: access, models: models, journal: journal, log: log)
    }

    /// Begins to import the checkpoint files of a directory and to load what is live; when that is
    /// done, follows the store's changes and starts trainers for jobs.
    ///
    /// Requests can be answered at once: those for a model that is not loaded yet wait for it. A
    /// file that is no usable checkpoint is logged, shown by `/readyz` and left out.
    ///
    /// - Parameter path: the directory where `*.json` files are.
    /// - Throws: `ModelDirectoryError` if it cannot be read, `StoreError` if the store does not
    ///   answer.
    public func start(models path: String) throws {
        let directory = try ModelDirectory(path)
        try supervisor?.takeBackJobs()
        models.expect(directory)
        let (models, log, defaultModel) = (models, log, settings.defaultModel)
        follower.start(loading: directory, every: settings.pollInterval) {
            let served = models.snapshot.models.keys.sorted()
            log.notice("models_loaded", metadata: ["models": "\(served.joined(separator: " "))"])
            if let defaultModel, !served.contains(defaultModel) {
                log.warning("default_model_missing", metadata: ["model": "\(defaultModel)"])
            }
        }
    }

    /// Waits until everything that was there at the start is loaded or refused.
    package func waitUntilLoaded() { follower.waitUntilLoaded() }

    /// Takes other tokens from now on; those that are gone open nothing any more.
    ///
    /// - Precondition: the service began with tokens.
    public func replaceTokens(with tokens: TokenTable) { access.replace(with: tokens) }

    /// Says "not ready" from now on and takes no more jobs; everything else is still answered.
    public func startDraining() { drain.begin() }

    /// Stops the trainer and following the store; requests can still be answered.
    ///
    /// - Parameter grace: how long the trainer may take to give its job back.
    public func stop(grace: Duration = .seconds(5)) {
        follower.stop()
        supervisor?.stop(grace: grace)
        waiters.answerFinished(everyone: true)
        followers.end()
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
        connections.record(how)
        connections.logNews(log)
    }

    /// A service with the probes and metrics alone, for a private listener.
    public var probes: ProbeService { ProbeService(handlers.status, self) }

    /// The names of the models that serve.
    package var servedModels: [String] { models.snapshot.models.keys.sorted() }

    /// Clients that follow a job by `GET /train/{id}/events`.
    package var followerCount: Int { followers.count }

    /// The contract that this program was built with.
    package static let contractBytes = Array(
        UnsafeBufferPointer(start: embedded_openapi(), count: embedded_openapi_bytes())
    )
}
