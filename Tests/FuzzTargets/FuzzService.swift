internal import ClassificationService
internal import Foundation
internal import HTTPServer
internal import JSON
internal import Logging
internal import Model
internal import SQLiteStore
internal import TestClassifiers

/// A service with one model, called without a socket.
final class FuzzService: Sendable {
    /// An answer that takes longer is one that waits for something.
    private static let patience = DispatchTimeInterval.milliseconds(500)

    private let directory: String
    private let service: ClassificationService

    init() throws {
        directory = NSTemporaryDirectory() + "elman-fuzz-\(UUID().uuidString)"
        let models = directory + "/models"
        try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
        let checkpoint = try KeywordClassifier.checkpoint(
            ["happy", "sad"],
            words: ["fine": "happy", "grim": "sad"]
        )
        try Data(checkpoint.encoded()).write(to: URL(fileURLWithPath: models + "/keywords.json"))
        service = ClassificationService(
            store: try SQLiteStore(directory: directory),
            settings: ServiceSettings(),
            log: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
        )
        try service.start(models: models)
        service.waitUntilLoaded()
    }

    deinit {
        service.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Takes the bytes for the body of `POST /classify`.
    func findingInClassification(_ bytes: [UInt8]) -> String? {
        finding(
            .post,
            "/classify",
            headers: [("Host", "localhost"), ("Content-Type", "application/json")],
            body: bytes
        )
    }

    /// Takes the bytes for a request.
    ///
    /// First a line with method and target, then lines with fields, an empty line, the body. The
    /// guard lets no other targets through than those that are sent here.
    func findingInRequest(_ bytes: [UInt8]) -> String? {
        let line = UInt8(ascii: "\n")
        var rest = bytes[...]
        func next() -> String {
            let text = rest.prefix { $0 != line }
            rest = rest.dropFirst(text.count + 1)
            return String(decoding: text, as: UTF8.self)
        }
        let words = next().split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, let method = HTTPMethod(rawValue: words[0]),
            words[1].utf8.first == UInt8(ascii: "/"),
            words[1].utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        var headers: [(name: String, value: String)] = []
        while case let field = next(), !field.isEmpty {
            let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? parts[1].drop { $0 == " " } : ""
            headers.append((String(parts[0]), String(value)))
        }
        return finding(method, words[1], headers: headers, body: Array(rest))
    }

    private func finding(
        _ method: HTTPMethod,
        _ target: String,
        headers: [(name: String, value: String)],
        body: [UInt8]
    ) -> String? {
        let length = [(name: "Content-Length", value: "\(body.count)")]
        let headers = body.isEmpty ? headers : headers + length
        let head = HTTPRequest(method: method, target: target, headers: headers)
        let limit: Int
        switch service.admit(head) {
        case .refuse(let response): return finding(in: response)
        case .accept(let bytes): limit = bytes
        case .spool(let bytes, _): limit = bytes
        }
        if body.count > limit, let refusal = HTTPRefusal.all.first(where: { $0.status == 413 }) {
            return finding(in: service.refusal(refusal, of: head))
        }
        let request = HTTPRequest(method: method, target: target, headers: headers, body: body)
        switch service.respond(to: request) {
        case .now(let response): return finding(in: response)
        case .later(within: _, let start):
            let answer = LaterAnswer()
            start(HTTPResponder { answer.give($0) })
            return answer.wait(Self.patience).flatMap(finding)
        }
    }

    /// What is wrong with an answer: the service is at fault, or JSON that is none.
    private func finding(in response: HTTPResponse) -> String? {
        guard (200..<500).contains(response.status) || [501, 503].contains(response.status) else {
            return "status \(response.status)"
        }
        guard response.contentType?.hasSuffix("json") == true,
            // One document a line, made while a client reads.
            response.contentType?.hasSuffix("ndjson") == false
        else { return nil }
        do throws(JSONError) {
            _ = try JSONParser(maximumDepth: 64).parse(response.body)
            return nil
        } catch {
            return "the answer is no JSON: \(error)"
        }
    }
}

/// An answer that another thread gives, or nobody.
///
/// `@unchecked Sendable`: the semaphore orders the one write before the read.
private final class LaterAnswer: @unchecked Sendable {
    private let arrived = DispatchSemaphore(value: 0)
    private var response: HTTPResponse?

    func give(_ response: HTTPResponse) {
        self.response = response
        arrived.signal()
    }

    func wait(_ patience: DispatchTimeInterval) -> HTTPResponse? {
        arrived.wait(timeout: .now() + patience) == .success ? response : nil
    }
}
