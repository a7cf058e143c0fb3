internal import CMicroHTTPD
internal import Glibc

/// Why a server could not start.
///
/// Each description says what to do.
public enum HTTPServerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another process listens there.
    case portInUse(host: String, port: UInt16)
    /// The host is not an address of this machine.
    case addressNotAvailable(host: String)
    /// The host is neither an address nor a known name.
    case unknownHost(String)
    /// The port is reserved.
    case notPermitted(port: UInt16)
    /// The process may not open enough files for any connections.
    case tooFewDescriptors(needed: Int)
    /// A setting that cannot work.
    case invalidConfiguration(String)
    /// The system said no in another way.
    case cannotListen(host: String, port: UInt16, reason: String)
    /// libmicrohttpd did not start; its reason is in the log.
    case cannotStart

    /// One sentence.
    public var description: String {
        switch self {
        case .portInUse(let host, let port):
            "port \(port) on \(host) is in use: stop the process that listens there "
                + "or choose another port"
        case .addressNotAvailable(let host):
            "\(host) is not an address of this machine: use 127.0.0.1, 0.0.0.0 or one of its own"
        case .unknownHost(let host):
            "'\(host)' is neither an address nor a known host name: use an address such as "
                + "127.0.0.1"
        case .notPermitted(let port):
            "port \(port) needs privileges that this process lacks: choose a port from 1024 up"
        case .tooFewDescriptors(let needed):
            "this process may open too few files to serve: raise the limit (ulimit -n), to "
                + "\(needed) at least"
        case .invalidConfiguration(let what):
            what
        case .cannotListen(let host, let port, let reason):
            "cannot listen on \(host) port \(port): \(reason)"
        case .cannotStart:
            "libmicrohttpd did not start: its reason is in the log"
        }
    }

    init(_ report: mhd_start_report, _ configuration: HTTPServer.Configuration) {
        let (host, port) = (configuration.host, configuration.port)
        switch (report.failure, report.error_number) {
        case (.bad_host, _): self = .unknownHost(host)
        case (.descriptors, _):
            self = .tooFewDescriptors(needed: Int(clamping: report.needed_descriptors))
        case (.listen, EADDRINUSE): self = .portInUse(host: host, port: port)
        case (.listen, EADDRNOTAVAIL): self = .addressNotAvailable(host: host)
        case (.listen, EACCES): self = .notPermitted(port: port)
        case (.listen, let number):
            self = .cannotListen(host: host, port: port, reason: String(cString: strerror(number)))
        default: self = .cannotStart
        }
    }
}
