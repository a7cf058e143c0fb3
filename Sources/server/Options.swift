internal import ArgumentParser
internal import ClassificationService
internal import HTTPServer
internal import Logging
internal import Model
internal import Store
internal import TextForm

let programVersion = elmanVersion

/// How a log line looks.
enum LogFormat: String, CaseIterable, ExpressibleByArgument {
    case json
    case plain

    var lineFormat: LineLogHandler.Format { self == .json ? .json : .plain }
}

/// How severe an event must be to be logged.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case debug
    case info
    case notice
    case warning
    case error
    case critical

    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}

/// A port, or none.
enum AdminPort: ExpressibleByArgument, Equatable, CustomStringConvertible {
    case off
    case port(UInt16)

    var description: String {
        switch self {
        case .off: "off"
        case .port(let port): "\(port)"
        }
    }

    init?(argument: String) {
        if argument == "off" {
            self = .off
        } else {
            guard let port = UInt16(argument) else { return nil }
            self = .port(port)
        }
    }
}

struct PlaceOptions: ParsableArguments {
    @Option(help: "The address to listen on; 0.0.0.0 for every one. (ELMAN_HOST)")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 for any free one. (ELMAN_PORT)")
    var port: UInt16 = 8080

    @Option(
        help: """
            The port of the private listener for /livez, /readyz and /metrics, on the same \
            address; 0 for any free one, "off" for none. (ELMAN_ADMIN_PORT)
            """
    )
    var adminPort = AdminPort.port(8081)

    @OptionGroup var secure: TLSOptions

    @Option(
        help: """
            The file of tokens, which `server token` makes; read again when it changes, and at \
            SIGHUP. Without it everybody may do everything. (ELMAN_TOKENS)
            """
    )
    var tokens: String?

    @Flag(
        help: """
            Listen on other addresses than loopback without tokens: whoever can reach the port may \
            do everything. (ELMAN_OPEN)
            """
    )
    var open = false

    @Option(
        help: ArgumentHelp(
            """
            Further names that requests may be for (Host) without tokens, besides localhost and \
            the address that is listened on; separated by commas, or given several times. A \
            container that others reach as http://elman:8080 needs "elman" here. \
            (ELMAN_ALLOWED_HOSTS)
            """,
            valueName: "names"
        )
    )
    var allowedHosts: [HostList] = []

    @Option(
        help: """
            The directory of checkpoint files; new ones are imported at the start. (ELMAN_MODELS)
            """
    )
    var models = "models"

    @Option(help: "The directory for what must last; made if missing. (ELMAN_STATE)")
    var state = "state"

    @OptionGroup var shared: SharedStoreOptions

    @Option(
        help: """
            The model of requests that name none; by default the oldest. In a new store the file \
            default-model in the directory of --models names the oldest, else it is the first file \
            by name. (ELMAN_DEFAULT_MODEL)
            """
    )
    var defaultModel: String?

    @OptionGroup var understood: DialectOptions
    @OptionGroup var reach: ReachOptions

    func validate() throws {
        if open && tokens != nil {
            throw ValidationError("--open means without tokens; leave it out or --tokens.")
        }
    }
}

struct TrainingSettings: ParsableArguments {
    @Option(
        help: """
            The trainer program, or "off" to leave jobs to trainers that are started elsewhere. \
            (ELMAN_TRAINER, default: "trainer" beside this program)
            """
    )
    var trainer: String?

    @Option(
        help: """
            How many jobs are trained at once, each by a process of its own; a model has one \
            running job at most, and models take turns. (ELMAN_TRAINERS)
            """
    )
    var trainers = ServiceSettings().trainers

    @Option(help: "How much the trainer yields to others, 0 to 19. (ELMAN_TRAINER_NICE)")
    var trainerNice = 10

    @Option(
        help: """
            Threads of jobs that do not say how many, shared equally between the trainers; \
            without it one less than there are processors for this process, from 1 to 8, and all \
            of them for jobs of fewer than 2,000 rows. They never change the result. \
            (ELMAN_TRAINER_THREADS)
            """
    )
    var trainerThreads: Int?

    @Option(
        help: """
            How many of a model's newest versions stay. The live one, the one before it, the \
            anchor of decisions and pinned ones stay too. (ELMAN_KEEP_VERSIONS)
            """
    )
    var keepVersions = Retention.versions

    @Option(help: "Jobs that may wait; further ones are answered 429. (ELMAN_QUEUE_LIMIT)")
    var queueLimit = Limits().queuedJobs

    @Option(
        help: """
            Jobs of one token that may wait; further ones are answered 429. \
            (ELMAN_QUEUE_LIMIT_PER_TOKEN)
            """
    )
    var queueLimitPerToken = Limits().queuedJobsOfToken

    @OptionGroup var jobs: JobOptions

    func validate() throws {
        try requireRange("--trainers", trainers, 1...32)
        try requireRange("--trainer-nice", trainerNice, 0...19)
        if let trainerThreads {
            try requireRange("--trainer-threads", trainerThreads, TrainingOptions.allowedThreads)
        }
        try requireRange("--keep-versions", keepVersions, 1...10_000)
        try requireRange("--queue-limit", queueLimit, 1...100_000)
        try requireRange("--queue-limit-per-token", queueLimitPerToken, 1...100_000)
    }
}

struct LimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Memory for large bodies, answers, downloads and models together, such as 512M; what \
            finds none is answered 503. Without it a quarter of what the machine or the control \
            group has, 128M at least. (ELMAN_MEMORY)
            """,
            valueName: "bytes"
        )
    )
    var memory: ByteCount?

    @Option(help: "Bytes of a body of POST /classify. (ELMAN_CLASSIFY_BODY_BYTES)")
    var classifyBodyBytes = Limits().classifyBodyBytes

    @Option(
        help: """
            Bytes of an application/x-ndjson body of POST /classify, kept in the directory of \
            --state while it is answered. (ELMAN_STREAM_BODY_BYTES)
            """
    )
    var streamBodyBytes = Limits().streamBodyBytes

    @Option(help: "Texts of one POST /classify. (ELMAN_MAX_TEXTS)")
    var maxTexts = Limits().texts

    @Option(
        help: "Texts of one POST /classify that asks for explanations. (ELMAN_MAX_EXPLAINED)"
    )
    var maxExplained = Limits().explainedTexts

    @Option(help: "Bytes that are read of one text. (ELMAN_TEXT_BYTES)")
    var textBytes = Limits().textBytes

    @Option(help: "Bytes of a body of POST /train. (ELMAN_TRAIN_BODY_BYTES)")
    var trainBodyBytes = Limits().trainBodyBytes

    @Option(help: "Examples of one POST /train. (ELMAN_MAX_EXAMPLES)")
    var maxExamples = Limits().examples

    @Option(
        help: """
            Predictions to remember with their texts, so that POST /feedback can name one and GET \
            /predictions lists the least sure; 0 for none. (ELMAN_REMEMBER)
            """
    )
    var remember = ServiceSettings().rememberedPredictions

    @Option(
        help: """
            Where they are remembered: in the memory of this server, or in the store, where every \
            server that shares it finds them. A server that is started without "store" deletes \
            what the store remembers. (ELMAN_REMEMBER_IN)
            """
    )
    var rememberIn = MemoryPlace.memory

    @Option(help: "Examples in the data set of one model. (ELMAN_MAX_STORED_EXAMPLES)")
    var maxStoredExamples = Limits().storedExamples

    @Option(
        help: """
            Models that clients may make, those of --models counted too; a further one is answered \
            409. (ELMAN_MAX_MODELS)
            """
    )
    var maxModels = Limits().models

    @Option(help: "Different labels of one POST /train. (ELMAN_MAX_LABELS)")
    var maxLabels = Limits().labels

    @Option(help: "Characters (code points) of one label. (ELMAN_LABEL_LENGTH)")
    var labelLength = Limits().labelLength

    @Option(
        help: "Clients that may follow jobs by GET /train/{id}/events. (ELMAN_MAX_FOLLOWERS)"
    )
    var maxFollowers = Limits().followers

    @Option(help: "The longest wait of \"Prefer: wait=N\", in seconds. (ELMAN_MAX_WAIT)")
    var maxWait = Limits().waitSeconds

    @Option(
        help: """
            Open connections; fewer where "ulimit -n" allows fewer. Beyond that the oldest without \
            a complete request head end, and a request without a place is answered 503. \
            (ELMAN_CONNECTIONS)
            """
    )
    var connections = HTTPServer.Configuration().connectionLimit

    @Option(
        help: """
            Open connections of one address, likewise; 0 for no limit. A proxy is one address. \
            (ELMAN_CONNECTIONS_PER_ADDRESS)
            """
    )
    var connectionsPerAddress = HTTPServer.Configuration().perAddressConnectionLimit

    func validate() throws {
        let mebi = 1 << 20
        if let memory { try requireRange("--memory", memory.bytes, 16 * mebi...1 << 50) }
        try requireRange("--classify-body-bytes", classifyBodyBytes, 64...256 * mebi)
        try requireRange("--stream-body-bytes", streamBodyBytes, 64...1 << 40)
        try requireRange("--max-texts", maxTexts, 1...100_000)
        try requireRange("--max-explained", maxExplained, 1...100_000)
        try requireRange("--text-bytes", textBytes, 1...16 * mebi)
        try requireRange("--train-body-bytes", trainBodyBytes, 256...256 * mebi)
        try requireRange("--max-examples", maxExamples, 2...10_000_000)
        try requireRange("--remember", remember, 0...1_000_000)
        if rememberIn == .store && remember == 0 {
            throw ValidationError("--remember-in store needs --remember: how many to remember.")
        }
        try requireRange("--max-stored-examples", maxStoredExamples, 2...10_000_000)
        try requireRange("--max-models", maxModels, 1...1_000_000)
        try requireRange("--max-labels", maxLabels, 2...Architecture.maximumLabels)
        try requireRange("--label-length", labelLength, 1...LabelRule.greatestLength)
        try requireRange("--max-followers", maxFollowers, 1...100_000)
        try requireRange("--max-wait", maxWait, 0...3600)
        try requireRange("--connections", connections, 1...1_000_000)
        try requireRange("--connections-per-address", connectionsPerAddress, 0...1_000_000)
    }

    func limits(queuedJobs: Int) -> Limits {
        var limits = Limits()
        limits.classifyBodyBytes = classifyBodyBytes
        limits.streamBodyBytes = streamBodyBytes
        limits.texts = maxTexts
        limits.explainedTexts = maxExplained
        limits.textBytes = textBytes
        limits.trainBodyBytes = trainBodyBytes
        limits.examples = maxExamples
        limits.storedExamples = maxStoredExamples
        limits.models = maxModels
        limits.labels = maxLabels
        limits.labelLength = labelLength
        limits.followers = maxFollowers
        limits.waitSeconds = maxWait
        limits.connections = connections
        limits.queuedJobs = queuedJobs
        return limits
    }
}

struct OperationOptions: ParsableArguments {
    @Option(
        help: """
            Seconds from SIGTERM to refusing connections, for load balancers to notice. \
            (ELMAN_DRAIN_DELAY)
            """
    )
    var drainDelay = 3.0

    @Option(
        help: """
            Threads that serve; without it one for each processor that the affinity and the \
            control groups (cpu.max) of this process allow, 2 at least. (ELMAN_THREADS)
            """
    )
    var threads: Int?

    @Flag(
        help: """
            Keep a connection open after a chunked request; only where no proxy stands in front. \
            (ELMAN_KEEP_CHUNKED)
            """
    )
    var keepChunked = false

    @Option(
        help: """
            How a log line looks; without it plain on a terminal and json elsewhere. \
            (ELMAN_LOG_FORMAT)
            """
    )
    var logFormat: LogFormat?

    @Option(
        help: """
            The least severe events to log. (ELMAN_LOG_LEVEL)
            """
    )
    var logLevel = LogLevel.info

    @Flag(
        help: """
            Log each request: method, route, status, duration, sizes, token, model, client, \
            request id. (ELMAN_ACCESS_LOG)
            """
    )
    var accessLog = false

    func validate() throws {
        guard (0...3600).contains(drainDelay) else {
            throw ValidationError("--drain-delay must be from 0 to 3600 seconds.")
        }
        if let threads { try requireRange("--threads", threads, 1...256) }
    }
}

func requireRange(_ option: String, _ value: Int, _ range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
        throw ValidationError(
            "\(option) must be from \(range.lowerBound) to \(range.upperBound), not \(value)."
        )
    }
}
