@preconcurrency internal import Dispatch
internal import Examples
internal import Glibc
public import HTTPServer
internal import JSON
public import Logging
internal import Model
public import Store
internal import Synchronization

/// Routes requests to what answers them; opens no socket.
///
/// `POST /classify` and the probes are answered on the thread that asks, from memory. Explanations
/// and everything that reads or writes the store are answered later, from other threads.
public final class ClassificationService: HTTPService {
    /// What the operator chooses.
    public struct Settings: Sendable {
        /// The tokens that are good; nil lets everybody do everything.
        public var tokens: TokenTable?
        /// What requests may be for while there are no tokens.
        public var hosts = AllowedHosts()
        /// What clients may ask for at most.
        public var limits = Limits()
        /// The model of a request that names none; nil for the oldest.
        public var defaultModel: String?
        /// The `trainer` program, or nil to leave jobs to trainers that are started elsewhere.
        public var trainerPath: String?
        /// The options by which a trainer finds the store.
        public var trainerStore: [String] = []
        /// How much the trainer yields to others, as `nice` counts.
        public var trainerNiceness = 10
        /// Threads of a job that does not say how many; they never change the result.
        ///
        /// One core is left to the server. More than 8 find nothing to do in most jobs: two paths,
        /// four shards in a batch.
        public var trainerThreads = min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1, 1), 8)
        /// How many of a model's newest versions stay, with the live one, its parent and those that
        /// are pinned.
        public var keptVersions = Retention.versions
        /// How many predictions are remembered for feedback by their identifiers; in memory.
        public var rememberedPredictions = 0
        /// How often the store is asked for changes.
        public var pollInterval = Duration.milliseconds(50)
        /// Whether each request is logged.
        public var logsRequests = false
        /// Where log lines wait to be written; metrics tell what it drops.
        public var logQueue: LogQueue?

        /// The defaults.
        public init() {}
    }

    let settings: Settings
    let access: AccessControl
    let store: any Store
    let log: Logger
    let models: LiveModels
    let parsers = ParserPool()
    let requests = RequestMetrics()
    let connections = ConnectionMetrics()
    let predictions = PredictionMetrics()
    let process = ProcessMetrics()
    let jobs = JobMetrics()
    let waiters = JobWaiters()
    let followers: JobFollowers
    /// What may wait for the store.
    let background: BackgroundWork
    /// Explanations: one after the other, so that they take one core at most.
    let explanations: BackgroundWork
    /// Evaluations and comparisons, likewise.
    let evaluations: BackgroundWork
    /// Exports of data sets, each of which waits for its client to read.
    let exports: BackgroundWork
    let supervisor: TrainerSupervisor?
    let isDraining = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)
    private let isLoaded = DispatchSemaphore(value: 0)
    private let watch: any DispatchSourceTimer
    private let watchQueue = DispatchQueue(label: "elman.watch")
    /// What had changed in the store at the last look.
    let lastSeen = Mutex<ChangeMark?>(nil)
    /// When silent workers and a failing disk were last looked after, on the monotonic clock.
    let lastLook = Mutex(0)
    /// Why the store did not answer when it was last asked.
    let storeTrouble = Mutex<String?>(nil)

    /// Makes a service over an open store; `start` brings it to life.
    ///
    /// - Parameters:
    ///   - store: models, versions, jobs.
    ///   - settings: what the operator chooses.
    ///   - log: gets events, never texts or labels.
    public init(store: any Store, settings: Settings, log: Logger) {
        self.store = store
        self.settings = settings
        access = AccessControl(settings.tokens, hosts: settings.hosts)
        followers = JobFollowers(limit: settings.limits.followers)
        self.log = log
        watch = DispatchSource.makeTimerSource(queue: watchQueue)
        models = LiveModels(
            store: store,
            defaultName: settings.defaultModel,
            metrics: predictions,
            textRule: settings.limits.exampleRules.text,
            memory: settings.rememberedPredictions > 0
                ? PredictionMemory(capacity: settings.rememberedPredictions) : nil,
            log: log
        )
        background = BackgroundWork(
            name: "background",
            isSerial: false,
            timeLimit: .seconds(30),
            limit: Limits.waitingRequests,
            byteLimit: max(64 << 20, settings.limits.trainBodyBytes)
        )
        explanations = BackgroundWork(
            name: "explanations",
            isSerial: true,
            timeLimit: .seconds(10),
            limit: Limits.waitingExplanations,
            byteLimit: Limits.waitingExplanations * settings.limits.classifyBodyBytes
        )
        evaluations = BackgroundWork(
            name: "evaluations",
            isSerial: true,
            timeLimit: .seconds(60),
            limit: Limits.waitingEvaluations,
            byteLimit: max(64 << 20, settings.limits.trainBodyBytes)
        )
        exports = BackgroundWork(
            name: "exports",
            isSerial: false,
            timeLimit: .seconds(30),
            limit: Limits.exports,
            byteLimit: 0
        )
        supervisor = settings.trainerPath.map { path in
            var trainer = TrainerSupervisor.Settings(
                path: path,
                store: settings.trainerStore
            )
            trainer.niceness = settings.trainerNiceness
            trainer.threads = settings.trainerThreads
            trainer.keptVersions = settings.keptVersions
            return TrainerSupervisor(settings: trainer, queue: TrainerQueue(store), log: log)
        }
    }

    deinit {
        // Dispatch stops the program if a source goes that was never active.
        watch.activate()
        watch.cancel()
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
        let interval = Int(settings.pollInterval / .milliseconds(1))
        watch.schedule(deadline: .now(), repeating: .milliseconds(interval))
        watch.setEventHandler { [weak self] in self?.followStore() }
        watchQueue.async { [weak self] in self?.loadModels(of: directory) }
    }

    /// Loads files first: one that replaces a stored version saves that from being loaded.
    private func loadModels(of directory: ModelDirectory) {
        while !isStopping.load(ordering: .relaxed) && models.importNext(of: directory) {}
        guard !isStopping.load(ordering: .relaxed) else { return models.abandonWaiters() }
        followStore()
        models.finishStart()
        log.notice(
            "models_loaded",
            metadata: ["models": "\(servedModels.joined(separator: " "))"]
        )
        if let name = settings.defaultModel, models.snapshot.models[name] == nil {
            log.warning("default_model_missing", metadata: ["model": "\(name)"])
        }
        isLoaded.signal()
        watch.activate()
        supervisor?.wake()
    }

    /// Waits until everything that was there at the start is loaded or refused.
    package func waitUntilLoaded() {
        isLoaded.wait()
        isLoaded.signal()
    }

    /// Takes other tokens from now on; those that are gone open nothing any more.
    ///
    /// - Precondition: the service began with tokens.
    public func replaceTokens(with tokens: TokenTable) { access.replace(with: tokens) }

    /// Says "not ready" from now on and takes no more jobs; everything else is still answered.
    public func startDraining() { isDraining.store(true, ordering: .relaxed) }

    /// Stops the trainer and following the store; requests can still be answered.
    ///
    /// - Parameter grace: how long the trainer may take to give its job back.
    public func stop(grace: Duration = .seconds(5)) {
        isStopping.store(true, ordering: .relaxed)
        watch.cancel()
        watchQueue.sync {}
        supervisor?.stop(grace: grace)
        answerWaiters(everyone: true)
        followers.end()
    }

    /// A service with the probes and metrics alone, for a private listener.
    public var probes: ProbeService { ProbeService(service: self) }

    /// Clients that follow a job by `GET /train/{id}/events`.
    package var followerCount: Int { followers.count }

    /// The names of the models that serve.
    public var servedModels: [String] { models.snapshot.models.keys.sorted() }
}
