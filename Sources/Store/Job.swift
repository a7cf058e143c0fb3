public import Examples

/// Where a training job stands.
public enum JobState: String, Sendable, CaseIterable {
    /// It waits for a worker.
    case queued
    /// A worker has it.
    case running
    /// Its model is in the store.
    case succeeded
    /// It ended without a model; the error says why.
    case failed
    /// It was cancelled; nothing was published.
    case cancelled

    /// Whether the job has ended.
    public var isFinal: Bool { self != .queued && self != .running }
}

/// When a job's model becomes live.
public enum Promotion: String, Sendable, CaseIterable {
    /// As soon as it is published.
    case always
    /// Only by hand.
    case never
}

/// A job that is to be queued.
public struct NewJob: Sendable {
    /// The model that it makes a version of.
    public var model: String
    /// The training options, a JSON document that the store does not look into.
    public var options: [UInt8]
    /// When its model becomes live.
    public var promotion: Promotion
    /// The rows to train on.
    public var examples: [Example]

    /// Makes a job that can be submitted.
    public init(model: String, options: [UInt8], promotion: Promotion, examples: [Example]) {
        self.model = model
        self.options = options
        self.promotion = promotion
        self.examples = examples
    }
}

/// How far a job has come.
public struct JobProgress: Sendable, Equatable {
    /// Epochs done.
    public var epoch: Int
    /// Epochs in all.
    public var epochs: Int
    /// The mean loss of the last epoch, in nats.
    public var loss: Double?
    /// The accuracy, held-out where there are held-out rows, 0 to 1.
    public var accuracy: Double?
    /// Seconds that are left, as far as can be told.
    public var secondsLeft: Double?

    /// Makes a report of progress.
    public init(
        epoch: Int,
        epochs: Int,
        loss: Double? = nil,
        accuracy: Double? = nil,
        secondsLeft: Double? = nil
    ) {
        self.epoch = epoch
        self.epochs = epochs
        self.loss = loss
        self.accuracy = accuracy
        self.secondsLeft = secondsLeft
    }
}

/// Why a job failed.
public struct JobFailure: Sendable, Equatable {
    /// A stable identifier, such as `diverged`.
    public let code: String
    /// A sentence for people.
    public let detail: String

    package init(code: String, detail: String) {
        self.code = code
        self.detail = detail
    }
}

/// A training job as it stands.
public struct Job: Sendable, Equatable {
    /// Its identifier, `job-` and 128 random bits.
    public let id: String
    /// The model that it makes a version of.
    public let model: String
    /// Where it stands.
    public let state: JobState
    /// When its model becomes live.
    public let promotion: Promotion
    /// The training options, a JSON document.
    public let options: [UInt8]
    /// How many rows it trains on.
    public let rowCount: Int
    /// The digest of these rows.
    public let dataDigest: String
    /// How many times a worker has taken it.
    public let attempt: Int
    /// Whether someone wants it cancelled.
    public let isCancelRequested: Bool
    /// How far the last attempt has come.
    public let progress: JobProgress?
    /// The version that it made.
    public let version: Int?
    /// Whether that version became live when it was published.
    public let isPromoted: Bool?
    /// Why it was promoted or not, or why it was queued again.
    public let reason: String?
    /// What was measured, a JSON document.
    public let metrics: [UInt8]?
    /// Why it failed.
    public let failure: JobFailure?
    /// When it was submitted, in milliseconds since 1970.
    public let createdAt: Int
    /// When the last attempt began, in milliseconds since 1970.
    public let startedAt: Int?
    /// When it ended, in milliseconds since 1970.
    public let finishedAt: Int?
}

/// A worker's right to a job: the attempt's number, which no other attempt has.
///
/// Whatever a worker writes is refused once the job has gone on to another attempt or has ended,
/// however late the worker wakes up.
public struct Claim: Sendable, Hashable {
    /// The job.
    public let job: String
    /// The attempt, from 1.
    public let attempt: Int
}

/// A job that a worker has taken.
public struct ClaimedJob: Sendable {
    /// What the worker shows when it writes.
    public let claim: Claim
    /// The job as it stands.
    public let job: Job
    /// The rows, in the order in which they were submitted.
    public let examples: [Example]
}

/// What a worker is to do next.
public enum Directive: Sendable, Equatable {
    /// Go on.
    case `continue`
    /// Stop, publish nothing, call `finishCancelled`.
    case cancel
    /// Stop: the job is no longer this worker's.
    case lost
}

/// What a worker hands in.
public struct Publication: Sendable {
    /// The checkpoint's bytes.
    public var checkpoint: [UInt8]
    /// Their SHA-256 as hexadecimal digits.
    public var digest: String
    /// What was measured, a JSON document.
    public var metrics: [UInt8]

    /// Makes a publication.
    public init(checkpoint: [UInt8], digest: String, metrics: [UInt8]) {
        self.checkpoint = checkpoint
        self.digest = digest
        self.metrics = metrics
    }
}

/// What became of a publication.
public struct Published: Sendable, Equatable {
    /// The new version's number.
    public let version: Int
    /// Whether it is live.
    public let isPromoted: Bool
    /// Why.
    public let reason: String

    package init(version: Int, isPromoted: Bool, reason: String) {
        self.version = version
        self.isPromoted = isPromoted
        self.reason = reason
    }
}

/// A job that was taken from its worker.
public struct ReleasedJob: Sendable, Equatable {
    /// The job.
    public let id: String
    /// `queued`, or `failed` after the last attempt, or `cancelled` if that was asked for.
    public let state: JobState

    package init(id: String, state: JobState) {
        self.id = id
        self.state = state
    }
}
