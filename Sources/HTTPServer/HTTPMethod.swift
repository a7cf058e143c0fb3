internal import CMicroHTTPD

/// The methods that reach a service.
///
/// A request with any other is refused with 501.
public enum HTTPMethod: String, CaseIterable, Sendable {
    /// `GET`
    case get = "GET"
    /// `HEAD`: answered like `GET`; the server leaves the body out.
    case head = "HEAD"
    /// `POST`
    case post = "POST"
    /// `PUT`
    case put = "PUT"
    /// `PATCH`
    case patch = "PATCH"
    /// `DELETE`
    case delete = "DELETE"
    /// `OPTIONS`
    case options = "OPTIONS"
    /// `TRACE`
    case trace = "TRACE"
    /// `QUERY`: a safe method that may have a body.
    case query = "QUERY"

    init(_ method: mhd_method) {
        switch method {
        case .get: self = .get
        case .head: self = .head
        case .post: self = .post
        case .put: self = .put
        case .patch: self = .patch
        case .delete: self = .delete
        case .options: self = .options
        case .query: self = .query
        case .trace, .unknown: self = .trace
        @unknown default: self = .trace
        }
    }

    var transportMethod: mhd_method {
        switch self {
        case .get: .get
        case .head: .head
        case .post: .post
        case .put: .put
        case .patch: .patch
        case .delete: .delete
        case .options: .options
        case .trace: .trace
        case .query: .query
        }
    }
}
