public import HTTPServer

/// Probes and metrics alone, for a private listener that load on the main port cannot fill.
///
/// It asks for no token.
public struct ProbeService: HTTPService {
    let service: ClassificationService

    /// Takes no body.
    public func admit(_ head: borrowing HTTPRequest) -> HTTPAdmission {
        head.announcesBody ? .refuse(respondNow(to: head)) : .accept(maximumBodyBytes: 0)
    }

    /// Answers as the main listener does.
    public func respond(to request: borrowing HTTPRequest) -> HTTPReply {
        .now(respondNow(to: request))
    }

    /// Renders an answer to a request that the transport refuses.
    public func refusal(
        _ refusal: HTTPRefusal,
        of request: borrowing HTTPRequest
    ) -> HTTPResponse { service.refusal(refusal, of: request) }

    /// Counts as the main listener does.
    public func turnedAway(_ how: HTTPTurnedAway) { service.turnedAway(how) }

    private func respondNow(to request: borrowing HTTPRequest) -> HTTPResponse {
        let id = RequestID(of: request)
        guard let (route, _) = Route.match(request) else {
            return ServiceError.pathNotFound.problem.response(requestID: id)
        }
        let isRead = [.get, .head].contains(request.method)
        if isRead && request.hasQuery, let operation = route.operation(.get) {
            do throws(ServiceError) { try operation.check(request.queryItems) } catch {
                return error.problem.response(requestID: id)
            }
        }
        switch route {
        case .livez where isRead: return service.liveness(id)
        case .readyz where isRead: return service.readiness(id, for: .anonymous)
        case .metrics where isRead: return service.metricsText(id)
        case .livez, .readyz, .metrics:
            if request.method == .options {
                let allow = [(name: "Allow", value: route.allow)]
                return Answer.bytes(nil, [], status: 204, requestID: id, headers: allow)
            }
            let error = ServiceError.methodNotAllowed(allow: route.allow)
            return error.problem.response(requestID: id)
        default: return ServiceError.pathNotFound.problem.response(requestID: id)
        }
    }
}
