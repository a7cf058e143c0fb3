internal import Store

/// Whether a trainer's process still works, by what it reports to the store and what it does.
///
/// Times are of a clock that nobody can set.
struct TrainerPulse: Sendable {
    /// What can be seen of a process at one moment.
    struct Sign: Sendable {
        /// Its job; nil while it has none.
        var job: String?
        var run: UnfinishedJob.Run?
        /// The CPU time that it has taken, in any unit; nil if that is not told.
        var processorTicks: Int?
    }

    /// How long a process without a job may take to get one, or to end.
    static let patience = Duration.seconds(60)

    private var last = Sign()
    private var reportedAt: Duration
    private var workedAt: Duration
    private var now: Duration

    /// Begins with a process that has just started.
    init(at time: Duration) {
        reportedAt = time
        workedAt = time
        now = time
    }

    /// Takes note of what can be seen now.
    mutating func note(_ sign: Sign, at time: Duration) {
        now = time
        if sign.job != last.job || sign.run != last.run { reportedAt = time }
        let isTold = sign.processorTicks != nil
        if !isTold || sign.processorTicks != last.processorTicks { workedAt = time }
        last = sign
    }

    /// How long it has not reported.
    var silence: Duration { now - reportedAt }

    /// How long it has done nothing at all: it is stopped, or waits for something.
    var idleness: Duration { now - workedAt }

    /// How long it may be silent.
    var lease: Duration { last.run?.lease ?? Self.patience }

    /// Whether its time is over.
    var isOverdue: Bool { silence >= lease }

    /// Whether it can be told to hang without asking the store, which it may have locked.
    ///
    /// A worker never waits so long for a store that others have locked.
    var isStuck: Bool { isOverdue && idleness >= lease / 2 }

    /// Whether something is wrong with it, though its time is not over yet.
    ///
    /// The end of a large job takes its time without reports, but not without work.
    var isStalled: Bool {
        min(silence, idleness) >= .seconds(5) || silence >= lease / 2
    }
}
