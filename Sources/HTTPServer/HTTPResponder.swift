internal import CMicroHTTPD

/// The right to answer one request, once, from any thread.
///
/// If it is let go unused, the client gets a 500. It keeps neither the service nor the server
/// alive.
///
/// `@unchecked Sendable`: nothing in it changes, the request is reference-counted atomically, and
/// what is called with it here may be called from any thread.
public final class HTTPResponder: @unchecked Sendable {
    private enum Answerer {
        /// A deferred request, of which this holds one reference.
        case request(OpaquePointer)
        case closure(@Sendable (HTTPResponse) -> Void)
    }

    private let answerer: Answerer

    /// Makes a responder without a socket, to test a service with.
    ///
    /// - Parameter answer: gets every answer that is given.
    public init(_ answer: @escaping @Sendable (HTTPResponse) -> Void) {
        answerer = .closure(answer)
    }

    /// Takes over the reference of a deferred request.
    init(adopting request: OpaquePointer) {
        answerer = .request(request)
    }

    deinit {
        if case .request(let request) = answerer { mhd_request_drop(request) }
    }

    /// Answers the request.
    ///
    /// Only the first answer counts; one that comes after the deadline, or after the server
    /// stopped, is dropped.
    public func respond(_ response: HTTPResponse) {
        switch answerer {
        case .request(let request): response.answer(request)
        case .closure(let answer): answer(response)
        }
    }

    /// Begins an answer whose body is sent piece by piece; the connection closes behind it.
    ///
    /// - Parameters:
    ///   - head: status and fields; its body comes first.
    ///   - isWhole: whether a part of the body must not be taken for all of it; then the connection
    ///     breaks off if the stream is let go, or the server stops, before `finish`.
    /// - Returns: what sends the body, or nil without memory or if the request had been answered.
    public func stream(_ head: HTTPResponse, isWhole: Bool = false) -> HTTPStream? {
        switch answerer {
        case .closure(let answer):
            let stream = HTTPStream { body in
                var whole = head
                whole.body += body
                answer(whole)
            }
            return stream
        case .request(let request):
            var response: OpaquePointer?
            guard let transport = mhd_stream_create(request, &response), let response else {
                return nil
            }
            let stream = HTTPStream(adopting: transport, isWhole: isWhole)
            if !head.body.isEmpty { _ = stream.send(head.body) }
            return head.answer(request, with: response) ? stream : nil
        }
    }

    /// True once an answer would reach nobody: the client is known to have left, or the request has
    /// been answered.
    public var isCancelled: Bool {
        guard case .request(let request) = answerer else { return false }
        return mhd_request_is_abandoned(request)
    }
}
