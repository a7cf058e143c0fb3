internal import CMicroHTTPD
internal import Machine
public import Memory

extension HTTPServer {
    /// Where a server listens, and within which limits.
    public struct Configuration: Sendable {
        /// The address, or a name that stands for one.
        public var host = "127.0.0.1"
        /// The port; 0 lets the system choose.
        public var port: UInt16 = 0
        /// Threads that serve; at least one.
        ///
        /// Each connection is one thread's; a new one goes to that with the fewest.
        public var threads = max(2, Processors.initialCount)
        /// Connections that may be open.
        ///
        /// When there are more, the oldest that have not sent a complete request head are ended. If
        /// there is none, the request of a new one is refused.
        public var connectionLimit = 4096
        /// Connections that one address may have, likewise; 0 for no limit.
        public var perAddressConnectionLimit = 0
        /// Silence after which a connection is closed; counted in whole seconds.
        public var idleTimeout = Duration.seconds(15)
        /// The longest time from a connection's start to its first complete head.
        ///
        /// Later heads have `idleTimeout` more, from the end of the answer before.
        public var headerDeadline = Duration.seconds(10)
        /// The longest time from a head to the end of its body.
        public var bodyDeadline = Duration.seconds(30)
        /// The longest time from an answer to its last byte.
        public var responseDeadline = Duration.seconds(30)
        /// The longest time from a refusal to the end of what the client still sends.
        ///
        /// It is read and dropped, so that the refusal is not lost: 256 MiB at most, and no longer
        /// than five seconds after the client fell silent.
        public var lingerDeadline = Duration.seconds(30)
        /// Memory for a connection's head and piece of body, in bytes; larger heads get a 431.
        public var connectionMemoryBytes = 16 * 1024
        /// Connections that may wait to be accepted.
        public var backlog = 4096
        /// Whether a connection stays open after a chunked request.
        ///
        /// libmicrohttpd reads chunk lines leniently, so this is safe only where no proxy stands in
        /// front.
        public var keepsChunkedConnections = false
        /// The certificate and key to speak TLS 1.2 and 1.3 with; nil to speak in the clear.
        public var tls: TLSIdentity?

        /// What bodies that are not small take memory from.
        public var memory = MemoryBudget()

        /// The defaults: a free port on 127.0.0.1.
        public init() {}

        /// The defaults on that host and port.
        ///
        /// - Parameters:
        ///   - host: the address, or a name that stands for one.
        ///   - port: the port; 0 lets the system choose.
        public init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }

        /// A sentence on the first setting that cannot work.
        var problem: String? {
            let deadlines = [
                idleTimeout, headerDeadline, bodyDeadline, responseDeadline, lingerDeadline,
            ]
            if !(1...1024).contains(threads) {
                return "the number of server threads must be between 1 and 1024, not \(threads)"
            }
            if !(threads...1_000_000).contains(connectionLimit) {
                return "the connection limit must be between \(threads), one per thread, "
                    + "and 1000000, not \(connectionLimit)"
            }
            if !(0...1_000_000).contains(perAddressConnectionLimit) {
                return "the connection limit per address must be between 0 (none) and 1000000, "
                    + "not \(perAddressConnectionLimit)"
            }
            if !(2048...1 << 30).contains(connectionMemoryBytes) {
                return "the memory of a connection must be between 2048 bytes and 1 GiB, "
                    + "not \(connectionMemoryBytes)"
            }
            if !(1...65535).contains(backlog) {
                return "the backlog must be between 1 and 65535, not \(backlog)"
            }
            if deadlines.contains(where: { $0 <= .zero || $0 > .seconds(86_400) }) {
                return "timeouts and deadlines must be longer than 0 and at most a day"
            }
            return nil
        }

        func withTransportForm<Result>(
            _ use: (UnsafePointer<mhd_configuration>) -> Result
        ) -> Result {
            host.withCString { host in
                var transport = mhd_configuration(
                    host: host,
                    port: port,
                    threads: UInt32(threads),
                    connection_limit: UInt32(connectionLimit),
                    per_address_limit: UInt32(perAddressConnectionLimit),
                    idle_timeout_s: UInt32((idleTimeout.milliseconds + 999) / 1000),
                    header_deadline_ms: headerDeadline.milliseconds,
                    body_deadline_ms: bodyDeadline.milliseconds,
                    response_deadline_ms: responseDeadline.milliseconds,
                    linger_deadline_ms: lingerDeadline.milliseconds,
                    connection_memory_bytes: connectionMemoryBytes,
                    backlog: UInt32(backlog),
                    keeps_chunked_connections: keepsChunkedConnections,
                    tls: tls?.tls
                )
                return use(&transport)
            }
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, at least 1, at most some 31 years.
    var milliseconds: UInt64 {
        let (seconds, attoseconds) = components
        if seconds < 0 || attoseconds < 0 { return 1 }
        let whole = UInt64(min(seconds, 1_000_000_000)) * 1000
        return max(1, whole + UInt64(attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
