package import Foundation
internal import HTTPServer
internal import Synchronization

/// A small collector of OpenTelemetry: takes spans over HTTP or TLS, and can fail on purpose.
package final class TestCollector: Sendable {
    /// One span that arrived.
    package struct Span {
        package let trace: String
        package let id: String
        package let parent: String?
        package let name: String
        package let kind: Int
        package let start: Int
        package let end: Int
        package let state: String?
        package let isError: Bool
        package let attributes: [String: String]
        package let resource: [String: String]
    }

    private let service: CollectorService
    private let server: CollectorServer

    /// Starts to listen on a free port of 127.0.0.1.
    ///
    /// - Parameters:
    ///   - identity: certificate and key, as PEM; nil for HTTP in the clear.
    ///   - statuses: what is answered, in turn; 200 afterwards.
    /// - Throws: what keeps it from listening.
    package init(
        identity: (certificate: [UInt8], key: [UInt8])? = nil,
        statuses: [Int] = []
    ) throws {
        service = CollectorService(statuses)
        var configuration = HTTPServer.Configuration(host: "127.0.0.1", port: 0)
        configuration.threads = 1
        configuration.tls = try identity.map {
            try TLSIdentity(certificate: $0.certificate, key: $0.key)
        }
        server = CollectorServer(try HTTPServer(configuration, service: service) { _ in })
    }

    package var port: UInt16 { server.server.port }

    /// The requests that arrived: path, fields and spans of each.
    package var requests: [(path: String, key: String?, type: String?, body: Data)] {
        service.requests.withLock { $0 }
    }

    /// All spans that arrived, in their order.
    package var spans: [Span] {
        requests.flatMap { request in
            let object = try? JSONSerialization.jsonObject(with: request.body) as? [String: Any]
            return Self.objects(object ?? [:], "resourceSpans").flatMap { part in
                let resource = Self.attributes(part["resource"] as? [String: Any] ?? [:])
                return Self.objects(part, "scopeSpans").flatMap { scope in
                    Self.objects(scope, "spans").map { Self.span($0, resource) }
                }
            }
        }
    }

    private static func span(_ object: [String: Any], _ resource: [String: String]) -> Span {
        Span(
            trace: object["traceId"] as? String ?? "",
            id: object["spanId"] as? String ?? "",
            parent: object["parentSpanId"] as? String,
            name: object["name"] as? String ?? "",
            kind: object["kind"] as? Int ?? 0,
            start: Int(object["startTimeUnixNano"] as? String ?? "") ?? 0,
            end: Int(object["endTimeUnixNano"] as? String ?? "") ?? 0,
            state: object["traceState"] as? String,
            isError: (object["status"] as? [String: Any])?["code"] as? Int == 2,
            attributes: attributes(object),
            resource: resource
        )
    }

    private static func attributes(_ object: [String: Any]) -> [String: String] {
        var found: [String: String] = [:]
        for attribute in objects(object, "attributes") {
            let value = attribute["value"] as? [String: Any] ?? [:]
            found[attribute["key"] as? String ?? ""] =
                value["stringValue"] as? String ?? value["intValue"] as? String
        }
        return found
    }

    private static func objects(_ object: [String: Any], _ key: String) -> [[String: Any]] {
        object[key] as? [[String: Any]] ?? []
    }
}

/// The server has one owner, and the collector is a reference.
private final class CollectorServer: Sendable {
    let server: HTTPServer

    init(_ server: consuming HTTPServer) { self.server = server }
}

private final class CollectorService: HTTPService {
    let requests = Mutex<[(path: String, key: String?, type: String?, body: Data)]>([])
    private let statuses: Mutex<[Int]>

    init(_ statuses: [Int]) { self.statuses = Mutex(statuses) }

    func admit(_ head: borrowing HTTPRequest) -> HTTPAdmission {
        .accept(maximumBodyBytes: 1 << 24)
    }

    func respond(to request: borrowing HTTPRequest) -> HTTPReply {
        let status = statuses.withLock { $0.isEmpty ? 200 : $0.removeFirst() }
        let one = (
            path: request.path, key: request.header("x-key"), type: request.header("content-type"),
            body: Data(request.body)
        )
        if status == 200 { requests.withLock { $0.append(one) } }
        return .now(HTTPResponse(status: status, body: Array("{}".utf8)))
    }

    func refusal(_ refusal: HTTPRefusal, of request: borrowing HTTPRequest) -> HTTPResponse {
        HTTPResponse(status: refusal.status)
    }

    func turnedAway(_ how: HTTPTurnedAway) {}
}
