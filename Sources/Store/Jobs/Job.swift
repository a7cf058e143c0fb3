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
    /// As soon as it is published, unless golden cases fail.
    case always
    /// When it is better than what is live, beyond doubt.
    case ifBetter = "if_better"
    /// Unless it is worse than what is live.
    case ifNotWorse = "if_not_worse"
    /// Only by hand.
    case never
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
    /// What its rows mean for those that the model has.
    public let mode: DataSetMode
    /// How many rows it trains on; until it is claimed, how many it would train on.
    public let rowCount: Int
    /// The digest of these rows.
    public let dataDigest: String
    /// The revision of the model's data set that has these rows once the job has succeeded; nil
    /// until it is claimed.
    public let revision: Int?
    /// Its place among the changes of data sets, in the numbers of revisions.
    package let postedAt: Int
    /// What its rows change in the data set; nil for a job of an older Elman.
    public let change: DataSetChange?
    /// Whether training begins with the live version's weights.
    public let startsWarm: Bool
    /// Who asked for it.
    public let actor: String?
    /// Whether the actor may make versions live.
    public let mayPromote: Bool
    /// How many times a worker has taken it.
    public let attempt: Int
    /// How many of these attempts were given back in good order; they do not count as tries.
    public let attemptsGivenBack: Int
    /// Whether someone wants it cancelled.
    public let isCancelRequested: Bool
    /// What the worker is doing, in its words.
    public let stage: String?
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

    package init(
        id: String,
        model: String,
        state: JobState,
        promotion: Promotion,
        options: [UInt8],
        mode: DataSetMode,
        rowCount: Int,
        dataDigest: String,
        revision: Int?,
        postedAt: Int,
        change: DataSetChange?,
        startsWarm: Bool,
        actor: String?,
        mayPromote: Bool,
        attempt: Int,
        attemptsGivenBack: Int,
        isCancelRequested: Bool,
        stage: String?,
        progress: JobProgress?,
        version: Int?,
        isPromoted: Bool?,
        reason: String?,
        metrics: [UInt8]?,
        failure: JobFailure?,
        createdAt: Int,
        startedAt: Int?,
        finishedAt: Int?
    ) {
        self.id = id
        self.model = model
        self.state = state
        self.promotion = promotion
        self.options = options
        self.mode = mode
        self.rowCount = rowCount
        self.dataDigest = dataDigest
        self.revision = revision
        self.postedAt = postedAt
        self.change = change
        self.startsWarm = startsWarm
        self.actor = actor
        self.mayPromote = mayPromote
        self.attempt = attempt
        self.attemptsGivenBack = attemptsGivenBack
        self.isCancelRequested = isCancelRequested
        self.stage = stage
        self.progress = progress
        self.version = version
        self.isPromoted = isPromoted
        self.reason = reason
        self.metrics = metrics
        self.failure = failure
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}
