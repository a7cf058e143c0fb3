internal import Store

/// Who asks, as the token says.
struct Principal: Sendable {
    /// The token's name; nil where there are no tokens.
    let name: String?
    /// A bit for each scope that it holds.
    private let scopes: UInt8
    /// The models that it may use; nil for all.
    private let models: Set<String>?

    /// Whoever asks a server without tokens: everything is open.
    static let anonymous = Principal(name: nil, scopes: [.admin])

    /// Whoever asks a server with tokens and shows none.
    static let stranger = Principal(name: nil, scopes: [], models: [])

    init(name: String?, scopes: Set<Scope>, models: Set<String>? = nil) {
        self.name = name
        self.scopes = scopes.reduce(0) { $0 | $1.bit }
        self.models = models
    }

    /// Whether it holds a scope; `admin` holds all.
    func holds(_ scope: Scope) -> Bool { scopes & (scope.bit | Scope.admin.bit) != 0 }

    /// Whether it may use a model of that name, be there one or not.
    func mayUse(model: String) -> Bool { models?.contains(model) ?? true }

    /// Whether some models are not for it.
    var isLimited: Bool { models != nil }

    /// The scopes that it was given.
    var heldScopes: [Scope] { Scope.allCases.filter { scopes & $0.bit != 0 } }

    /// The names of the models that it may use, sorted; nil for all.
    var modelNames: [String]? { models?.sorted() }

    /// Its own jobs; with `admin` those of others too.
    func maySee(_ job: Job) -> Bool {
        holds(.admin) || (name != nil && job.actor == name)
    }

    func require(_ access: Access) throws(ServiceError) {
        guard case .scope(let scope) = access, !holds(scope) else { return }
        throw .scopeMissing(scope)
    }

    /// Asked before anybody looks whether the model exists, so that the answer does not tell.
    func require(model: String) throws(ServiceError) {
        guard mayUse(model: model) else { throw .modelForbidden }
    }
}

extension Scope {
    fileprivate var bit: UInt8 {
        switch self {
        case .classify: 1
        case .train: 2
        case .promote: 4
        case .admin: 8
        }
    }
}
