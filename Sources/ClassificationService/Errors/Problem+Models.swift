internal import Evaluation

/// What is told of models and versions.
extension Problem {
    static var modelNotFound: Problem {
        Problem(
            404,
            "model_not_found",
            "There is no model of that name; GET /models lists them."
        )
    }

    static var versionNotFound: Problem {
        Problem(404, "version_not_found", "The model has no such version.")
    }

    static func versionUnusable(_ detail: String) -> Problem {
        Problem(422, "version_unusable", "The version cannot be loaded: \(detail).")
    }

    static var versionIsLive: Problem {
        Problem(
            409,
            "version_is_live",
            "The version is live; make another one live first."
        )
    }

    static var versionIsPinned: Problem {
        Problem(409, "version_is_pinned", "The version is pinned; unpin it first.")
    }

    static var nothingLive: Problem {
        Problem(
            409,
            "nothing_live",
            "The model has no live version to compare with; make one live first."
        )
    }

    static var shadowNotFound: Problem {
        Problem(
            404,
            "shadow_not_found",
            "No version of the model runs in shadow; PUT on the same path begins."
        )
    }

    static func goldenFailed(version: Int, _ check: GoldenCheck) -> Problem {
        Problem(
            409,
            "golden_failed",
            "Version \(version) fails golden cases, which \"golden\" names; nothing was "
                + "changed. \"force\": true makes it live all the same.",
            facts: [("golden", .check(check))]
        )
    }

    static func modelsFull(limit: Int) -> Problem {
        Problem(
            409,
            "models_full",
            "There are \(limit) models, which is the limit (--max-models); delete one with DELETE "
                + "/models/{model}, or use the name of one that is there. Nothing was stored."
        )
    }

    static var noModel: Problem {
        Problem(
            503,
            "no_model",
            "No model is loaded; POST /train makes one.",
            retryAfterSeconds: 5
        )
    }

    static var notReady: Problem {
        Problem(
            503,
            "not_ready",
            "No model can answer yet; GET /readyz says what is missing.",
            retryAfterSeconds: 1
        )
    }

    static var modelLoading: Problem {
        Problem(
            503,
            "model_loading",
            "The server has just started and is still loading its models.",
            retryAfterSeconds: 1
        )
    }
}
