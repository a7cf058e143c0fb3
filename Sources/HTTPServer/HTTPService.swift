/// What a server serves.
///
/// Its functions run on the server's threads, several at once, and must not wait: work that takes
/// long is answered later.
public protocol HTTPService: Sendable {
    /// Decides on a request whose head alone has arrived.
    ///
    /// - Parameter head: the request; its body is still empty.
    /// - Returns: how large a body may follow, or an answer at once, which closes the connection.
    func admit(_ head: borrowing HTTPRequest) -> HTTPAdmission

    /// Answers a complete request.
    ///
    /// - Parameter request: borrowed for this call.
    /// - Returns: the answer, or who gives it later.
    func respond(to request: borrowing HTTPRequest) -> HTTPReply

    /// Renders an answer to a request that the server refuses by itself.
    ///
    /// - Parameters:
    ///   - refusal: status, code and reason.
    ///   - request: what is refused; only that of a 413 has a head that is known to be good.
    /// - Returns: the answer, in the service's own error format.
    func refusal(
        _ refusal: HTTPRefusal,
        of request: borrowing HTTPRequest
    ) -> HTTPResponse

    /// Learns that a connection found no place.
    ///
    /// - Parameter how: what became of it.
    func turnedAway(_ how: HTTPTurnedAway)
}

/// What became of a connection for which there was no place.
public enum HTTPTurnedAway: CaseIterable, Sendable {
    /// Ended: it had sent no complete request head, and others came.
    case withoutHead
    /// Its request is refused: as many are open as the server takes.
    case connectionsFull
    /// Its request is refused: its address has as many as one may have.
    case addressFull
}

/// What becomes of a request after its head.
public enum HTTPAdmission: Sendable {
    /// Read the body and hand the request over. A larger body is refused with 413, at once where
    /// its length is announced.
    case accept(maximumBodyBytes: Int)
    /// Read the body into a file, likewise; the request brings the spool.
    case spool(maximumBodyBytes: Int, into: HTTPSpool)
    /// Answer now, read no body, close the connection.
    case refuse(HTTPResponse)
}

/// An answer, or who gives it later.
public enum HTTPReply: Sendable {
    /// The answer.
    case now(HTTPResponse)
    /// The closure gets the responder at once, on the server's thread, and passes it on. Without an
    /// answer `within` that time the server refuses the request with 503.
    case later(within: Duration = .seconds(30), @Sendable (HTTPResponder) -> Void)
}
