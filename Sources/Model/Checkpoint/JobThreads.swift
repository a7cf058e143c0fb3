/// How many threads a training job takes that does not say how many; they never change the result.
public struct JobThreads: Equatable, Sendable {
    /// Jobs of fewer rows are short: they end within seconds.
    public static let rowsOfLongJobs = 2_000

    /// Threads of a job of at least `rowsOfLongJobs` rows.
    public let long: Int
    /// Threads of a job of fewer rows.
    public let short: Int

    /// The threads of long and of short jobs, from 1 to `TrainingOptions.allowedThreads`'s end.
    public init(long: Int, short: Int) {
        self.long = long
        self.short = short
    }

    /// The same number of threads for every job.
    public init(of threads: Int) {
        self.init(long: threads, short: threads)
    }

    /// For jobs on a machine of `processors` that also runs a server.
    ///
    /// Long jobs leave one processor to the server. Short ones take all: somebody waits for them,
    /// and the server gets its processors back within seconds.
    public init(besideServerOn processors: Int) {
        let useful = TrainingOptions.usefulThreads
        self.init(long: min(max(processors - 1, 1), useful), short: min(processors, useful))
    }

    /// What each of `count` jobs at a time gets, at least one thread.
    public func shared(between count: Int) -> JobThreads {
        JobThreads(long: max(1, long / count), short: max(1, short / count))
    }

    /// Threads of a job of `rows` rows.
    public func count(rows: Int) -> Int {
        rows < Self.rowsOfLongJobs ? short : long
    }
}
