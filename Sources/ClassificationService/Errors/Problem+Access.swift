/// What is told to who may not do something.
extension Problem {
    static var tokenMissing: Problem {
        Problem(
            401,
            "token_missing",
            "This needs a token: Authorization: Bearer TOKEN.",
            headers: [("WWW-Authenticate", "Bearer realm=\"elman\"")]
        )
    }

    static var tokenWrong: Problem {
        Problem(
            401,
            "token_wrong",
            "The Authorization field has no valid token.",
            headers: [
                ("WWW-Authenticate", "Bearer realm=\"elman\", error=\"invalid_token\"")
            ]
        )
    }

    static func scopeMissing(_ scope: Scope) -> Problem {
        Problem(
            403,
            "scope_missing",
            "The token lacks the scope '\(scope.rawValue)'.",
            headers: [
                (
                    "WWW-Authenticate",
                    "Bearer realm=\"elman\", error=\"insufficient_scope\", "
                        + "scope=\"\(scope.rawValue)\""
                )
            ]
        )
    }

    static var modelForbidden: Problem {
        Problem(403, "model_forbidden", "The token is not for a model of that name.")
    }
}
