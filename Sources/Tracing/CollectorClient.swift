internal import Glibc
internal import HTTPClient

/// Posts to one collector; for a thread that may wait.
struct CollectorClient: Sendable {
    /// What an attempt came to.
    private enum Outcome {
        case taken
        /// Worth another try; the pause that the collector asks for, in seconds.
        case later(String, pause: Int?)
        case refused(String)
    }

    private let client: HTTPClient
    private let headers: [(name: String, value: String)]
    private let name: String

    init(_ settings: TracingSettings) {
        client = HTTPClient(
            settings.collector,
            certificates: settings.certificates,
            timeout: settings.timeout
        )
        headers = settings.headers
        name = settings.collectorName
    }

    /// Posts a document, three times at most where the collector is away or busy.
    ///
    /// - Returns: why it was not taken; nil if it was.
    func post(_ body: [UInt8]) -> String? {
        var pause = 1
        for attempt in 1... {
            switch self.attempt(body) {
            case .taken: return nil
            case .refused(let reason): return reason
            case .later(let reason, let wanted):
                if attempt == 3 { return reason }
                sleep(UInt32(min(max(wanted ?? pause, 0), 30)))
                pause *= 2
            }
        }
        return nil
    }

    private func attempt(_ body: [UInt8]) -> Outcome {
        do throws(HTTPClientError) {
            let answer = try client.post(body, headers: headers)
            let reason = "the collector at \(name) answers \(answer.status)"
            switch answer.status {
            case 200..<300: return .taken
            case 429, 502, 503, 504: return .later(reason, pause: answer.retryAfter)
            default: return .refused(reason)
            }
        } catch {
            let reason = error.sentence(about: "the collector")
            switch error {
            case .noCertificates:
                return .refused(reason + ": name a file with OTEL_EXPORTER_OTLP_CERTIFICATE")
            case .notTrusted: return .refused(reason)
            case .unknownHost, .unreachable, .tooSlow, .closed: return .later(reason, pause: nil)
            }
        }
    }
}
