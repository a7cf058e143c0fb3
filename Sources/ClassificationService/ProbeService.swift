public import HTTPServer

/// Probes and metrics alone, for a private listener that load on the main port cannot fill.
///
/// It asks for no token, and counts nothing.
public struct ProbeService: HTTPService {
    private let router: Router
    private let service: ClassificationService

    init(_ status: StatusHandlers, _ service: ClassificationService) {
        router = service.router.privately(OperationTable(status.probes(.everyone)))
        self.service = service
    }

    /// Takes no body.
    public func admit(_ head: borrowing HTTPRequest) -> HTTPAdmission {
        guard head.announcesBody, case .now(let response) = router.respond(to: head) else {
            return .accept(maximumBodyBytes: 0)
        }
        return .refuse(response)
    }

    /// Answers as the main listener does.
    public func respond(to request: borrowing HTTPRequest) -> HTTPReply {
        router.respond(to: request)
    }

    /// Renders an answer to a request that the transport refuses.
    public func refusal(
        _ refusal: HTTPRefusal,
        of request: borrowing HTTPRequest
    ) -> HTTPResponse { service.refusal(refusal, of: request) }

    /// Counts as the main listener does.
    public func turnedAway(_ how: HTTPTurnedAway) { service.turnedAway(how) }
}
