public import Examples

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
    /// Whether its end is to be told; see `takeNotices`.
    public var isAnnounced = false

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

    package init(job: Job, isReplay: Bool) {
        self.job = job
        self.isReplay = isReplay
    }
}
