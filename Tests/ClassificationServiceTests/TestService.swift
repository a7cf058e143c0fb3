import ClassificationService
import Digest
import Foundation
import HTTPServer
import Logging
import Model
import SQLiteStore
import Store
import Synchronization
import TestStores
import Testing

/// A service over a store in a directory of its own, called without a socket.
final class TestService: Sendable {
    let directory: String
    let store: any Store
    let service: ClassificationService

    /// Starts a service.
    ///
    /// - Parameters:
    ///   - files: what `models/` holds, by name of file.
    ///   - directory: the state of an earlier service, or nil for a new one.
    ///   - store: the store to use, or nil to open it.
    ///   - waits: whether to wait until all is loaded.
    ///   - log: gets the service's events.
    ///   - change: changes to the settings.
    /// - Throws: what keeps the service from starting.
    init(
        files: [String: [UInt8]] = ["mood.json": (try? checkpoint(model: "mood").encoded()) ?? []],
        directory: String? = nil,
        store: (any Store)? = nil,
        waits: Bool = true,
        log: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ change: (inout ServiceSettings) -> Void = { _ in }
    ) throws {
        let directory = directory ?? NSTemporaryDirectory() + "elman-\(UUID().uuidString)"
        self.directory = directory
        let models = directory + "/models"
        try FileManager.default.createDirectory(
            atPath: models,
            withIntermediateDirectories: true
        )
        for (name, bytes) in files {
            try Data(bytes).write(to: URL(fileURLWithPath: models + "/" + name))
        }
        self.store = try store ?? SQLiteStore(directory: directory)
        var settings = ServiceSettings()
        settings.pollInterval = .milliseconds(5)
        change(&settings)
        service = ClassificationService(
            store: self.store,
            settings: settings,
            log: log
        )
        try service.start(models: models)
        if waits { service.waitUntilLoaded() }
    }

    deinit {
        service.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Sends a request as the server would: admission first, then the answer, now or later.
    ///
    /// `host` is the `Host` field; nil for none.
    func send(
        _ method: HTTPMethod,
        _ target: String,
        host: String? = "localhost",
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) -> Received {
        let length = [(name: "Content-Length", value: "\(body.count)")]
        let hosts = host.map { [(name: "Host", value: $0)] } ?? []
        let headers = hosts + (body.isEmpty ? headers : headers + length)
        let head = HTTPRequest(method: method, target: target, headers: headers)
        let limit: Int
        switch service.admit(head) {
        case .refuse(let response): return Received(response)
        case .accept(let bytes): limit = bytes
        case .spool(let bytes, _): limit = bytes
        }
        if body.count > limit, let refusal = HTTPRefusal.all.first(where: { $0.status == 413 }) {
            return Received(service.refusal(refusal, of: head))
        }
        let request = HTTPRequest(method: method, target: target, headers: headers, body: body)
        switch service.respond(to: request) {
        case .now(let response): return Received(response)
        case .later(within: _, let start):
            let arrived = DispatchSemaphore(value: 0)
            let answer = Mutex<HTTPResponse?>(nil)
            start(
                HTTPResponder { response in
                    answer.withLock { $0 = response }
                    arrived.signal()
                }
            )
            arrived.wait()
            guard let response = answer.withLock({ $0 }) else { fatalError("no answer") }
            return Received(response)
        }
    }

    /// Ends a job as `trainer work` does.
    func publish(_ claimed: ClaimedJob, weight: Float = 2, report: String? = nil) throws {
        let bytes = try checkpoint(model: claimed.job.model, weight: weight).encoded()
        let publication = Publication(
            checkpoint: bytes,
            digest: SHA256.hexadecimal(of: bytes),
            metrics: Array(#"{"train":{"accuracy":1}}"#.utf8),
            report: report.map { Array($0.utf8) },
            decision: Decision(
                isPromoted: true,
                reason: "a test says so",
                comparedWith: claimed.live?.version,
                goldenRevision: claimed.golden.revision
            )
        )
        _ = try store.publish(publication, claim: claimed.claim)
    }

    func get(_ target: String) -> Received { send(.get, target) }

    /// Sends JSON.
    func post(
        _ target: String,
        _ body: String,
        headers: [(name: String, value: String)] = []
    ) -> Received {
        let type = [(name: "Content-Type", value: "application/json")]
        return send(.post, target, headers: type + headers, body: Array(body.utf8))
    }

    func put(_ target: String, _ body: String) -> Received {
        let type = [(name: "Content-Type", value: "application/json")]
        return send(.put, target, headers: type, body: Array(body.utf8))
    }
}

/// An answer, read.
struct Received: Sendable, CustomStringConvertible {
    let status: Int
    let contentType: String?
    let headers: [String: String]
    let body: [UInt8]

    init(_ response: HTTPResponse) {
        status = response.status
        contentType = response.contentType
        headers = Dictionary(response.headers.map { ($0.name, $0.value) }) { $1 }
        guard let source = response.source else {
            body = response.body
            return
        }
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1000)
        while let count = piece.withUnsafeMutableBytes({ source.read(into: $0) }), count > 0 {
            all += piece[..<count]
        }
        body = all
    }

    var text: String { String(decoding: body, as: UTF8.self) }
    var description: String { "\(status) \(text)" }

    /// The body as an object; empty if it is none.
    var object: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
    }

    var code: String? { object["code"] as? String }

    /// The pointers of a problem's bad members.
    var pointers: [String] {
        (object["errors"] as? [[String: String]] ?? []).compactMap { $0["pointer"] }
    }
}

/// A network small enough to reason about: "happy" and "sad" decide, other words are unknown.
func checkpoint(
    model: String,
    labels: [String] = ["happy", "sad"],
    weight: Float = 2
) throws -> Checkpoint {
    let count = labels.count
    let digest = String(repeating: "0", count: 64)
    let scores = TrainingRecord.Scores(rows: 2, accuracy: 1, macroF1: 1, loss: 0.1)
    return Checkpoint(
        model: model,
        architecture: Architecture(hiddenSize: 1),
        labels: labels,
        vocabulary: try Vocabulary(words: ["<unk>", "happy", "sad"]),
        training: TrainingRecord(
            rows: 2,
            dataDigest: digest,
            options: TrainingOptions(),
            train: scores
        ),
        tensors: [
            "w1": Tensor(shape: [3, 1], values: [0, 1, -1]),
            "w2": Tensor(shape: [1, 1], values: [0]),
            "b2": Tensor(shape: [1], values: [0]),
            "w3": Tensor(
                shape: [1, count],
                values: (0..<count).map { $0 == 0 ? weight : $0 == 1 ? -weight : 0 }
            ),
            "b3": Tensor(shape: [count], values: Array(repeating: 0, count: count)),
        ]
    )
}
