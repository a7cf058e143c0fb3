import Foundation
import HTTPServer
import HTTPTestClient

/// Answers with what it got: `METHOD target body=count<content>`.
///
/// `/spool` sends back what came, through a file.
///
/// `/later/…` waits for `nextDeferred`; `/refused` is not admitted; `/large` answers 4 MiB;
/// `/slow` keeps its thread for a moment.
final class EchoService: HTTPService {
    let bodyLimit: Int
    let deadline: Duration
    private let calls = Guarded<[String]>([])
    private let connections = Guarded<[HTTPTurnedAway]>([])
    private let responders = Guarded<[HTTPResponder]>([])

    init(bodyLimit: Int = 64 * 1024, deadline: Duration = .seconds(20)) {
        self.bodyLimit = bodyLimit
        self.deadline = deadline
    }

    /// What `respond` was called with, in order.
    var targets: [String] { calls.withLock { $0 } }

    /// What `turnedAway` was called with, in order.
    var turnedAway: [HTTPTurnedAway] { connections.withLock { $0 } }

    /// How many requests for `/later/…` wait for an answer.
    var deferredCount: Int { responders.withLock { $0.count } }

    /// Takes the oldest deferred request.
    func nextDeferred() -> HTTPResponder? {
        responders.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    func admit(_ head: borrowing HTTPRequest) -> HTTPAdmission {
        if head.rawPath == "/spool",
            let spool = HTTPSpool(in: NSTemporaryDirectory(), needed: 1, keeping: true)
        {
            return .spool(maximumBodyBytes: bodyLimit, into: spool)
        }
        return head.rawPath == "/refused"
            ? .refuse(HTTPResponse(status: 401, body: Array("who are you?".utf8)))
            : .accept(maximumBodyBytes: bodyLimit)
    }

    func respond(to request: borrowing HTTPRequest) -> HTTPReply {
        let target = request.target
        calls.withLock { $0.append(target) }
        if target.hasPrefix("/later/") {
            return .later(within: deadline) { responder in
                self.responders.withLock { $0.append(responder) }
            }
        }
        if let spool = request.spool {
            return .now(HTTPResponse(status: 200, source: SpoolEcho(spool)))
        }
        if target == "/slow" { Thread.sleep(forTimeInterval: 0.3) }
        if target == "/large" {
            return .now(HTTPResponse(status: 200, body: Array(repeating: 0x2e, count: 4 << 20)))
        }
        return .now(Self.echo(request))
    }

    func refusal(_ refusal: HTTPRefusal, of _: borrowing HTTPRequest) -> HTTPResponse {
        HTTPResponse(
            status: refusal.status,
            contentType: "application/problem+json",
            body: Array(#"{"code":"\#(refusal.code)"}"#.utf8)
        )
    }

    func turnedAway(_ how: HTTPTurnedAway) { connections.withLock { $0.append(how) } }

    static func echo(_ request: borrowing HTTPRequest) -> HTTPResponse {
        let content = String(decoding: request.body, as: UTF8.self)
        let text =
            "\(request.method.rawValue) \(request.target) body=\(request.body.count)<\(content)>"
        return HTTPResponse(
            status: 200,
            contentType: "text/plain",
            headers: [("X-Echo", "1")],
            body: Array(text.utf8)
        )
    }
}

/// A server for one test, on a free port.
func startServer(
    _ service: EchoService,
    _ change: (inout HTTPServer.Configuration) -> Void = { _ in }
) throws(HTTPServerError) -> HTTPServer {
    var configuration = HTTPServer.Configuration()
    change(&configuration)
    return try HTTPServer(configuration, service: service) { _ in }
}

/// What clients and server speak HTTP over.
enum Transport: CaseIterable {
    case plain
    case tls
}

/// Made once: making keys takes a while.
let sharedCertificate = TestCertificate()

extension TLSIdentity {
    convenience init(_ pair: TestCertificate) throws(TLSIdentityError) {
        try self.init(certificate: pair.certificate, key: pair.key)
    }
}

/// An echo service and its server.
///
/// As a class it can be captured by the closures of `#expect`.
final class EchoServer: Sendable {
    let service: EchoService
    let http: HTTPServer
    /// Where clients connect that speak in the clear.
    let port: UInt16
    private let tunnel: TLSTunnel?

    init(
        _ service: EchoService = EchoService(),
        over transport: Transport = .plain,
        _ change: (inout HTTPServer.Configuration) -> Void = { _ in }
    ) throws {
        self.service = service
        let identity = try transport == .tls ? TLSIdentity(sharedCertificate) : nil
        http = try startServer(service) {
            $0.tls = identity
            change(&$0)
        }
        tunnel = try transport == .tls ? TLSTunnel(to: http.port) : nil
        port = tunnel?.port ?? http.port
    }

    /// Whether nothing of any connection is left.
    func isDeserted() throws -> Bool {
        try http.connectionCount == 0 && http.inFlight == 0
            && openServerSockets(port: http.port) == 0
    }
}

/// Sends back what is in a spool.
private final class SpoolEcho: HTTPBodySource {
    private let spool: HTTPSpool
    private let offset = Guarded(0)

    init(_ spool: HTTPSpool) { self.spool = spool }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        offset.withLock { offset in
            let count = spool.read(into: buffer, at: offset)
            offset += count ?? 0
            return count
        }
    }
}
