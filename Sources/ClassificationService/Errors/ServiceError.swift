internal import Evaluation
internal import Examples

/// A member of a body that is not what it should be.
struct FieldError: Sendable, Equatable {
    /// RFC 6901; empty for the body as a whole.
    let pointer: String
    /// A sentence, without what the client sent.
    let detail: String
    /// The row's first line, from 1, in a body of rows that is not JSON.
    var line: Int?
}

/// Why a request is not answered as it asks.
enum ServiceError: Error, Equatable {
    /// The host that the request is for, nil if it names none; and in words what would be allowed.
    case hostNotAllowed(String?, allowed: String)
    case tokenMissing
    case tokenWrong
    case scopeMissing(Scope)
    case modelForbidden
    case pathNotFound
    case methodNotAllowed(allow: String)
    /// What the route takes and what came, empty if nothing was said.
    case unsupportedMediaType(expected: String, found: String)
    /// The reader's sentence: a place, nothing of the content.
    case invalidJSON(String)
    case invalidParameter(String)
    case invalidRequest([FieldError])
    case modelNotFound
    case versionNotFound
    case jobNotFound
    case versionUnusable(String)
    case noModel
    case modelLoading
    case busy
    /// More of something is under way than may be: what, and the way out.
    case full(String)
    case queueFull(limit: Int)
    case actorQueueFull(limit: Int)
    /// A job would fail for certain.
    case notTrainable(TrainingObstacle)
    /// Rows would replace corrections, and the request did not say that they may.
    case correctionsWouldGo(rows: Int, feedback: Int, relabelled: Int)
    case rowsWait
    case examplesNotKept
    case idempotencyKeyReused
    case dataSetFull(limit: Int)
    /// The body is longer than its route takes; a sentence without a full stop.
    case bodyTooLarge(String)
    case noExamples
    case exampleNotFound
    case predictionNotFound
    case predictionsNotRemembered
    case versionIsLive
    case versionIsPinned
    /// Golden cases fail; the check says which.
    case goldenFailed(version: Int, check: GoldenCheck)
    case storeUnavailable(String)
    case storageFull
    case stopping

    /// A query parameter beside a JSON body that has a member of that name.
    static func settingBesideJSON(_ name: String) -> ServiceError {
        .invalidParameter(
            "Beside a JSON body the query takes nothing: write \"\(name)\" as a member of the body."
        )
    }

    /// One bad member.
    static func invalid(_ pointer: String, _ detail: String) -> ServiceError {
        .invalidRequest([FieldError(pointer: pointer, detail: detail)])
    }

    /// What a refused body is called as a whole; a row in a text format has a line and no pointer.
    private static func summary(_ errors: [FieldError]) -> String {
        if errors.count == 1, errors[0].line != nil { return errors[0].detail }
        let things = errors.allSatisfy { $0.line != nil } ? ("row", "rows") : ("member", "members")
        return errors.count == 1
            ? "One \(things.0) of the body is wrong."
            : "\(errors.count) \(things.1) of the body are wrong."
    }

    /// The one table from what went wrong to what clients see.
    var problem: Problem {
        switch self {
        case .hostNotAllowed(let host, let allowed):
            .hostNotAllowed(host, allowed: allowed)
        case .tokenMissing:
            Problem(
                401,
                "token_missing",
                "This needs a token: Authorization: Bearer TOKEN.",
                headers: [("WWW-Authenticate", "Bearer realm=\"elman\"")]
            )
        case .tokenWrong:
            Problem(
                401,
                "token_wrong",
                "The Authorization field has no valid token.",
                headers: [
                    ("WWW-Authenticate", "Bearer realm=\"elman\", error=\"invalid_token\"")
                ]
            )
        case .scopeMissing(let scope):
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
        case .modelForbidden:
            Problem(403, "model_forbidden", "The token is not for a model of that name.")
        case .pathNotFound:
            Problem(404, "path_not_found", "There is no such path; /openapi.yaml lists them.")
        case .methodNotAllowed(let allow):
            Problem(
                405,
                "method_not_allowed",
                "This path takes \(allow).",
                headers: [("Allow", allow)]
            )
        case .unsupportedMediaType(let expected, let found):
            Problem(
                415,
                "unsupported_media_type",
                "The Content-Type must be \(expected), in UTF-8; "
                    + (found.isEmpty ? "none came" : "\(found) came")
                    + ". curl sends JSON with --json, other types with --data-binary and -H."
            )
        case .invalidJSON(let detail): Problem(400, "invalid_json", detail)
        case .invalidParameter(let detail): Problem(400, "invalid_parameter", detail)
        case .invalidRequest(let errors):
            Problem(
                422,
                "invalid_request",
                Self.summary(errors),
                errors: errors
            )
        case .modelNotFound:
            Problem(
                404,
                "model_not_found",
                "There is no model of that name; GET /models lists them."
            )
        case .versionNotFound:
            Problem(404, "version_not_found", "The model has no such version.")
        case .jobNotFound: Problem(404, "job_not_found", "There is no such job.")
        case .versionUnusable(let detail):
            Problem(422, "version_unusable", "The version cannot be loaded: \(detail).")
        case .noModel:
            Problem(
                503,
                "no_model",
                "No model is loaded; POST /train makes one.",
                retryAfterSeconds: 5
            )
        case .modelLoading:
            Problem(
                503,
                "model_loading",
                "The server has just started and is still loading its models.",
                retryAfterSeconds: 1
            )
        case .busy:
            Problem(503, "busy", "The server is busy.", retryAfterSeconds: 1)
        case .full(let detail): Problem(503, "busy", detail, retryAfterSeconds: 1)
        case .queueFull(let limit):
            Problem(
                429,
                "queue_full",
                "\(limit) jobs wait already, which is the limit (--queue-limit); try again later.",
                retryAfterSeconds: 5
            )
        case .actorQueueFull(let limit):
            Problem(
                429,
                "queue_full",
                "\(limit) jobs of this token wait already, which is the limit "
                    + "(--queue-limit-per-token); try again later.",
                retryAfterSeconds: 5
            )
        case .notTrainable(let obstacle):
            Problem(
                422,
                obstacle.code,
                "The model cannot learn from its examples: \(obstacle). Nothing was stored."
            )
        case .correctionsWouldGo(let rows, let feedback, let relabelled):
            Problem(
                409,
                "corrections_would_go",
                "Of the \(rows) examples of the model, \(feedback) are feedback and \(relabelled) "
                    + "others were given another label. Say \"extend\": true to add the posted "
                    + "rows, or "
                    + "\"replace\": true to put them in the place of all; in a query ?extend=true "
                    + "or ?replace=true. Nothing was stored.",
                facts: [
                    ("examples", .count(rows)), ("feedback", .count(feedback)),
                    ("relabelled", .count(relabelled)),
                ]
            )
        case .rowsWait:
            Problem(
                409,
                "rows_wait",
                "A job under way will change the examples of the model; wait for its end or "
                    + "DELETE /train/{id}. GET /train lists the jobs."
            )
        case .examplesNotKept:
            Problem(
                404,
                "examples_not_kept",
                "The examples of that version or revision are not known, or no longer kept."
            )
        case .idempotencyKeyReused:
            Problem(
                422,
                "idempotency_key_reused",
                "The Idempotency-Key came before with another request."
            )
        case .dataSetFull(let limit):
            Problem(
                422,
                "data_set_full",
                "The model would have more than \(limit) examples, which is the limit; remove "
                    + "some, or raise --max-stored-examples."
            )
        case .bodyTooLarge(let detail): Problem(413, "body_too_large", detail + ".")
        case .noExamples:
            Problem(404, "no_examples", "The model has no examples; POST some, or train it.")
        case .exampleNotFound:
            Problem(404, "example_not_found", "The model has no such example.")
        case .predictionNotFound:
            Problem(
                404,
                "prediction_not_found",
                "There is no such prediction, or it is forgotten; send the text instead."
            )
        case .predictionsNotRemembered:
            Problem(
                404,
                "prediction_not_found",
                "This server remembers no predictions (--remember); send the text instead."
            )
        case .versionIsLive:
            Problem(
                409,
                "version_is_live",
                "The version is live; make another one live first."
            )
        case .versionIsPinned:
            Problem(409, "version_is_pinned", "The version is pinned; unpin it first.")
        case .goldenFailed(let version, let check):
            Problem(
                409,
                "golden_failed",
                "Version \(version) fails golden cases, which \"golden\" names; nothing was "
                    + "changed. \"force\": true makes it live all the same.",
                facts: [("golden", .check(check))]
            )
        case .storeUnavailable(let reason):
            Problem(503, "store_unavailable", "The store failed: \(reason).", retryAfterSeconds: 2)
        case .storageFull:
            Problem(
                507,
                "storage_full",
                "The disk of the store is full; nothing was stored.",
                retryAfterSeconds: 30
            )
        case .stopping:
            Problem(503, "stopping", "The server is stopping.", retryAfterSeconds: 5)
        }
    }
}

extension TrainingObstacle {
    /// The stable identifier of a problem document.
    fileprivate var code: String {
        switch self {
        case .noExamples, .oneLabel: "too_few_labels"
        case .contradictory: "contradictory"
        }
    }
}
