internal import HTTPServer
internal import Synchronization

/// What the log and a trace say of a request: who asked for what; and what its answer carries.
final class AccessFacts: Sendable {
    /// nil where the request is in no trace.
    let trace: RequestTrace?
    /// nil where the head cannot be relied on.
    let method: HTTPMethod?
    /// The content, in bytes.
    let bytesIn: Int
    /// The numeric address of the client, which may be a proxy.
    let client: String?
    /// The place of the request in a trace (W3C Trace Context), as the client sent it.
    let traceparent: String?
    /// The model in the path.
    let model: String?
    /// What the answer carries for pages of other origins.
    let crossOrigin: [(name: String, value: String)]
    private let currentToken = Mutex<String?>(nil)

    /// The facts of a request whose head is good.
    init(
        _ request: borrowing HTTPRequest,
        _ values: PathValues?,
        _ trace: RequestTrace?,
        crossOrigin: [(name: String, value: String)] = []
    ) {
        self.trace = trace
        self.crossOrigin = crossOrigin
        method = request.method
        bytesIn = request.body.count
        client = request.remoteAddress
        traceparent = request.withHeader("traceparent") { bytes in
            // Longer ones are none.
            String(decoding: bytes.prefix(128), as: UTF8.self)
        }
        model = values?[.model]
    }

    /// The facts of a request whose head may not be what it seems.
    init(client: String?, crossOrigin: [(name: String, value: String)] = []) {
        trace = nil
        self.crossOrigin = crossOrigin
        method = nil
        bytesIn = 0
        self.client = client
        traceparent = nil
        model = nil
    }

    /// The name of the token that the request showed; nil for none.
    var token: String? {
        get { currentToken.withLock { $0 } }
        set { currentToken.withLock { $0 = newValue } }
    }
}
