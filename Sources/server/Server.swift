internal import ClassificationService
internal import Dispatch
internal import Glibc
internal import HTTPServer
internal import Logging
internal import Memory
internal import Model
internal import Store
internal import Stores
internal import Tracing

/// Wires the rooms, serves until a signal comes, and drains.
enum Server {
    static func run(
        _ options: ServerCommand,
        log: Logger,
        queue: LogQueue
    ) throws(StartError) {
        let signals = Signals()
        let place = options.place
        place.shared.tellTrainers()
        let location = StoreLocation(
            address: place.shared.store,
            listenAddress: place.shared.storeListen,
            directory: place.state,
            keptVersions: options.training.keepVersions,
            maximumModels: options.limits.maxModels
        )
        var settings = try settings(options, location, queue)
        settings.tracer = try tracer(log)
        // The last spans are those of the end.
        defer { settings.tracer?.flush(within: .seconds(1)) }
        closeToOthers(location, log)
        // Of a store elsewhere the directory has only the bodies that are being answered.
        if location.isShared { mkdir(place.state, 0o700) }
        let identity = try place.secure.files.map { (files) throws(StartError) in
            try refusing(78) { try files.read() }
        }
        let store = try refusing(78) { try location.openForServer() }
        let service = ClassificationService(store: store, settings: settings, log: log)
        // The listener opens at once; who asks for a model that is not loaded yet waits for it.
        try refusing(78) { try service.start(models: place.models) }
        defer { service.stop() }
        var reloads = FileReloads()
        defer { withExtendedLifetime(reloads) {} }
        if let path = place.tokens { reloads.watchTokens(path, for: service, at: signals, log) }
        if let files = place.secure.files, let identity {
            reloads.watch(files, of: identity, at: signals, log)
        }
        let (memory, lines) = (settings.memory, ThrottledLog(log))
        let main = try listen(options, port: place.port, service, memory, identity, lines)
        var admin: HTTPServer?
        if case .port(let port) = place.adminPort {
            admin = try listen(options, port: port, service.probes, memory, nil, lines)
        }
        announce(options, main, adminPort: admin?.port, settings.tokens, log)
        let first = signals.wait()
        log.notice("draining", metadata: ["signal": "\(first.name)"])
        service.startDraining()
        if first == .terminate {
            _ = signals.wait(atMost: .milliseconds(Int(options.operation.drainDelay * 1000)))
        }
        main.stopAccepting()
        service.stop()
        waitUntilIdle(main)
        main.stop()
        admin = nil
        do { try store.settle() } catch {
            log.warning("store_not_settled", metadata: ["reason": "\(error)"])
        }
        log.notice("stopped")
    }

    private static func settings(
        _ options: ServerCommand,
        _ location: StoreLocation,
        _ queue: LogQueue
    ) throws(StartError) -> ServiceSettings {
        var settings = ServiceSettings()
        settings.tokens = try readTokens(options.place)
        settings.hosts = AllowedHosts(
            listeningOn: [options.place.host] + ListeningAddress.all(of: options.place.host),
            names: options.place.allowedHosts.flatMap(\.names)
        )
        settings.limits = options.limits.limits(queuedJobs: options.training.queueLimit)
        if let memory = options.limits.memory {
            settings.memory = MemoryBudget(limit: memory.bytes)
        }
        settings.limits.sessions = options.sessions.sessions
        settings.limits.sessionIdleSeconds = options.sessions.sessionIdle
        settings.limits.queuedJobsOfToken = options.training.queueLimitPerToken
        settings.spoolDirectory = options.place.state
        settings.defaultModel = options.place.defaultModel
        settings.trainerPath = try trainerPath(options.training.trainer)
        settings.trainerStore = location.arguments
        settings.sharesStore = location.isShared
        settings.isEncrypted = options.place.secure.files != nil
        settings.trainers = options.training.trainers
        settings.trainerNiceness = options.training.trainerNice
        settings.labelStudioTrainAfter = options.training.jobs.labelStudioTrainAfter
        settings.webhook = try refusing(78) { try options.training.jobs.receiver() }
        if let threads = options.training.trainerThreads {
            settings.trainerThreads = JobThreads(of: threads)
        }
        settings.rememberedPredictions = options.limits.remember
        settings.remembersInStore = options.limits.rememberIn == .store
        settings.origins = options.place.reach.origins
        settings.pathPrefix = options.place.reach.prefix
        settings.speak(options.place.understood.dialects.names, vertex: vertexRoutes())
        settings.logsRequests = options.operation.accessLog
        settings.logQueue = queue
        return settings
    }

    private static func announce(
        _ options: ServerCommand,
        _ main: borrowing HTTPServer,
        adminPort: UInt16?,
        _ tokens: TokenTable?,
        _ log: Logger
    ) {
        if main.connectionLimit < options.limits.connections {
            log.warning(
                "connections_lowered",
                metadata: [
                    "asked": "\(options.limits.connections)",
                    "connections": "\(main.connectionLimit)",
                    "reason": "this process may open too few files (ulimit -n)",
                ]
            )
        }
        if tokens != nil && options.place.secure.files == nil
            && ListeningAddress.areLoopback(options.place.host) != true
        {
            log.warning(
                "tokens_in_the_clear",
                metadata: [
                    "reason": """
                    who can see the traffic to \(options.place.host) can read the tokens: give \
                    --tls-certificate and --tls-key, or put a proxy with TLS in front
                    """
                ]
            )
        }
        log.notice(
            "listening",
            metadata: [
                "host": "\(options.place.host)", "port": "\(main.port)",
                "tls": "\(options.place.secure.files != nil)",
                "connections": "\(main.connectionLimit)",
                "admin_port": "\(adminPort ?? 0)",
                "tokens": "\(tokens.map { String($0.count) } ?? "none")",
                "version": "\(programVersion)",
            ]
        )
    }

    /// Whoever may read the store reads the texts of other people.
    private static func closeToOthers(_ location: StoreLocation, _ log: Logger) {
        for loose in location.closeToOthers() {
            var metadata: Logger.Metadata = [
                "path": "\(loose.path)", "mode": "0\(String(loose.mode, radix: 8))",
                "mended": "\(loose.obstacle == nil)",
            ]
            if let obstacle = loose.obstacle { metadata["reason"] = "\(obstacle)" }
            log.warning("state_open_to_others", metadata: metadata)
        }
    }

    /// The tokens; nil where everything is open, as on loopback.
    private static func readTokens(_ place: PlaceOptions) throws(StartError) -> TokenTable? {
        if let path = place.tokens { return try refusing(78) { try TokenFile(path: path).read() } }
        if place.open || ListeningAddress.areLoopback(place.host) ?? true { return nil }
        throw StartError(
            exitStatus: 78,
            reason: "\(place.host) can be reached from elsewhere, and there are no tokens: name a "
                + "file with --tokens (server token makes one), or give --open if whoever can "
                + "reach the port may do everything (with --allowed-hosts for the names by which "
                + "it is reached)"
        )
    }

    private static func listen(
        _ options: ServerCommand,
        port: UInt16,
        _ service: some HTTPService,
        _ memory: MemoryBudget,
        _ identity: TLSIdentity?,
        _ transportLog: ThrottledLog
    ) throws(StartError) -> HTTPServer {
        var configuration = HTTPServer.Configuration(host: options.place.host, port: port)
        configuration.memory = memory
        if service is ProbeService {
            configuration.threads = 1
            configuration.connectionLimit = 32
        } else {
            configuration.connectionLimit = options.limits.connections
            configuration.perAddressConnectionLimit = options.limits.connectionsPerAddress
            let threads = options.operation.threads ?? configuration.threads
            configuration.threads = min(threads, options.limits.connections)
        }
        configuration.keepsChunkedConnections = options.operation.keepChunked
        configuration.tls = identity
        do throws(HTTPServerError) {
            return try HTTPServer(configuration, service: service) { line in
                transportLog.log("transport", metadata: ["line": "\(line)"])
            }
        } catch {
            let portOption = service is ProbeService ? "--admin-port" : "--port"
            throw StartError(exitStatus: 69, reason: error.reason(portOption: portOption))
        }
    }

    /// In-flight requests have their own deadlines; this ends before a supervisor's patience does.
    private static func waitUntilIdle(_ server: borrowing HTTPServer) {
        let end = ContinuousClock.now + .seconds(15)
        let pause = DispatchSemaphore(value: 0)
        while server.inFlight > 0 && ContinuousClock.now < end {
            _ = pause.wait(timeout: .now() + .milliseconds(5))
        }
    }
}

/// The service cannot start; the reason is a sentence that says what to do.
struct StartError: Error, CustomStringConvertible {
    /// As sysexits.h numbers them: 69 unavailable, 78 configuration.
    let exitStatus: Int32
    let reason: String

    var description: String { reason }
}

extension HTTPServerError {
    /// The sentence, with the option that it is about.
    fileprivate func reason(portOption: String) -> String {
        switch self {
        case .portInUse, .notPermitted: "\(description) with \(portOption)"
        case .addressNotAvailable, .unknownHost: "\(description) with --host"
        case .tooFewDescriptors, .invalidConfiguration, .cannotListen, .cannotStart: description
        }
    }
}

private func refusing<Result: ~Copyable>(
    _ exitStatus: Int32,
    _ action: () throws -> Result
) throws(StartError) -> Result {
    do { return try action() } catch {
        throw StartError(exitStatus: exitStatus, reason: "\(error)")
    }
}
