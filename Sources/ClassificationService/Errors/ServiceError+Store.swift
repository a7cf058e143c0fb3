internal import Store

extension ServiceError {
    /// What a client learns of trouble with the store: never a path.
    init(_ error: StoreError) {
        switch error {
        case .diskFull: self = .storageFull
        case .unknownModel: self = .modelNotFound
        case .unknownVersion: self = .versionNotFound
        case .queueFull(let limit): self = .queueFull(limit: limit)
        case .actorQueueFull(let limit): self = .actorQueueFull(limit: limit)
        case .notTrainable(_, let obstacle): self = .notTrainable(obstacle)
        case .correctionsWouldGo(_, let rows, let feedback, let relabelled):
            self = .correctionsWouldGo(rows: rows, feedback: feedback, relabelled: relabelled)
        case .rowsWait: self = .rowsWait
        case .examplesNotKept: self = .examplesNotKept
        case .idempotencyKeyReused: self = .idempotencyKeyReused
        case .dataSetFull(let limit): self = .dataSetFull(limit: limit)
        case .modelsFull(let limit): self = .modelsFull(limit: limit)
        case .versionIsLive: self = .versionIsLive
        case .versionIsPinned: self = .versionIsPinned
        case .nothingLive: self = .nothingLive
        default: self = .storeUnavailable(error.clientReason)
        }
    }
}

/// Runs a use of the store and translates its errors.
func storing<Result>(
    _ use: () throws(StoreError) -> Result
) throws(ServiceError) -> Result {
    do throws(StoreError) { return try use() } catch { throw ServiceError(error) }
}

extension StoreError {
    /// What may be told to clients: nothing of places and of what keeps the store.
    var clientReason: String {
        switch self {
        case .cannotOpen: "it cannot be opened"
        case .unreachable: "its database does not answer"
        case .diskFull: "its disk is full"
        case .readOnly: "it cannot be written"
        case .busy: "another process kept it locked for too long"
        case .corrupt: "it is damaged"
        case .inputOutput: "its disk has errors"
        case .logWithoutDatabase, .notAStore, .newerSchema, .unexpected, .unknownModel,
            .unknownVersion, .versionIsLive, .queueFull, .actorQueueFull, .idempotencyKeyReused,
            .notTrainable,
            .correctionsWouldGo, .rowsWait, .examplesNotKept, .dataSetFull, .modelsFull,
            .versionIsPinned, .nothingLive,
            .promotionNotAllowed, .decisionOutdated, .claimLost,
            .cancelled:
            "it refused the request"
        }
    }
}
