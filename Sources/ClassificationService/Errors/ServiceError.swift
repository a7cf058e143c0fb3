internal import Evaluation
internal import Examples
internal import Vectors

/// A member of a body that is not what it should be.
struct FieldError: Sendable, Equatable {
    /// RFC 6901; empty for the body as a whole.
    let pointer: String
    /// A sentence, without what the client sent.
    let detail: String
    /// The row's first line, from 1, in a body of rows that is not JSON.
    var line: Int?
    /// The part of a form that is at fault; nil in other bodies.
    var part: String?
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
    case modelsFull(limit: Int)
    case noModel
    case modelLoading
    case notReady
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
    /// The memory for large things is spent at the moment.
    case outOfMemory
    /// So many bytes of memory are more than there is for requests: those that it takes, and all
    /// that there are.
    case tooMuchMemory(needed: Int, limit: Int)
    /// The body is longer than its route takes; a sentence without a full stop.
    case bodyTooLarge(String)
    case noExamples
    case exampleNotFound
    case predictionNotFound
    case predictionsNotRemembered
    case textNotFound
    case textsFull(limit: Int)
    case vectorsNotFound
    case vectorsFull(limit: Int)
    case invalidVectorName
    case invalidVectors(VectorFileError)
    case versionIsLive
    case versionIsPinned
    case nothingLive
    case shadowNotFound
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

    /// An answer of which the largest form has so many bytes.
    static func answerTooLarge(bytes: Int, topK: Int?) -> ServiceError {
        let size =
            "The answer could have \((bytes - 1) >> 20 + 1) MiB, and the limit is "
            + "\(Limits.answerBytes >> 20) MiB"
        return topK == nil
            ? .invalid("/top_k", "\(size): ask for the \"top_k\" best labels only.")
            : .invalid("/top_k", "\(size): make it smaller, or send fewer texts in a request.")
    }

    /// One bad member.
    static func invalid(_ pointer: String, _ detail: String) -> ServiceError {
        .invalidRequest([FieldError(pointer: pointer, detail: detail)])
    }

    /// The one table from what went wrong to what clients see.
    var problem: Problem {
        switch self {
        case .hostNotAllowed(let host, let allowed): .hostNotAllowed(host, allowed: allowed)
        case .tokenMissing: .tokenMissing
        case .tokenWrong: .tokenWrong
        case .scopeMissing(let scope): .scopeMissing(scope)
        case .modelForbidden: .modelForbidden
        case .pathNotFound: .pathNotFound
        case .methodNotAllowed(let allow): .methodNotAllowed(allow: allow)
        case .unsupportedMediaType(let expected, let found):
            .unsupportedMediaType(expected: expected, found: found)
        case .invalidJSON(let detail): Problem(400, "invalid_json", detail)
        case .invalidParameter(let detail): Problem(400, "invalid_parameter", detail)
        case .invalidRequest(let errors): .invalidRequest(errors)
        case .bodyTooLarge(let detail): Problem(413, "body_too_large", detail + ".")
        case .outOfMemory: .outOfMemory
        case .tooMuchMemory(let needed, let limit): .tooMuchMemory(needed: needed, limit: limit)
        case .idempotencyKeyReused: .idempotencyKeyReused
        case .modelNotFound: .modelNotFound
        case .versionNotFound: .versionNotFound
        case .versionUnusable(let detail): .versionUnusable(detail)
        case .versionIsLive: .versionIsLive
        case .versionIsPinned: .versionIsPinned
        case .nothingLive: .nothingLive
        case .shadowNotFound: .shadowNotFound
        case .goldenFailed(let version, let check): .goldenFailed(version: version, check)
        case .jobNotFound: .jobNotFound
        case .queueFull(let limit): .queueFull(limit: limit)
        case .actorQueueFull(let limit): .actorQueueFull(limit: limit)
        case .notTrainable(let obstacle): .notTrainable(obstacle)
        case .correctionsWouldGo(let rows, let feedback, let relabelled):
            .correctionsWouldGo(rows: rows, feedback: feedback, relabelled: relabelled)
        case .rowsWait: .rowsWait
        case .examplesNotKept: .examplesNotKept
        case .dataSetFull(let limit): .dataSetFull(limit: limit)
        case .noExamples: .noExamples
        case .exampleNotFound: .exampleNotFound
        case .predictionNotFound: .predictionNotFound
        case .predictionsNotRemembered: .predictionsNotRemembered
        case .textNotFound: .textNotFound
        case .textsFull(let limit): .textsFull(limit: limit)
        case .vectorsNotFound: .vectorsNotFound
        case .vectorsFull(let limit): .vectorsFull(limit: limit)
        case .invalidVectorName: .invalidVectorName
        case .invalidVectors(let error): .invalidVectors(error)
        case .modelsFull(let limit): .modelsFull(limit: limit)
        case .noModel: .noModel
        case .modelLoading: .modelLoading
        case .notReady: .notReady
        case .busy: .busy("The server is busy.")
        case .full(let detail): .busy(detail)
        case .storeUnavailable(let reason): .storeUnavailable(reason)
        case .storageFull: .storageFull
        case .stopping: .stopping
        }
    }
}
