import ClassificationService
import Digest
import Foundation
import HTTPServer
import Logging
import Model
import SQLStore
import SQLiteStore
import Store
import Synchronization
import TestStores
import Testing

/// Keeps every writer of a store waiting, so that a start takes as long as a test wants.
private final class HeldStore: Sendable {
    let store: SQLiteStore
    private let end = DispatchSemaphore(value: 0)

    init(_ store: SQLiteStore) {
        self.store = store
        let begun = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [end] in
            try? store.write(locks: [], isDurable: true) { _ in
                begun.signal()
                end.wait()
            }
        }
        begun.wait()
    }

    func release() { end.signal() }
}

@Suite struct LoadingTests {
    private let directory = NSTemporaryDirectory() + "elman-\(UUID().uuidString)"

    private func files() throws -> [String: [UInt8]] {
        [
            "a.json": try checkpoint(model: "first").encoded(),
            "b.json": try checkpoint(model: "second").encoded(),
        ]
    }

    @Test("while models load, readiness says what is missing and requests wait for it")
    func waits() throws {
        let held = HeldStore(try SQLiteStore(directory: directory))
        let service = try TestService(
            files: try files(),
            directory: directory,
            store: held.store,
            waits: false
        )
        let ready = service.get("/readyz")
        #expect(ready.status == 503)
        #expect(ready.headers["Retry-After"] == "1")
        #expect(ready.object["status"] as? String == "loading")
        let loading = ready.object["loading"] as? [[String: String]]
        #expect(loading == [["file": "a.json"], ["file": "b.json"]])
        #expect(service.get("/livez").status == 200)

        let bodies = [
            (#"{"text":"happy"}"#, "first"), (#"{"text":"happy","model":"second"}"#, "second"),
            (#"{"text":"happy","model":"second","explain":true}"#, "second"),
            (#"{"text":"happy","version":1}"#, "first"), ("happy", "first"),
        ]
        var collectors: [Collector] = []
        for (body, _) in bodies { collectors.append(try Collector(service, body)) }
        let unknown = try Collector(service, #"{"text":"happy","model":"third"}"#)
        #expect(collectors.allSatisfy { !$0.hasAnswer })
        held.release()
        for (collector, (_, model)) in zip(collectors, bodies) {
            let answer = collector.wait()
            #expect(answer.status == 200, "\(answer)")
            #expect(answer.object["model"] as? String == model)
            #expect(answer.object["label"] as? String == "happy")
        }
        #expect(unknown.wait().code == "model_not_found")
        service.service.waitUntilLoaded()
        let done = service.get("/readyz")
        #expect(done.status == 200)
        #expect(done.object["status"] as? String == "ready")
        #expect((done.object["loading"] as? [Any])?.isEmpty == true)
    }

    @Test("a model that is loaded answers while another is still to come")
    func answersMeanwhile() throws {
        let imported = DispatchSemaphore(value: 0)
        let end = DispatchSemaphore(value: 0)
        // The service says this before it serves what it has imported.
        let log = Logger(label: "test") { _ in
            EventHandler { event in
                guard event.message.description == "file_imported",
                    event.metadata?["file"]?.description == "b.json"
                else { return }
                imported.signal()
                end.wait()
            }
        }
        let service = try TestService(
            files: try files(),
            directory: directory,
            waits: false,
            log: log
        )
        imported.wait()
        #expect(service.post("/classify", #"{"text":"sad"}"#).object["model"] as? String == "first")
        let ready = service.get("/readyz").object
        #expect(ready["models"] as? Int == 1)
        #expect(ready["loading"] as? [[String: String]] == [["file": "b.json"]])
        let late = try Collector(service, #"{"text":"sad","model":"second"}"#)
        #expect(!late.hasAnswer)
        let third = try Collector(service, #"{"text":"sad","model":"third"}"#)
        end.signal()
        #expect(late.wait().status == 200)
        #expect(third.wait().code == "model_not_found")
    }

    @Test("waiting opens no model that a token is not for, and names none")
    func waitsWithToken() throws {
        let fixture = try TokenFixture()
        let (token, table) = try fixture.add("limited", [.classify], models: ["second"])
        let headers = [(name: "Authorization", value: "Bearer " + token)]
        let held = HeldStore(try SQLiteStore(directory: directory))
        let service = try TestService(
            files: try files(),
            directory: directory,
            store: held.store,
            waits: false
        ) { $0.tokens = table }
        let ready = service.send(.get, "/readyz", headers: headers)
        #expect(ready.object["status"] as? String == "loading")
        #expect((ready.object["loading"] as? [Any])?.isEmpty == true)
        // Which model is the default one is not known yet.
        let byDefault = try Collector(service, #"{"text":"happy"}"#, headers: headers)
        let plain = try Collector(service, "happy", headers: headers)
        let own = try Collector(service, #"{"text":"sad","model":"second"}"#, headers: headers)
        #expect(!byDefault.hasAnswer && !plain.hasAnswer && !own.hasAnswer)
        held.release()
        #expect(byDefault.wait().status == 403)
        #expect(plain.wait().status == 403)
        #expect(own.wait().status == 200)
        service.service.waitUntilLoaded()
    }

    @Test("a service that stops before all is loaded lets go those that wait")
    func stops() throws {
        let imported = DispatchSemaphore(value: 0)
        let end = DispatchSemaphore(value: 0)
        let log = Logger(label: "test") { _ in
            EventHandler { event in
                guard event.metadata?["file"]?.description == "a.json" else { return }
                imported.signal()
                end.wait()
            }
        }
        let service = try TestService(
            files: try files(),
            directory: directory,
            waits: false,
            log: log
        )
        imported.wait()
        let waiting = try Collector(service, #"{"text":"sad","model":"second"}"#)
        let stopped = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            service.service.stop()
            stopped.signal()
        }
        // It waits for the import that is under way.
        #expect(stopped.wait(timeout: .now() + .milliseconds(200)) == .timedOut)
        end.signal()
        stopped.wait()
        #expect(waiting.wait().code == "model_loading")
    }

    @Test("more requests than may wait are refused with a time to come back")
    func refusesTooMany() throws {
        let held = HeldStore(try SQLiteStore(directory: directory))
        let service = try TestService(
            files: try files(),
            directory: directory,
            store: held.store,
            waits: false
        )
        var collectors: [Collector] = []
        for _ in 0..<256 { collectors.append(try Collector(service, #"{"text":"happy"}"#)) }
        let refused = try Collector(service, #"{"text":"happy"}"#).wait()
        #expect(refused.status == 503)
        #expect(refused.code == "model_loading")
        #expect(refused.headers["Retry-After"] == "1")
        held.release()
        #expect(collectors.map { $0.wait().status } == Array(repeating: 200, count: 256))
    }

    @Test("a file that the store has is not parsed to be imported again")
    func knownFile() throws {
        let store = try SQLiteStore(directory: directory)
        // Were it parsed, it would be refused.
        let bytes = Array("{}".utf8)
        let live = try checkpoint(model: "first").encoded()
        for content in [bytes, live] {
            _ = try store.importCheckpoint(
                ImportedCheckpoint(
                    bytes: content,
                    digest: SHA256.hexadecimal(of: content),
                    origin: .file,
                    metrics: bytes
                ),
                of: "first"
            )
        }
        try store.setLive(model: "first", version: 2)
        let service = try TestService(
            files: ["a.json": bytes, "b.json": live],
            directory: directory,
            store: store
        )
        #expect(service.get("/readyz").object["status"] as? String == "ready")
        #expect(service.get("/models/first").object["versions"] as? Int == 2)
        #expect(service.post("/classify", #"{"text":"sad"}"#).object["version"] as? Int == 2)
    }

    @Test("each version is loaded once, from its file or from the store")
    func loadsOnce() throws {
        let loads = Mutex<[String]>([])
        let log = Logger(label: "test") { _ in
            EventHandler { event in
                guard event.message.description == "version_live" else { return }
                loads.withLock { $0.append(event.metadata?["model"]?.description ?? "") }
            }
        }
        let service = try TestService(files: try files(), directory: directory, log: log)
        #expect(loads.withLock { $0 } == ["first", "second"])
        service.service.stop()
        // Now one of them has a file, the other has not.
        try FileManager.default.removeItem(atPath: directory + "/models/a.json")
        let again = try TestService(files: [:], directory: directory, log: log)
        #expect(loads.withLock { $0 } == ["first", "second", "second", "first"])
        #expect(again.post("/classify", #"{"text":"sad"}"#).object["model"] as? String == "first")
        withExtendedLifetime(service) {}
    }

    @Test("a file that the store does not take is named, and what is stored serves")
    func storeRefuses() throws {
        let first = try TestService(
            files: ["a.json": try checkpoint(model: "first").encoded()],
            directory: directory
        )
        first.service.stop()
        let other = HeldStore(try SQLiteStore(directory: directory))
        let service = try TestService(
            files: ["b.json": try checkpoint(model: "second").encoded()],
            directory: directory,
            store: try SQLiteStore(directory: directory, busyTimeout: .milliseconds(20))
        )
        let ready = service.get("/readyz")
        #expect(ready.status == 200)
        #expect(ready.object["status"] as? String == "degraded")
        #expect(ready.text.contains("b.json could not be stored"))
        #expect(service.post("/classify", #"{"text":"sad"}"#).object["label"] as? String == "sad")
        other.release()
        withExtendedLifetime(first) {}
    }
}

/// A request to classify that may be answered later.
private final class Collector: Sendable {
    private let answer = Mutex<HTTPResponse?>(nil)
    private let arrived = DispatchSemaphore(value: 0)

    init(
        _ service: TestService,
        _ body: String,
        headers: [(name: String, value: String)] = []
    ) throws {
        let isJSON = body.hasPrefix("{")
        let request = HTTPRequest(
            method: .post,
            target: "/classify",
            headers: headers + [
                (name: "Host", value: "localhost"),
                (name: "Content-Type", value: isJSON ? "application/json" : "text/plain"),
                (name: "Content-Length", value: "\(body.utf8.count)"),
            ],
            body: Array(body.utf8)
        )
        let reply = service.service.respond(to: request)
        switch reply {
        case .now(let response): take(response)
        case .later(within: let limit, let start):
            #expect(limit == .seconds(10))
            start(HTTPResponder { [weak self] in self?.take($0) })
        }
    }

    var hasAnswer: Bool { answer.withLock { $0 != nil } }

    func wait() -> Received {
        arrived.wait()
        guard let response = answer.withLock({ $0 }) else { fatalError("no answer") }
        return Received(response)
    }

    private func take(_ response: HTTPResponse) {
        answer.withLock { $0 = response }
        arrived.signal()
    }
}
