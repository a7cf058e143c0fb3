internal import CMicroHTTPD

/// The right to answer one request, once, from any thread.
///
/// If it is let go unused, the client gets a 500.
public final class HTTPResponder: Sendable {
    private let answer: @Sendable (HTTPResponse) -> Void
    private let onDrop: @Sendable () -> Void
    private let hasClientLeft: @Sendable () -> Bool

    /// Makes a responder without a socket, to test a service with.
    ///
    /// - Parameter answer: gets every answer that is given.
    public init(_ answer: @escaping @Sendable (HTTPResponse) -> Void) {
        self.answer = answer
        onDrop = {}
        hasClientLeft = { false }
    }

    /// Takes over the reference of a deferred request.
    init(_ request: DeferredRequest, service: any HTTPService) {
        answer = { $0.answer(request.pointer) }
        onDrop = { service.refusal(HTTPRefusal(.answer_missing)).answer(request.pointer) }
        hasClientLeft = { mhd_request_is_abandoned(request.pointer) }
    }

    deinit { onDrop() }

    /// Answers the request.
    ///
    /// Only the first answer counts; one that comes after the deadline, or after the server
    /// stopped, is dropped.
    public func respond(_ response: HTTPResponse) { answer(response) }

    /// True once an answer would reach nobody: the client is known to have left, or the request has
    /// been answered.
    public var isCancelled: Bool { hasClientLeft() }
}

/// Holds one reference to a request.
///
/// `@unchecked Sendable`: the pointer never changes, the request is reference-counted atomically,
/// and what is called with it here (`mhd_request_answer`, `mhd_request_is_abandoned`) may be called
/// from any thread.
final class DeferredRequest: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over one reference.
    init(adopting pointer: OpaquePointer) { self.pointer = pointer }

    deinit { mhd_request_release(pointer) }
}
