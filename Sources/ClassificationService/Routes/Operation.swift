internal import HTTPServer

/// One row of the table: all that there is to say of a method of a path.
final class Operation: Sendable {
    let method: HTTPMethod
    let path: PathTemplate
    let model: ModelPlace
    let access: Access
    /// Whether the token may come as the password of basic authentication.
    let takesBasic: Bool
    /// Whether it answers whatever host a request is for.
    let answersAnyHost: Bool
    let body: BodyLimit
    /// Every status that it can end with.
    let statuses: [Int]
    /// The parameters that a query may have.
    let query: [String]
    /// Those among them that may stand there several times.
    let lists: [String]
    /// Which requests are its own, where dialects share a method of a path; nil for all that no
    /// other row claims.
    let claims: (@Sendable (borrowing HTTPRequest) -> Bool)?
    /// Makes the file that a body goes into which is not small, from the head and the length that
    /// it announces; nil where bodies are kept in memory.
    let spool: (@Sendable (borrowing HTTPRequest, Int?) throws(ServiceError) -> HTTPSpool)?
    /// The shape of what went wrong.
    let errors: any ErrorWriter
    let handler: Handler
    /// Whether a small body is read before anybody asks for a token.
    let takesSmallBodiesUnasked: Bool

    /// - Parameters:
    ///   - method: the method; `HEAD` is answered as `GET`.
    ///   - path: as openapi.yaml writes it.
    ///   - model: where the name of the model stands.
    ///   - access: who may use it, where there are tokens.
    ///   - takesBasic: whether the token may come as the password of basic authentication; where
    ///     it may, a browser would send it unasked, so pages get it nowhere else.
    ///   - answersAnyHost: whether it answers whatever host a request is for.
    ///   - body: how large the body may be.
    ///   - statuses: those that are its own: 400 can follow from any query, 401, 403 and 421 from
    ///     `access` and `answersAnyHost`.
    ///   - query: the parameters that a query may have once.
    ///   - lists: those that it may have several times.
    ///   - claims: which requests are its own, where dialects share a method of a path.
    ///   - spool: makes the file that a body goes into; nil where bodies are kept in memory.
    ///   - errors: the shape of what went wrong.
    ///   - handler: what answers.
    init(
        _ method: HTTPMethod,
        _ path: PathTemplate,
        model: ModelPlace = .none,
        _ access: Access,
        takesBasic: Bool = false,
        answersAnyHost: Bool = false,
        body: BodyLimit = .none,
        _ statuses: [Int],
        query: [String] = [],
        lists: [String] = [],
        claims: (@Sendable (borrowing HTTPRequest) -> Bool)? = nil,
        spool: (@Sendable (borrowing HTTPRequest, Int?) throws(ServiceError) -> HTTPSpool)? = nil,
        errors: any ErrorWriter = ProblemDocument(),
        _ handler: Handler
    ) {
        self.method = method
        self.path = path
        self.model = model
        self.access = access
        self.takesBasic = takesBasic
        self.answersAnyHost = answersAnyHost
        self.body = body
        self.statuses =
            [400] + statuses + (access == .everyone ? [] : [401, 403])
            + (answersAnyHost ? [] : [421])
        self.query = query + lists
        self.lists = lists
        self.claims = claims
        self.spool = spool
        self.errors = errors
        self.handler = handler
        takesSmallBodiesUnasked = handler.isAtOnce && body.bytes > 0
    }
}

/// Where the name of the model stands that an operation is about.
enum ModelPlace: Sendable {
    /// It is about no model, or about all that a token may use.
    case none
    /// In the path; the router asks whether the token is for that model.
    case path
    /// In the body, or it is the default model; the handler asks whether the token is for it.
    case body
}
