internal import Machine
public import Memory
public import Model
internal import Store
public import Tracing

/// What the operator of a service chooses.
public struct ServiceSettings: Sendable {
    /// The tokens that are good; nil lets everybody do everything.
    public var tokens: TokenTable?
    /// What requests may be for while there are no tokens.
    public var hosts = AllowedHosts()
    /// The pages of other origins that may read answers; nil for none.
    public var origins: AllowedOrigins?
    /// Where clients see this server, behind a proxy.
    public var pathPrefix = PathPrefix.none
    /// What clients may ask for at most.
    public var limits = Limits()
    /// What large bodies, answers, downloads and models take memory from; the server's bodies too.
    public var memory = MemoryBudget()
    /// Where bodies of lines are kept while they are answered.
    public var spoolDirectory = "/tmp"
    /// The model of a request that names none; nil for the oldest.
    public var defaultModel: String?
    /// The `trainer` program, or nil to leave jobs to trainers that are started elsewhere.
    public var trainerPath: String?
    /// The options by which a trainer finds the store.
    public var trainerStore: [String] = []
    /// Whether other servers may use the store at the same time.
    public var sharesStore = false
    /// How much the trainer yields to others, as `nice` counts.
    public var trainerNiceness = 10
    /// How many trainers run at once; a model has one running job at most.
    public var trainers = 1
    /// Threads of jobs that do not say how many, shared equally between the trainers; they never
    /// change the result.
    public var trainerThreads = JobThreads(besideServerOn: Processors.initialCount)
    /// How many predictions are remembered for feedback by their identifiers.
    public var rememberedPredictions = 0
    /// Whether they are remembered in the store, for every server that shares it.
    public var remembersInStore = false
    /// Who is told when a job ends; nil for nobody.
    public var webhook: Webhook?
    /// After how many new annotations of Label Studio a model is trained; 0 for never.
    public var labelStudioTrainAfter = 0
    /// How often the store is asked for changes.
    public var pollInterval = Duration.milliseconds(50)
    /// How often a store that is damaged is looked through again.
    public var inspectionInterval = Duration.seconds(60)
    /// Whether each request is logged.
    public var logsRequests = false
    /// Further ways to ask for classifications.
    var dialects: [any Dialect] = DialectName.dialects(DialectName.allCases)
    /// Takes what was done for each request; nil if nobody follows requests.
    public var tracer: Tracer?
    /// Whether the server itself speaks TLS.
    public var isEncrypted = false
    /// Where log lines wait to be written; metrics tell what it drops.
    public var logQueue: LogQueue?

    /// The defaults.
    public init() {}
}
