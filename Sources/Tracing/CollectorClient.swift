internal import Glibc

/// Posts to one collector, one connection a request; for a thread that may wait.
struct CollectorClient: Sendable {
    /// What an attempt came to.
    private enum Outcome {
        case taken
        /// Worth another try; the pause that the collector asks for, in seconds.
        case later(String, pause: Int?)
        case refused(String)
    }

    private let address: CollectorAddress
    private let head: [UInt8]
    private let certificates: String?
    private let timeout: Int

    init(_ settings: TracingSettings) {
        address = settings.collector
        certificates = settings.certificates
        timeout = settings.timeout
        var head = "POST \(address.path) HTTP/1.1\r\nHost: \(address.authority)\r\n"
        head += "User-Agent: elman\r\nContent-Type: application/json\r\nConnection: close\r\n"
        for (name, value) in settings.headers { head += "\(name): \(value)\r\n" }
        self.head = Array(head.utf8)
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
        do throws(CollectorError) {
            let answer = try exchange(head + "Content-Length: \(body.count)\r\n\r\n".utf8 + body)
            return try outcome(of: answer)
        } catch {
            switch error {
            case .noCertificates, .notTrusted: return .refused(error.description)
            case .unknownHost, .unreachable, .tooSlow, .closed:
                return .later(error.description, pause: nil)
            }
        }
    }

    /// Sends a request and returns the head of the answer.
    private func exchange(_ request: [UInt8]) throws(CollectorError) -> String {
        let socket = try CollectorSocket(address, timeout: timeout)
        guard address.usesTLS else {
            return try Self.exchange(request, over: socket, timeout: timeout)
        }
        let session = try CollectorSession(socket, address.host, certificates: certificates)
        return try Self.exchange(request, over: session, timeout: timeout)
    }

    private static func exchange(
        _ request: [UInt8],
        over channel: some CollectorChannel,
        timeout: Int
    ) throws(CollectorError) -> String {
        let deadline = ContinuousClock.now + .milliseconds(timeout)
        var sent = 0
        while sent < request.count {
            guard ContinuousClock.now < deadline else { throw .tooSlow }
            let count = request[sent...].withUnsafeBytes { channel.send($0) }
            guard count > 0 else { throw .closed("it took only \(sent) bytes") }
            sent += count
        }
        // Whatever follows the head is of no use.
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while answer.count < 65_536 {
            guard ContinuousClock.now < deadline else { throw .tooSlow }
            let count = piece.withUnsafeMutableBytes { channel.receive(into: $0) }
            if count <= 0 { break }
            answer += piece[..<count]
            let text = String(decoding: answer, as: UTF8.self)
            if let end = text.firstRange(of: "\r\n\r\n") { return String(text[..<end.lowerBound]) }
        }
        throw .closed("it sent no answer in time")
    }

    private func outcome(of head: String) throws(CollectorError) -> Outcome {
        let lines = head.split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw .closed("it does not speak HTTP/1.1")
        }
        let reason = "the collector at \(address.authority) answers \(status)"
        switch status {
        case 200..<300: return .taken
        case 429, 502, 503, 504:
            let field = lines.first { $0.lowercased().hasPrefix("retry-after:") }
            let wanted = field?.split(separator: ":").last?.filter { $0 != " " }
            return .later(reason, pause: wanted.flatMap { Int($0) })
        default: return .refused(reason)
        }
    }
}

/// Why a collector was not reached.
enum CollectorError: Error, CustomStringConvertible {
    case unknownHost(String)
    case unreachable(String)
    case noCertificates(String)
    case notTrusted(String)
    case tooSlow
    case closed(String)

    var description: String {
        switch self {
        case .unknownHost(let host): "no address is known for the collector '\(host)'"
        case .unreachable(let reason): "the collector cannot be reached (\(reason))"
        case .noCertificates(let file):
            "no certificates can be read from '\(file)': name a file with "
                + "OTEL_EXPORTER_OTLP_CERTIFICATE"
        case .notTrusted(let reason): "there is no TLS with the collector (\(reason))"
        case .tooSlow: "the collector is too slow"
        case .closed(let reason): "the collector does not answer: \(reason)"
        }
    }
}
