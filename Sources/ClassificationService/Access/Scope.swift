/// What a token may do.
public enum Scope: String, CaseIterable, Sendable {
    /// Classify texts.
    case classify
    /// Post training jobs and read what they make; on its own, what it makes does not go live.
    case train
    /// Decide which version is live.
    case promote
    /// Everything, jobs of others and metrics included.
    case admin
}

/// Who may use an operation where there are tokens.
package enum Access: Sendable, Equatable {
    /// Anybody, without a token.
    case everyone
    /// Whoever has a token.
    case anyToken
    /// Whoever has a token with that scope, or with `admin`.
    case scope(Scope)

    /// Its name in openapi.yaml (`x-scope`).
    package var name: String {
        switch self {
        case .everyone: "none"
        case .anyToken: "any"
        case .scope(let scope): scope.rawValue
        }
    }
}
