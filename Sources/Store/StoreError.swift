public import Examples

/// Why the store could not do what it was asked.
public enum StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The place of the store cannot be made, opened or written.
    case cannotOpen(place: String, reason: String, remedy: String)
    /// The database behind a network does not answer.
    case unreachable(place: String, reason: String)
    /// The disk, or a quota, is full. Nothing was stored.
    case diskFull
    /// The store may be read but not written.
    case readOnly
    /// Others kept the store busy for longer than the time limit.
    case busy
    /// What is kept is damaged.
    case corrupt(place: String)
    /// There is a log whose changes belong to a database that is empty or missing.
    case logWithoutDatabase(place: String)
    /// What is at the place was made by something other than Elman.
    case notAStore(place: String)
    /// A newer Elman has changed the store.
    case newerSchema(found: Int, supported: Int)
    /// The operating system reported an input or output error.
    case inputOutput(String)
    /// The backend reported something that is not expected; a mistake in Elman.
    case unexpected(code: Int, message: String)
    /// There is no such model.
    case unknownModel(String)
    /// The model has no such version.
    case unknownVersion(model: String, version: Int)
    /// The version is being served and cannot be deleted.
    case versionIsLive(model: String, version: Int)
    /// So many jobs wait already that no further one may.
    case queueFull(limit: Int)
    /// So many jobs of one actor wait already that no further one of it may.
    case actorQueueFull(limit: Int)
    /// The idempotency key came before, with another request.
    case idempotencyKeyReused
    /// A job with these rows would fail for certain.
    case notTrainable(model: String, TrainingObstacle)
    /// Rows would replace corrections, and the request did not say that they may: of so many rows,
    /// so many are feedback, and so many others were given another label.
    case correctionsWouldGo(model: String, rows: Int, feedback: Int, relabelled: Int)
    /// A job that has not ended will change the data set.
    case rowsWait(model: String)
    /// The rows of the version or revision are not known, or not kept.
    case examplesNotKept(model: String)
    /// The data set would have more rows than it may.
    case dataSetFull(limit: Int)
    /// So many models are there that nobody may make a further one.
    case modelsFull(limit: Int)
    /// The model has no live version that another one could be compared with.
    case nothingLive(model: String)
    /// The version is pinned and cannot be deleted.
    case versionIsPinned(model: String, version: Int)
    /// The job's result may not become live: nobody asked for that, or who asked has no right to.
    case promotionNotAllowed(job: String)
    /// What was decided against has changed: another version is live, or the golden cases are
    /// others. Nothing was published or made live.
    case decisionOutdated(model: String)
    /// The job is no longer this worker's: it was taken back, given away, or ended.
    case claimLost(job: String)
    /// The job was cancelled before its result was published; it has ended as cancelled.
    case cancelled(job: String)

    /// One sentence that says what is wrong and, where someone can, what to do.
    public var description: String {
        switch self {
        case .cannotOpen(let place, let reason, let remedy):
            "The store \(place) cannot be opened: \(reason). \(remedy)"
        case .unreachable(let place, let reason):
            "The database \(place) does not answer (\(reason)). Check that it runs, and the "
                + "address, user and password of --store."
        case .diskFull:
            "The disk that holds the state directory is full. Nothing was stored; make room and "
                + "try again."
        case .readOnly:
            "The state directory cannot be written. Nothing was stored; make it writable and "
                + "try again."
        case .busy:
            "Another process kept the store locked for too long. Nothing was stored; try again."
        case .corrupt(let place):
            "The store \(place) is damaged. Restore it from a copy, or move it away to start "
                + "an empty one."
        case .logWithoutDatabase(let place):
            "The database \(place) is empty or missing, but its log \(place)-wal is not. Copy both "
                + "from one place again, or restore a backup; to start an empty store, move the "
                + "log away."
        case .notAStore(let place):
            "The database \(place) was not made by Elman. Give another state directory."
        case .newerSchema(let found, let supported):
            "The store has schema \(found), and this Elman knows up to \(supported). Use the "
                + "newer Elman, or another state directory."
        case .inputOutput(let message):
            "The state directory had an input or output error (\(message)). Nothing was stored."
        case .unexpected(let code, let message):
            "The database refused a statement (code \(code): \(message))."
        case .unknownModel(let model):
            "There is no model \(model)."
        case .unknownVersion(let model, let version):
            "The model \(model) has no version \(version)."
        case .versionIsLive(let model, let version):
            "Version \(version) of \(model) is live; make another version live first."
        case .queueFull(let limit):
            "\(limit) jobs wait already, which is the limit."
        case .actorQueueFull(let limit):
            "\(limit) jobs of yours wait already, which is the limit."
        case .idempotencyKeyReused:
            "The idempotency key was used before, with another request."
        case .notTrainable(let model, let obstacle):
            "The examples of \(model) cannot be trained on: \(obstacle)."
        case .correctionsWouldGo(let model, let rows, let feedback, let relabelled):
            "Of the \(rows) examples of \(model), \(feedback) are feedback and \(relabelled) "
                + "others were given another label; say whether new rows extend or replace them."
        case .rowsWait(let model):
            "A job of \(model) under way will change its examples; wait for it or cancel it."
        case .examplesNotKept(let model):
            "The examples of that version or revision of \(model) are not known, or not kept."
        case .dataSetFull(let limit):
            "A data set may have \(limit) rows at most."
        case .modelsFull(let limit):
            "There are \(limit) models, which is the limit; delete one."
        case .nothingLive(let model):
            "The model \(model) has no live version; make one live first."
        case .versionIsPinned(let model, let version):
            "Version \(version) of \(model) is pinned; unpin it first."
        case .promotionNotAllowed(let job):
            "The result of the job \(job) may not become live."
        case .decisionOutdated(let model):
            "The live version or the golden cases of \(model) have changed since the decision."
        case .claimLost(let job):
            "The job \(job) is no longer this worker's."
        case .cancelled(let job):
            "The job \(job) was cancelled."
        }
    }

    /// Whether what keeps the store, such as a disk, is the cause, so that any change would fail.
    package var isOutage: Bool {
        switch self {
        case .diskFull, .readOnly, .inputOutput, .cannotOpen, .corrupt, .unreachable: true
        default: false
        }
    }
}
