public import Examples

/// A worker's right to a job: the attempt's number, which no other attempt has.
///
/// Whatever a worker writes is refused once the job has gone on to another attempt or has ended,
/// however late the worker wakes up.
public struct Claim: Sendable, Hashable {
    /// The job.
    public let job: String
    /// The attempt, from 1.
    public let attempt: Int

    /// How often a job is tried before it counts as failed.
    package static let maximumAttempts = 3

    package init(job: String, attempt: Int) {
        self.job = job
        self.attempt = attempt
    }
}

/// A job that a worker has taken, and what a decision about its result rests on.
public struct ClaimedJob: Sendable {
    /// What the worker shows when it writes.
    public let claim: Claim
    /// The job as it stands.
    public let job: Job
    /// The rows, in the order in which they came to the data set.
    public let examples: [Example]
    /// What a decision about its result rests on.
    public let ground: DecisionGround

    /// The version that is live now.
    public var live: LiveVersion? { ground.live }
    /// The model's golden cases.
    public var golden: GoldenCases { ground.golden }

    package init(claim: Claim, job: Job, examples: [Example], ground: DecisionGround) {
        self.claim = claim
        self.job = job
        self.examples = examples
        self.ground = ground
    }
}

/// What a decision about a new version of a model rests on; it is void once any of it has changed.
public struct DecisionGround: Sendable, Equatable {
    /// The version that is live.
    public let live: LiveVersion?
    /// The version that none may fall far behind; nil where that is the live one.
    public let anchor: LiveVersion?
    /// What earlier decisions left.
    public let history: DecisionHistory
    /// The model's golden cases.
    public let golden: GoldenCases
    /// The number that the next version gets.
    public let nextVersion: Int

    package init(
        live: LiveVersion?,
        anchor: LiveVersion?,
        history: DecisionHistory,
        golden: GoldenCases,
        nextVersion: Int
    ) {
        self.live = live
        self.anchor = anchor
        self.history = history
        self.golden = golden
        self.nextVersion = nextVersion
    }
}

/// How often versions of a model were compared, refused and made live, and by what.
public struct DecisionHistory: Sendable, Equatable {
    /// The version that none may fall far behind; nil before the first version is live.
    public var anchor: Int?
    /// How often evidence has refused a version since the last promotion.
    public var refusals: Int
    /// How often a version was compared with the live one.
    public var looks: Int
    /// How often a version was compared since the anchor was set.
    public var anchorLooks: Int

    /// Makes a history.
    public init(anchor: Int?, refusals: Int = 0, looks: Int = 0, anchorLooks: Int = 0) {
        self.anchor = anchor
        self.refusals = refusals
        self.looks = looks
        self.anchorLooks = anchorLooks
    }
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

/// How a job ends that makes no version.
public enum JobEnding: Sendable, Equatable {
    /// It failed.
    case failed(JobFailure)
    /// It was cancelled.
    case cancelled
}

/// What a worker hands in.
public struct Publication: Sendable {
    /// The checkpoint's bytes.
    public var checkpoint: [UInt8]
    /// Their SHA-256 as hexadecimal digits.
    public var digest: String
    /// What was measured, a JSON document.
    public var metrics: [UInt8]
    /// How the version came about, step by step, a JSON document.
    public var report: [UInt8]?
    /// What its network said of rows that it had not learnt from.
    public var heldOut: [HeldOutAnswer]
    /// The program that made it.
    public var toolVersion: String?
    /// Whether it is to be live.
    public var decision: Decision

    /// Makes a publication.
    public init(
        checkpoint: [UInt8],
        digest: String,
        metrics: [UInt8],
        report: [UInt8]? = nil,
        heldOut: [HeldOutAnswer] = [],
        toolVersion: String? = nil,
        decision: Decision
    ) {
        self.checkpoint = checkpoint
        self.digest = digest
        self.metrics = metrics
        self.report = report
        self.heldOut = heldOut
        self.toolVersion = toolVersion
        self.decision = decision
    }
}

/// Whether a version is to be live, and what that was decided against.
public struct Decision: Sendable, Equatable {
    /// Whether it is to be live.
    public var isPromoted: Bool
    /// Why, in words and figures.
    public var reason: String
    /// The version that was live.
    public var comparedWith: Int?
    /// The revision of the golden cases.
    public var goldenRevision: Int
    /// The history that it knew, the number it gave the version, and the history that it leaves;
    /// nil for a decision that looked at no evidence.
    public var evidence: Evidence?

    /// What a decision by evidence knew, and leaves.
    public struct Evidence: Sendable, Equatable {
        /// The history that it knew.
        public var before: DecisionHistory
        /// The history that it leaves.
        public var after: DecisionHistory
        /// The number that it gave the version.
        public var version: Int

        /// Describes a decision by evidence.
        public init(before: DecisionHistory, after: DecisionHistory, version: Int) {
            self.before = before
            self.after = after
            self.version = version
        }
    }

    /// Makes a decision.
    public init(
        isPromoted: Bool,
        reason: String,
        comparedWith: Int?,
        goldenRevision: Int,
        evidence: Evidence? = nil
    ) {
        self.isPromoted = isPromoted
        self.reason = reason
        self.comparedWith = comparedWith
        self.goldenRevision = goldenRevision
        self.evidence = evidence
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
    /// Who had it.
    public let worker: String
    /// How long that worker might be silent.
    public let lease: Duration
    /// `queued`, or `failed` after the last attempt, or `cancelled` if that was asked for.
    public let state: JobState

    package init(id: String, worker: String, lease: Duration, state: JobState) {
        self.id = id
        self.worker = worker
        self.lease = lease
        self.state = state
    }
}
