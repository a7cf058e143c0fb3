import Examples
import Foundation
import HTTPServer
import Logging
import Store
import Synchronization
import TestStores
import Testing

@testable import ClassificationService

/// A small receiver of webhooks: answers what it is told to, 204 afterwards.
private final class Receiver: HTTPService {
    struct Message: Sendable {
        let path: String
        let fields: [String: String]
        let body: [UInt8]
    }

    let messages = Mutex<[Message]>([])
    private let statuses: Mutex<[Int]>
    private let location: String?

    init(_ statuses: [Int], location: String? = nil) {
        self.statuses = Mutex(statuses)
        self.location = location
    }

    func admit(_ head: borrowing HTTPRequest) -> HTTPAdmission {
        .accept(maximumBodyBytes: 1 << 20)
    }

    func respond(to request: borrowing HTTPRequest) -> HTTPReply {
        let fields = [
            "webhook-id": request.header("webhook-id"),
            "webhook-timestamp": request.header("webhook-timestamp"),
            "webhook-signature": request.header("webhook-signature"),
            "content-type": request.header("content-type"),
        ].compactMapValues(\.self)
        let message = Message(path: request.rawPath, fields: fields, body: Array(request.body))
        messages.withLock { $0.append(message) }
        let status = statuses.withLock { $0.isEmpty ? 204 : $0.removeFirst() }
        let headers = location.map { [(name: "Location", value: $0)] } ?? []
        return .now(HTTPResponse(status: status, contentType: nil, headers: headers, body: []))
    }

    func refusal(_ refusal: HTTPRefusal, of request: borrowing HTTPRequest) -> HTTPResponse {
        HTTPResponse(status: refusal.status, contentType: nil, headers: [], body: [])
    }

    func turnedAway(_ how: HTTPTurnedAway) {}

    var count: Int { messages.withLock { $0.count } }

    func wait(for count: Int) { for _ in 0..<3000 where self.count < count { usleep(1000) } }
}

/// Listens for a receiver.
private final class Listener: Sendable {
    let server: HTTPServer

    init(_ receiver: Receiver) throws {
        var configuration = HTTPServer.Configuration(host: "127.0.0.1", port: 0)
        configuration.threads = 1
        server = try HTTPServer(configuration, service: receiver) { _ in }
    }
}

@Suite struct JobNoticeTests {
    private static let key = [UInt8](repeating: 7, count: 24)

    private func webhook(_ port: UInt16, _ path: String = "/hook?x=1") throws -> Webhook {
        let file = NSTemporaryDirectory() + "elman-secret-\(UUID().uuidString)"
        try Data("whsec_\(Data(Self.key).base64EncodedString())\n".utf8)
            .write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        return try Webhook(url: "http://127.0.0.1:\(port)\(path)", secretFile: file)
    }

    private let rows =
        #"{"model":"desk","examples":[{"text":"a","label":"x"},{"text":"b","label":"y"}]}"#

    private func metric(_ service: TestService, _ name: String) -> String? {
        service.get("/metrics").text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .map { String($0.dropFirst(name.count + 1)) }
    }

    @Test("the end of each job is told once, signed as Standard Webhooks say")
    func signed() throws {
        let receiver = Receiver([])
        let listener = try Listener(receiver)
        let webhook = try webhook(listener.server.port)
        let service = try TestService { $0.webhook = webhook }
        let id = try #require(service.post("/train", rows).object["id"] as? String)
        let claimed = try #require(try service.store.claim(worker: "w", lease: .seconds(30)))
        try service.publish(claimed, report: #"{"mistakes":[{"text":"secret"}]}"#)
        receiver.wait(for: 1)
        let cancelled = try #require(service.post("/train", rows).object["id"] as? String)
        #expect(service.send(.delete, "/train/\(cancelled)").status == 200)
        receiver.wait(for: 2)
        let messages = receiver.messages.withLock { $0 }
        #expect(messages.count == 2)
        let first = try #require(messages.first)
        #expect(first.path == "/hook" || first.path == "/hook?x=1")
        #expect(first.fields["content-type"] == "application/json")
        #expect(first.fields["webhook-id"] == "msg_" + id)
        let time = try #require(first.fields["webhook-timestamp"].flatMap { Int($0) })
        #expect(abs(Double(time) - Date().timeIntervalSince1970) < 60)
        let again = webhook.headers("msg_" + id, at: time, first.body)
        #expect(again.last?.value == first.fields["webhook-signature"])
        #expect(first.fields["webhook-signature"]?.hasPrefix("v1,") == true)
        let object = try JSONSerialization.jsonObject(with: Data(first.body)) as? [String: Any]
        #expect(object?["type"] as? String == "job.succeeded")
        let data = try #require(object?["data"] as? [String: Any])
        #expect(data["id"] as? String == id && data["version"] as? Int == 1)
        #expect(!String(decoding: first.body, as: UTF8.self).contains("secret"))
        let second = String(decoding: messages[1].body, as: UTF8.self)
        #expect(second.contains(#""type":"job.cancelled""#))
        for _ in 0..<1000
        where metric(service, #"elman_webhook_messages_total{outcome="sent"}"#) != "2" {
            usleep(1000)
        }
        #expect(metric(service, #"elman_webhook_messages_total{outcome="sent"}"#) == "2")
        #expect(metric(service, "elman_webhook_failures_total") == "0")
    }

    @Test("the vector of Standard Webhooks")
    func vector() throws {
        let file = NSTemporaryDirectory() + "elman-secret-\(UUID().uuidString)"
        try Data("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".utf8)
            .write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let webhook = try Webhook(url: "https://example.com", secretFile: file)
        let headers = webhook.headers(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at: 1_614_265_330,
            Array(#"{"test": 2432232314}"#.utf8)
        )
        #expect(headers.last?.value == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    private func notices(
        _ receiver: Receiver,
        _ listener: Listener,
        _ pauses: [Double],
        in place: TestService
    ) throws -> JobNotices {
        JobNotices(
            try webhook(listener.server.port),
            place.store,
            sharesStore: false,
            pauses: pauses,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func end(_ service: TestService, _ count: Int = 1) throws {
        for _ in 0..<count {
            var job = NewJob(
                model: "desk",
                options: Array("{}".utf8),
                promotion: .never,
                examples: [Example(label: "x", text: "a"), Example(label: "y", text: "b")]
            )
            job.isAnnounced = true
            _ = try service.store.requestCancel(try service.store.submit(job: job).job.id)
        }
    }

    private func counts(_ notices: JobNotices) -> [String] {
        var text = ""
        notices.write(to: &text)
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            String($0.split(separator: " ").last ?? "")
        }
    }

    @Test("what is not taken comes again, the same, until it is or the pauses are used up")
    func retries() throws {
        let service = try TestService()
        let receiver = Receiver([500, 302, 404, 200, 503, 503, 503])
        let listener = try Listener(receiver)
        let notices = try notices(receiver, listener, [0.001, 0.001, 0.001], in: service)
        try end(service)
        notices.follow(at: try service.store.changeMark())
        receiver.wait(for: 4)
        var messages = receiver.messages.withLock { $0 }
        #expect(messages.count == 4)
        #expect(Set(messages.map { $0.fields["webhook-id"] ?? "" }).count == 1)
        #expect(Set(messages.map(\.body)).count == 1)
        try end(service)
        notices.follow(at: try service.store.changeMark())
        receiver.wait(for: 8)
        messages = receiver.messages.withLock { $0 }
        #expect(messages.count == 8)
        for _ in 0..<1000 where counts(notices)[3] != "0" { usleep(1000) }
        #expect(counts(notices) == ["2", "0", "6", "0"])
        #expect(try service.store.takeNotices(limit: 9).isEmpty)
        notices.stop()
    }

    @Test("a receiver that is gone for good gets it once; one that never answers is given up")
    func drops() throws {
        let service = try TestService()
        let receiver = Receiver([410, 500, 500])
        let listener = try Listener(receiver)
        let notices = try notices(receiver, listener, [0.001], in: service)
        try end(service, 2)
        notices.follow(at: try service.store.changeMark())
        receiver.wait(for: 3)
        for _ in 0..<1000 where counts(notices)[1] != "2" { usleep(1000) }
        #expect(counts(notices) == ["0", "2", "3", "0"])
        notices.stop()
    }

    @Test(
        "what waits when a server ends is told by the next one; a full queue leaves it in the store"
    )
    func restarts() throws {
        let service = try TestService()
        let receiver = Receiver(Array(repeating: 500, count: 64))
        let listener = try Listener(receiver)
        let first = try notices(receiver, listener, [3600], in: service)
        try end(service, 70)
        first.follow(at: try service.store.changeMark())
        receiver.wait(for: 64)
        for _ in 0..<1000 where counts(first)[3] != "64" { usleep(1000) }
        #expect(counts(first)[3] == "64")
        first.stop()
        let second = try notices(receiver, listener, [3600], in: service)
        second.follow(at: try service.store.changeMark())
        receiver.wait(for: 64 + 70)
        let ids = receiver.messages.withLock { $0[64...].map { $0.fields["webhook-id"] ?? "" } }
        #expect(Set(ids).count == 70 && ids.count == 70)
        second.stop()
    }

    @Test(
        "an address or a secret that cannot be used is told",
        arguments: [
            "", "example.com", "ftp://example.com", "http://a:b@c/", "https://", "http://x/ y",
        ]
    )
    func addresses(_ url: String) {
        #expect(throws: Webhook.Failure.self) { try Webhook(url: url, secretFile: nil) }
    }

    @Test("secrets", arguments: ["", "secret", "whsec_", "whsec_!!!", "whsec_YQ=="])
    func secrets(_ secret: String) throws {
        let file = NSTemporaryDirectory() + "elman-secret-\(UUID().uuidString)"
        try Data(secret.utf8).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let error = #expect(throws: Webhook.Failure.self) {
            try Webhook(url: "https://example.com", secretFile: file)
        }
        #expect(error?.description.contains("whsec_") == true)
        #expect(throws: Webhook.Failure.self) {
            try Webhook(url: "https://example.com", secretFile: file + "-missing")
        }
    }
}
