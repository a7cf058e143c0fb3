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
    /// As soon as it is published, unless golden cases fail.
    case always
    /// When it is better than what is live, beyond doubt.
    case ifBetter = "if_better"
    /// Unless it is worse than what is live.
    case ifNotWorse = "if_not_worse"
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
    /// The rows to train on, or those to add.
    public var examples: [Example]
    /// What they mean for the rows that the model has; nil replaces them if no correction is lost.
    public var mode: DataSetMode?
    /// Whether training begins with the live version's weights.
    public var warmStart: Bool
    /// Who asks; nil where nobody is known.
    public var actor: String?
    /// Whether the actor may make versions live; otherwise the job's stays a candidate.
    public var mayPromote: Bool

    /// Makes a job that can be submitted.
    public init(
        model: String,
        options: [UInt8],
        promotion: Promotion,
        examples: [Example],
        mode: DataSetMode? = nil,
        warmStart: Bool = false,
        actor: String? = nil,
        mayPromote: Bool = true
    ) {
        self.model = model
        self.options = options
        self.promotion = promotion
        self.examples = examples
        self.mode = mode
        self.warmStart = warmStart
        self.actor = actor
        self.mayPromote = mayPromote
    }
}

/// How many jobs may wait.
public struct QueueLimits: Sendable {
    /// In all; nil for any number.
    public var jobs: Int?
    /// Of one actor; nil for any number.
    public var jobsOfActor: Int?

    /// Makes limits; without arguments there are none.
    public init(jobs: Int? = nil, jobsOfActor: Int? = nil) {
        self.jobs = jobs
        self.jobsOfActor = jobsOfActor
    }
}

/// What became of a submission.
public struct Submission: Sendable, Equatable {
    /// The job as it stands.
    public let job: Job
    /// Whether the same request had come before, so that nothing was queued.
    public let isReplay: Bool
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
    let postedAt: Int
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
}
