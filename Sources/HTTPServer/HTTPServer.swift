internal import CMicroHTTPD
internal import Memory

/// A listening server with one owner; it stops when that owner lets it go.
///
/// `@unchecked Sendable`: the pointer never changes, and every function called with it may be
/// called from any thread; only `deinit` ends its life.
public struct HTTPServer: ~Copyable, @unchecked Sendable {
    private let server: OpaquePointer
    private let context: Unmanaged<ServiceContext>

    /// Starts to serve.
    ///
    /// Where the process may open too few files for that many connections, fewer are let in.
    ///
    /// - Parameters:
    ///   - configuration: where, and within which limits.
    ///   - service: what answers.
    ///   - log: gets each line that libmicrohttpd logs.
    /// - Throws: `HTTPServerError` if it cannot listen.
    public init(
        _ configuration: Configuration,
        service: any HTTPService,
        log: @escaping @Sendable (String) -> Void
    ) throws(HTTPServerError) {
        if let problem = configuration.problem { throw .invalidConfiguration(problem) }
        let context = Unmanaged.passRetained(
            ServiceContext(service: service, memory: configuration.memory, log: log)
        )
        var callbacks = mhd_callbacks(
            admit: admitRequest,
            respond: respondToRequest,
            refuse: refuseRequest,
            take_memory: takeMemory,
            return_memory: returnMemory,
            turn_away: turnAway,
            log: logLine
        )
        var report = mhd_start_report()
        let opaqueContext = context.toOpaque()
        let server = configuration.withTransportForm { transport in
            mhd_server_start(transport, &callbacks, opaqueContext, &report)
        }
        guard let server else {
            context.release()
            throw HTTPServerError(report, configuration)
        }
        self.server = server
        self.context = context
    }

    deinit {
        // Joins every thread that may call back.
        mhd_server_stop(server)
        context.release()
    }

    /// The port that the server listens on.
    public var port: UInt16 { mhd_server_port(server) }

    /// The connections that may be open: as configured, or less where the process may not open that
    /// many files.
    public var connectionLimit: Int { Int(mhd_server_connection_limit(server)) }

    /// Refuses new connections from now on.
    ///
    /// Open ones are served; each closes with its next answer.
    public func stopAccepting() { mhd_server_stop_accepting(server) }

    /// The number of requests whose head has arrived and whose answer has not left completely.
    public var inFlight: Int { mhd_server_in_flight(server) }

    /// The number of open connections, idle ones too.
    public var connectionCount: Int { mhd_server_connection_count(server) }

    /// Stops: answers deferred requests with 503, closes every connection, joins every thread.
    public consuming func stop() {}
}

/// What the transport's callbacks need.
private final class ServiceContext: Sendable {
    let service: any HTTPService
    let memory: MemoryBudget
    let log: @Sendable (String) -> Void

    init(
        service: any HTTPService,
        memory: MemoryBudget,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.service = service
        self.memory = memory
        self.log = log
    }
}

private func withContext<Result>(
    _ pointer: UnsafeMutableRawPointer,
    _ use: (ServiceContext) -> Result
) -> Result {
    Unmanaged<ServiceContext>.fromOpaque(pointer)._withUnsafeGuaranteedRef(use)
}

private func admitRequest(context: UnsafeMutableRawPointer, request: OpaquePointer) -> Int64 {
    withContext(context) { context in
        switch context.service.admit(HTTPRequest(borrowing: request)) {
        case .accept(let maximumBodyBytes):
            return Int64(max(0, maximumBodyBytes))
        case .spool(let maximumBodyBytes, let spool):
            let owner = Unmanaged.passRetained(spool).toOpaque()
            mhd_request_spool(request, spool.descriptor, owner) { owner in
                if let owner { Unmanaged<HTTPSpool>.fromOpaque(owner).release() }
            }
            return Int64(max(0, maximumBodyBytes))
        case .refuse(let response):
            response.answer(request)
            return -1
        }
    }
}

private func respondToRequest(context pointer: UnsafeMutableRawPointer, request: OpaquePointer) {
    withContext(pointer) { context in
        switch context.service.respond(to: HTTPRequest(borrowing: request)) {
        case .now(let response):
            response.answer(request)
        case .later(let limit, let start):
            guard mhd_request_defer(request, limit.milliseconds) else {
                refuseRequest(context: pointer, request: request, reason: .stopping)
                return
            }
            start(HTTPResponder(adopting: request))
        }
    }
}

private func refuseRequest(
    context: UnsafeMutableRawPointer,
    request: OpaquePointer,
    reason: mhd_refusal
) {
    withContext(context) { context in
        let head = HTTPRequest(borrowing: request)
        _ = context.service.refusal(HTTPRefusal(reason), of: head).answer(request)
    }
}

private func takeMemory(context: UnsafeMutableRawPointer, bytes: Int) -> Bool {
    withContext(context) { $0.memory.takeBytes(bytes, for: .body) }
}

private func returnMemory(context: UnsafeMutableRawPointer, bytes: Int) {
    withContext(context) { $0.memory.giveBack(bytes, for: .body) }
}

private func turnAway(context: UnsafeMutableRawPointer, how: mhd_turned_away) {
    withContext(context) { context in
        switch how {
        case .without_head: context.service.turnedAway(.withoutHead)
        case .connections_full: context.service.turnedAway(.connectionsFull)
        case .address_full: context.service.turnedAway(.addressFull)
        @unknown default: break
        }
    }
}

private func logLine(context: UnsafeMutableRawPointer, line: UnsafePointer<CChar>) {
    withContext(context) { $0.log(String(cString: line)) }
}
